import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import {
  AF_INET,
  bind,
  CLONE_NEWNET,
  close,
  LinuxError,
  O_CLOEXEC,
  SOCK_DGRAM,
  setns,
  socket,
  unshare,
} from '@spider/libc';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { opened } from '../../../tools/test/open-files.ts';
import { NetNs } from './index.ts';

const whereabouts = () => readlinkSync('/proc/thread-self/ns/net');
const home = whereabouts();

let pod: NetNs;
let podInode: string;
beforeAll(() => {
  pod = NetNs.create();
  podInode = `net:[${pod.id.split(':')[2]}]`;
});
afterAll(() => pod.close());
afterEach(() => expect(whereabouts()).toBe(home));

describe('run', () => {
  test('runs its action in the namespace, and returns what that returns', () => {
    expect(pod.run(whereabouts)).toBe(podInode);
  });

  test('lets errors through', () => {
    const error = new Error('from inside');
    const failing = (): never => {
      throw error;
    };
    expect(() => pod.run(failing)).toThrow(error);
  });

  test('comes back to where it was when visits are nested', () => {
    const other = NetNs.create();
    onTestFinished(() => other.close());
    const seen = pod.run(() => [whereabouts(), other.run(whereabouts), whereabouts()]);
    expect(seen).toEqual([podInode, `net:[${other.id.split(':')[2]}]`, podInode]);
  });

  test('comes back step by step from an error in a nested visit', () => {
    const other = NetNs.create();
    onTestFinished(() => other.close());
    const seen = pod.run(() => {
      expect(() => other.run(() => JSON.parse('{'))).toThrow(SyntaxError);
      return whereabouts();
    });
    expect(seen).toBe(podInode);
  });

  test('comes back to where libc has moved the thread since the last visit', () => {
    using before = NetNs.current();
    unshare(CLONE_NEWNET);
    try {
      const moved = whereabouts();
      expect(moved).not.toBe(home);
      expect([pod.run(whereabouts), whereabouts()]).toEqual([podInode, moved]);
      close(pod.socket(AF_INET, SOCK_DGRAM, 0));
      expect(whereabouts()).toBe(moved);
      NetNs.create().close();
      expect(whereabouts()).toBe(moved);
    } finally {
      setns(before.fd, CLONE_NEWNET);
    }
  });

  test('leaves no file open, whether it succeeds or not', () => {
    const files = opened();
    for (let i = 0; i < 10; i++) {
      pod.run(() => {});
      expect(() => pod.run(() => JSON.parse('{'))).toThrow(SyntaxError);
      expect(() => pod.socket(-1, SOCK_DGRAM, 0)).toThrow(LinuxError);
      NetNs.create().close();
    }
    expect(files()).toEqual([]);
  });

  test('a namespace created during a visit is no visit of its own', () => {
    const seen = pod.run(() => {
      NetNs.create().close();
      return whereabouts();
    });
    expect(seen).toBe(podInode);
  });

  test('a namespace that closes itself is left all the same', () => {
    const other = NetNs.create();
    other.run(() => other.close());
  });

  test('starts processes in the namespace', () => {
    const { stdout } = pod.run(() => spawnSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }));
    expect(stdout.trim()).toBe(podInode);
  });

  test('does not begin an async function', () => {
    let begun = false;
    const action = async () => {
      begun = true;
    };
    // @ts-expect-error The types refuse it too.
    expect(() => pod.run(action)).toThrow(TypeError);
    expect(begun).toBe(false);
  });

  test('refuses an action that returns a promise, and swallows what becomes of it', async () => {
    // An unhandled rejection would fail the test run.
    // @ts-expect-error The types refuse it too.
    expect(() => pod.run(() => Promise.reject(new Error('late')))).toThrow('run takes a synchronous function');
    await new Promise(resolve => setTimeout(resolve, 10));
  });

  test('refuses whatever can be awaited', () => {
    // biome-ignore lint/suspicious/noThenProperty: this is what is tested
    const action = () => ({ then: () => {} }) as unknown;
    expect(() => pod.run(action)).toThrow('run takes a synchronous function');
  });

  test('ends the process when the thread cannot come back', () => {
    const script = `
      import { closeSync, readdirSync, readlinkSync } from 'node:fs';
      import { NetNs } from '${import.meta.dirname}/index.ts';
      const home = readlinkSync('/proc/thread-self/ns/net');
      const isHome = fd => { try { return readlinkSync('/proc/self/fd/' + fd) === home; } catch {} };
      process.on('exit', () => console.log('a handler ran'));
      try {
        NetNs.create().run(() => readdirSync('/proc/self/fd').filter(isHome).forEach(fd => closeSync(Number(fd))));
      } finally {
        console.log('the program went on');
      }
    `;
    const command = ['--conditions=@spider/source', '-e', script];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    expect(stderr).toBe(
      'Cannot come back from a network namespace: setns: EBADF (Bad file descriptor). ' +
        'The process ends, lest it work in the wrong one.\n',
    );
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  });
});

describe('socket', () => {
  // struct sockaddr_in: family, any port, 192.0.2.1, which only the pod has
  const address = Uint8Array.of(AF_INET, 0, 0, 0, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0);
  beforeAll(() => void pod.run(() => spawnSync('ip', ['address', 'add', '192.0.2.1/32', 'dev', 'lo'])));

  test('stays in the namespace that it was opened in', () => {
    const inside = pod.socket(AF_INET, SOCK_DGRAM, 0);
    const outside = socket(AF_INET, SOCK_DGRAM, 0);
    onTestFinished(() => [inside, outside].forEach(close));
    bind(inside, address);
    expect(() => bind(outside, address)).toThrow('bind: EADDRNOTAVAIL');
  });

  test('is not inherited by children', () => {
    const fd = pod.socket(AF_INET, SOCK_DGRAM, 0);
    onTestFinished(() => close(fd));
    const flags = /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] as string;
    expect(Number.parseInt(flags, 8) & O_CLOEXEC).toBe(O_CLOEXEC);
  });

  test('that cannot be opened is told in the words of libc', () => {
    expect(() => pod.socket(-1, SOCK_DGRAM, 0)).toThrow('socket: EAFNOSUPPORT');
  });
});
