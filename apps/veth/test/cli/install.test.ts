// The executable among a node's plugins: there is a whole one at any moment, whatever happens.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
    expect(stderr).toMatch(/^veth: cannot open .*nowhere.*; make it, or name another with --bin-dir\n$/);
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

  test('with --stay runs until it is told to end, and lets others install meanwhile', async () => {
    const child = spawn(executable, ['install', '--stay', '--bin-dir', directory], { env: {} });
    const [said] = await once(child.stdout, 'data');
    expect(`${said}`).toContain('installed');
    expect(veth('install').stdout).toContain('this version already');
    expect(child.exitCode).toBe(null);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  // The calls that change something; "?" where not every machine has it.
  const calls = ['copy_file_range', '?chmod,fchmodat', 'fsync', '?unlink,unlinkat', '?link,linkat', '?rename,renameat'];

  test.each(calls)('killed at %s leaves the old file or the new one, whole, and the next run completes it', call => {
    for (let count = 1; ; count++) {
      rmSync(`${target()}.previous`, { force: true });
      putOld();
      const { signal, status } = strace(`trace=${call}`, `inject=${call}:signal=SIGKILL:when=${count}`);
      const found = read('veth');
      if (signal !== 'SIGKILL') {
        expect({ found, status }).toEqual({ found: current, status: 0 });
        // It was killed once for each time that it came here.
        expect(count).toBeGreaterThan(1);
        return;
      }
      expect([hash(old), current]).toContain(found);
      expect(veth('install').status).toBe(0);
      expect(readdirSync(directory).sort()).toEqual(['veth', 'veth.previous']);
      expect([read('veth'), read('veth.previous')]).toEqual([current, hash(old)]);
    }
  });

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
