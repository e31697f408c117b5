// The executable among a node's plugins: there is a whole one at any moment, whatever happens.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, executable } from '../call.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync('/run/bin-');
});
afterEach(() => rmSync(directory, { recursive: true }));

const old = '#!/bin/sh\necho the plugin that was there before\n';
const hash = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
const current = hash(readFileSync(executable));

const target = () => join(directory, 'veth');
const read = (name: string) => hash(readFileSync(join(directory, name)));

function run(program: string, ...args: readonly string[]): Answer {
  const { status, stdout, stderr } = spawnSync(program, [...args, '--bin-dir', directory], {
    encoding: 'utf8',
    env: {},
  });
  return { status, stdout, stderr };
}
const veth = (...args: readonly string[]) => run(executable, ...args);

function putOld(): void {
  writeFileSync(target(), old, { mode: 0o755 });
}

describe('install', () => {
  test('copies the executable, which runs from there', () => {
    expect(veth('install')).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(directory)).toEqual(['veth']);
    expect(read('veth')).toBe(current);
    expect(run(target(), 'uninstall')).toMatchObject({ status: 0 });
    expect(readdirSync(directory)).toEqual([]);
  });

  test('keeps what was there', () => {
    putOld();
    expect(veth('install').stdout).toContain(`kept as ${target()}.previous`);
    expect([read('veth'), read('veth.previous')]).toEqual([current, hash(old)]);
    expect(statSync(target()).mode & 0o777).toBe(0o755);
  });

  test('repeated, still has what was there before the first time', () => {
    putOld();
    veth('install');
    expect(veth('install').stdout).toContain('this version already');
    expect([read('veth'), read('veth.previous')]).toEqual([current, hash(old)]);
  });

  test('into a directory that is not there is refused, and says what to do', () => {
    const { status, stderr } = spawnSync(executable, ['install', '--bin-dir', join(directory, 'nowhere')], {
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^veth install: cannot open .*nowhere.*; make it, or name another with --bin-dir\n$/);
  });

  test('over the same file, which nobody may run, makes it a plugin', () => {
    copyFileSync(executable, target());
    chmodSync(target(), 0o644);
    expect(veth('install').stdout).toContain('installed');
    expect(statSync(target()).mode & 0o777).toBe(0o755);
  });

  test('over a program that runs leaves that one running', async () => {
    copyFileSync('/bin/sleep', target());
    const child = spawn(target(), ['infinity']);
    await once(child, 'spawn');
    expect(() => writeFileSync(target(), '')).toThrow('ETXTBSY');
    expect(veth('install').status).toBe(0);
    expect(run(target(), 'uninstall').status).toBe(0);
    expect(read('veth')).toBe(hash(readFileSync('/bin/sleep')));
    expect(child.exitCode).toBe(null);
    child.kill();
    expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
  });

  test('of two versions at a time makes one wait for the other', async () => {
    const other = join(mkdtempSync('/run/other-'), 'veth');
    copyFileSync(executable, other);
    // Behind its end there is nothing that the program reads.
    appendFileSync(other, 'another version');
    putOld();
    const lock = spawn('flock', [directory, 'sh', '-c', 'echo locked && cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(lock.stdout, 'data');
    const installing = [executable, other].map(program => spawn(program, ['install', '--bin-dir', directory]));
    const ended = Promise.all(installing.map(child => once(child, 'exit')));
    for (const { pid } of installing) while (!isWaiting(pid!)) await delay(10);
    expect(readdirSync(directory)).toEqual(['veth']);
    lock.stdin.end();
    expect(await ended).toEqual([
      [0, null],
      [0, null],
    ]);
    expect(readdirSync(directory).sort()).toEqual(['veth', 'veth.previous']);
    // The later one has kept the earlier one, and that one is whole.
    expect([read('veth'), read('veth.previous')].sort()).toEqual([current, hash(readFileSync(other))].sort());
  });

  /** True where a process stands in line for a lock. */
  function isWaiting(pid: number): boolean {
    return new RegExp(`-> FLOCK .* ${pid} `).test(readFileSync('/proc/locks', 'utf8'));
  }

  test.each(['veth', 'veth.previous', '.veth.temporary'])(
    'where a directory is %s is refused, and changes nothing',
    name => {
      if (name !== 'veth') putOld();
      mkdirSync(join(directory, name, 'inner'), { recursive: true });
      const before = readdirSync(directory);
      const problem = `${join(directory, name)} is a directory; move it away, or name another directory with --bin-dir`;
      for (const command of ['install', 'uninstall'])
        expect(veth(command, ...(command === 'uninstall' ? ['--force', '--all'] : []))).toEqual({
          status: 2,
          stdout: '',
          stderr: `veth ${command}: ${problem}\n`,
        });
      expect(readdirSync(directory)).toEqual(before);
      expect(readdirSync(join(directory, name))).toEqual(['inner']);
    },
  );

  test('where something else that is no file has the name is refused', () => {
    spawnSync('mkfifo', [target()]);
    expect(veth('install')).toMatchObject({ status: 2, stderr: expect.stringContaining(`${target()} is no file;`) });
    expect(lstatSync(target()).isFIFO()).toBe(true);
  });

  test('into a directory that is a symbolic link goes where that leads', () => {
    const link = `${directory}.link`;
    symlinkSync(directory, link);
    expect(spawnSync(executable, ['install', '--bin-dir', link]).status).toBe(0);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(read('veth')).toBe(current);
    rmSync(link);
  });

  test('where the disk is full leaves what was there, and nothing else', () => {
    const full = join(directory, 'full');
    mkdirSync(full);
    const script = `mount -t tmpfs -o size=20m tmpfs ${full} && echo old > ${full}/veth
      ${executable} install --bin-dir ${full} && exit 9
      ls -A ${full} && cat ${full}/veth`;
    const { status, stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stderr).toMatch(/ENOSPC/);
    expect(stdout).toBe('veth\nold\n');
  });

  test('with --stay can be told to end as soon as it says what it did', async () => {
    const child = spawn(executable, ['install', '--stay', '--bin-dir', directory], { env: {} });
    child.stdout.once('data', () => child.kill('SIGTERM'));
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('with --stay runs until it is told to end, and lets others install meanwhile', async () => {
    const child = spawn(executable, ['install', '--stay', '--bin-dir', directory], { env: {} });
    const [said] = await once(child.stdout, 'data');
    expect(`${said}`).toContain('installed');
    expect(veth('install').stdout).toContain('this version already');
    expect(child.exitCode).toBe(null);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  describe.each(['a file', 'nothing', 'this very program'])('over a symbolic link to %s', to => {
    const elsewhere = () => join(directory, 'elsewhere');
    beforeEach(() => {
      if (to === 'a file') writeFileSync(elsewhere(), old);
      if (to === 'this very program') copyFileSync(executable, elsewhere());
      symlinkSync('elsewhere', target());
    });

    test('puts a file in its place, leaves alone where it led, and keeps it', () => {
      const there = readdirSync(directory);
      expect(veth('install').stdout).toContain(`kept as ${target()}.previous`);
      expect(lstatSync(target()).isFile()).toBe(true);
      expect(read('veth')).toBe(current);
      expect(readlinkSync(`${target()}.previous`)).toBe('elsewhere');
      if (to === 'a file') expect(read('elsewhere')).toBe(hash(old));
      expect(veth('uninstall').stdout).toContain('is what it was before');
      expect(readlinkSync(target())).toBe('elsewhere');
      expect(readdirSync(directory)).toEqual(there);
    });

    test('is not what uninstall takes away', () => {
      expect(veth('uninstall')).toMatchObject({ status: 2, stderr: expect.stringContaining('--force') });
      expect(readlinkSync(target())).toBe('elsewhere');
    });
  });

  // The calls that change something; "?" where not every machine has it. Of the fifty that write, every ninth.
  const calls = [
    ['write', 9],
    ['?chmod,fchmodat', 1],
    ['fsync', 1],
    ['?unlink,unlinkat', 1],
    ['?link,linkat', 1],
    ['?rename,renameat', 1],
  ] as const;

  test.each(calls)(
    'killed at %s leaves the old file or the new one, whole, and the next run completes it',
    (call, step) => {
      for (let count = 1; ; count += step) {
        rmSync(`${target()}.previous`, { force: true });
        putOld();
        const { signal, status } = strace(`trace=${call}`, `inject=${call}:signal=SIGKILL:when=${count}`);
        const found = read('veth');
        if (signal !== 'SIGKILL') {
          expect({ found, status }).toEqual({ found: current, status: 0 });
          // It was killed on its way here.
          expect(count).toBeGreaterThan(1);
          return;
        }
        expect([hash(old), current]).toContain(found);
        expect(veth('install').status).toBe(0);
        expect(readdirSync(directory).sort()).toEqual(['veth', 'veth.previous']);
        expect([read('veth'), read('veth.previous')]).toEqual([current, hash(old)]);
      }
    },
  );

  function strace(...expressions: readonly string[]) {
    const options = expressions.flatMap(expression => ['-e', expression]);
    const args = ['-f', '-qq', '-o', '/dev/null', ...options, executable, 'install', '--bin-dir', directory];
    const { signal, status, error } = spawnSync('strace', args, { encoding: 'utf8' });
    if (error) throw error;
    return { signal, status };
  }
});

describe('uninstall', () => {
  test('puts back what was there', () => {
    putOld();
    veth('install');
    expect(veth('uninstall').status).toBe(0);
    expect(readdirSync(directory)).toEqual(['veth']);
    expect(read('veth')).toBe(hash(old));
  });

  test('with --all takes away what was there, too', () => {
    putOld();
    veth('install');
    expect(veth('uninstall', '--all').status).toBe(0);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('leaves a file alone that is another version or another program, unless forced', () => {
    putOld();
    expect(veth('uninstall')).toMatchObject({ status: 2, stderr: expect.stringContaining('--force') });
    expect(read('veth')).toBe(hash(old));
    expect(veth('uninstall', '--force').status).toBe(0);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('where nothing is installed is no error', () => {
    expect(veth('uninstall').status).toBe(0);
  });
});
