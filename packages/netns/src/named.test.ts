import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { flock, LOCK_EX } from '@spider/libc';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { opened } from '../../../tools/test/open-files.ts';
import { NetNs, NetNsError, type NetNsErrorReason } from './index.ts';
import { addName } from './named.ts';

if (process.env['SPIDER_SANDBOX'] !== '1')
  throw new Error(
    'These tests delete every named network namespace: run them with npm test, which does so in a sandbox',
  );

const error = (reason: NetNsErrorReason, words: string) =>
  expect.objectContaining({ name: 'NetNsError', reason, message: expect.stringContaining(words) });

function ip(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Number of mounts at /run/netns, without those of the machine itself, which the sandbox's own /run hides. */
function mounts(): number {
  const all = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
  const placed = all.map(line => line.split(' ')).map(([id, parent, , , place]) => ({ id, parent, place }));
  const within = new Set([placed.findLast(({ place }) => place === '/run')?.id]);
  for (const { id, parent, place } of placed) if (place === '/run/netns' && within.has(parent)) within.add(id);
  return within.size - 1;
}

/** Starts a program that creates a namespace with this name. */
function startCreating(name: string): ChildProcess {
  const script = `import { NetNs } from '${import.meta.dirname}/index.ts'; NetNs.createNamed('${name}').close();`;
  return spawn(process.execPath, ['--conditions=@spider/source', '-e', script]);
}

afterEach(() => {
  for (const name of NetNs.listNamed()) NetNs.deleteNamed(name);
  while (mounts() > 0) spawnSync('umount', ['/run/netns']);
});

describe('ip-netns(8)', () => {
  test('lists, enters and deletes what was created here', () => {
    using blue = NetNs.createNamed('blue');
    expect(ip('netns', 'list').trim()).toBe('blue');
    expect(ip('netns', 'exec', 'blue', 'readlink', '/proc/self/ns/net').trim()).toBe(`net:[${blue.id.split(':')[2]}]`);
    ip('netns', 'delete', 'blue');
    expect(NetNs.listNamed()).toEqual([]);
  });

  test('creates what is opened, listed and deleted here', () => {
    ip('netns', 'add', 'red');
    ip('-n', 'red', 'link', 'set', 'lo', 'up');
    {
      using red = NetNs.openName('red');
      expect(red.run(() => ip('link', 'show', 'lo', 'up'))).toContain('LOOPBACK');
    }
    expect(NetNs.listNamed()).toEqual(['red']);
    NetNs.deleteNamed('red');
    expect(ip('netns', 'list')).toBe('');
  });

  test('goes on where it was begun here, and the other way round', () => {
    NetNs.createNamed('one').close();
    ip('netns', 'add', 'two');
    NetNs.createNamed('three').close();
    expect(NetNs.listNamed()).toEqual(['one', 'three', 'two']);
    expect(mounts()).toBe(1);
  });
});

test('a name comes and goes in other mount namespaces as well', async () => {
  NetNs.createNamed('early').close();
  const elsewhere = spawn('unshare', ['--mount', '--propagation', 'unchanged', 'sh', '-c', 'echo; exec sleep 60']);
  onTestFinished(() => void elsewhere.kill('SIGKILL'));
  await once(elsewhere.stdout, 'data');
  const kindThere = (name: string) =>
    spawnSync('nsenter', ['--mount', '--target', `${elsewhere.pid}`, 'stat', '-f', '-c', '%T', `/run/netns/${name}`], {
      encoding: 'utf8',
    }).stdout.trim();
  NetNs.createNamed('late').close();
  expect(kindThere('late')).toBe('nsfs');
  NetNs.deleteNamed('early');
  expect(kindThere('early')).toBe('');
});

test('programs that begin at once mount the directory once', async () => {
  const programs = ['a', 'b', 'c', 'd'].map(startCreating);
  await Promise.all(programs.map(program => once(program, 'close')));
  expect(mounts()).toBe(1);
  for (const name of ['a', 'b', 'c', 'd']) NetNs.openName(name).close();
});

test('a program waits while another one mounts the directory', async () => {
  NetNs.createNamed('first').close();
  const directory = openSync('/run/netns', 'r');
  let program: ChildProcess;
  try {
    flock(directory, LOCK_EX);
    program = startCreating('second');
    // In /proc/locks, `->` marks a process that waits for the lock.
    const waiting = new RegExp(`-> FLOCK .* ${program.pid} `);
    await expect.poll(() => readFileSync('/proc/locks', 'utf8')).toMatch(waiting);
    expect(NetNs.listNamed()).toEqual(['first']);
  } finally {
    closeSync(directory);
  }
  await once(program, 'close');
  NetNs.openName('second').close();
});

test('a name is not left behind if nothing can be mounted there', () => {
  expect(() => addName('blue', -1)).toThrow(error('not-found', 'cannot name a network namespace blue: mount: ENOENT'));
  expect(NetNs.listNamed()).toEqual([]);
});

test('a name is given once', () => {
  using first = NetNs.createNamed('blue');
  expect(() => NetNs.createNamed('blue')).toThrow(error('exists', 'blue'));
  using still = NetNs.openName('blue');
  expect(still.equals(first)).toBe(true);
});

test('creating and deleting leaves no descriptor open', () => {
  NetNs.createNamed('first').close();
  const files = opened();
  NetNs.createNamed('second').close();
  expect(() => NetNs.createNamed('second')).toThrow(NetNsError);
  NetNs.deleteNamed('first');
  NetNs.deleteNamed('second');
  expect(files()).toEqual([]);
});

test('a handle keeps a namespace whose name is gone', () => {
  using blue = NetNs.createNamed('blue');
  NetNs.deleteNamed('blue');
  expect(blue.run(() => ip('link', 'show', 'lo'))).toContain('LOOPBACK');
  expect(() => NetNs.openName('blue')).toThrow(error('not-found', '/run/netns/blue'));
});

test('a name on which nothing is mounted is told when it is opened, and can be deleted', () => {
  mkdirSync('/run/netns', { recursive: true });
  writeFileSync('/run/netns/stale', '');
  expect(() => NetNs.openName('stale')).toThrow(error('not-mounted', '/run/netns/stale is an empty file'));
  NetNs.deleteNamed('stale');
  expect(NetNs.listNamed()).toEqual([]);
});

test('a name that is not there cannot be deleted', () => {
  expect(() => NetNs.deleteNamed('gone')).toThrow(error('not-found', 'cannot delete the network namespace gone'));
});

test('without the directory there are no names', () => {
  rmSync('/run/netns', { recursive: true, force: true });
  expect(NetNs.listNamed()).toEqual([]);
});

test.each(['', '.', '..', 'a/b', '../x', 'a\0b', 'ä'.repeat(128)])('%j is no name', name => {
  for (const action of [NetNs.createNamed, NetNs.openName, NetNs.deleteNamed])
    expect(() => action(name)).toThrow(`${JSON.stringify(name)} cannot name a network namespace`);
});
