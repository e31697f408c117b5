import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { opened } from '../../../tools/test/open-files.ts';
import { NetNs, type NetNsErrorReason } from './index.ts';

function adopt(namespace: NetNs): NetNs {
  onTestFinished(() => namespace.close());
  return namespace;
}

const error = (reason: NetNsErrorReason, words: string) =>
  expect.objectContaining({ name: 'NetNsError', reason, message: expect.stringContaining(words) });

/** A waiting process in a namespace of its own. */
async function startInNamespace(): Promise<ChildProcess & { pid: number }> {
  const child = spawn('unshare', ['--net', 'sh', '-c', 'echo; exec sleep 60']);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child as typeof child & { pid: number };
}

/** A path in a new folder. */
function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'netns-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'file');
}

test("a process's namespace is opened by path and by process ID", async () => {
  const { pid } = await startInNamespace();
  const path = `/proc/${pid}/ns/net`;
  const namespace = adopt(NetNs.open(path));
  expect(`net:[${namespace.id.split(':')[2]}]`).toBe(readlinkSync(path));
  expect(adopt(NetNs.openPid(pid)).equals(namespace)).toBe(true);
});

test('a namespace outlives the process that it was opened by', async () => {
  const child = await startInNamespace();
  const namespace = adopt(NetNs.openPid(child.pid));
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(() => NetNs.openPid(child.pid)).toThrow(error('not-found', `/proc/${child.pid}/ns/net: open: ENOENT`));
  expect(namespace.run(() => namespace.isCurrent())).toBe(true);
});

test('a descriptor by which a namespace is opened remains the caller’s', () => {
  const fd = openSync('/proc/thread-self/ns/net', 'r');
  NetNs.fromFd(fd).close();
  closeSync(fd);
});

test('every new namespace is another one', () => {
  const [one, other] = [adopt(NetNs.create()), adopt(NetNs.create())];
  expect(one.equals(adopt(NetNs.fromFd(one.fd)))).toBe(true);
  expect(one.equals(other)).toBe(false);
});

test('only the namespace that the thread is in is current', () => {
  expect(adopt(NetNs.current()).isCurrent()).toBe(true);
  expect(adopt(NetNs.openPid(process.pid)).isCurrent()).toBe(true);
  expect(adopt(NetNs.create()).isCurrent()).toBe(false);
});

test('a path that leads nowhere is told', () => {
  expect(() => NetNs.open('/run/netns/gone')).toThrow(error('not-found', '/run/netns/gone: open: ENOENT'));
  expect(() => NetNs.open('gone')).toThrow(/gone: open: ENOENT .*; a name is opened by openName$/);
  expect(() => NetNs.open('/etc/passwd/x')).toThrow(error('not-found', '/etc/passwd/x: open: ENOTDIR'));
  expect(() => NetNs.fromFd(-1)).toThrow(error('not-found', '/proc/self/fd/-1: open: ENOENT'));
});

test('an empty file is told to be what a missing mount leaves', () => {
  const path = newPath();
  writeFileSync(path, '');
  expect(() => NetNs.open(path)).toThrow(error('not-mounted', `${path} is an empty file`));
});

test.each(['/etc/passwd', '/etc', '/dev/null'])('%s is told to be no namespace', path => {
  expect(() => NetNs.open(path)).toThrow(error('not-a-network-namespace', `${path} is no namespace`));
});

test('a FIFO is told to be no namespace, and not waited on', () => {
  const path = newPath();
  spawnSync('mkfifo', [path]);
  expect(() => NetNs.open(path)).toThrow(error('not-a-network-namespace', `${path} is no namespace`));
});

test('a namespace of another kind is told', () => {
  const path = '/proc/self/ns/mnt';
  expect(() => NetNs.open(path)).toThrow(error('not-a-network-namespace', `${path} is a namespace of another kind`));
});

test('the first process is one like any other', () => {
  using first = NetNs.openPid(1);
  expect(first.id).toMatch(/^\d+:\d+:\d+$/);
});

test.each([0, -1, 1.5, Number.NaN])('%d is told to be no process ID', pid => {
  expect(() => NetNs.openPid(pid)).toThrow(new TypeError(`${pid} is no process ID: a whole number from 1`));
});

test('what could not be opened leaves no descriptor open', () => {
  const files = opened();
  expect(() => NetNs.open('/proc/self/ns/mnt')).toThrow();
  expect(() => NetNs.open('/etc/passwd')).toThrow();
  expect(files()).toEqual([]);
});

test('a handle closes its file, once', () => {
  const namespace = NetNs.create();
  const file = `/proc/self/fd/${namespace.fd}`;
  namespace.close();
  expect(existsSync(file)).toBe(false);
  namespace.close();
  expect(() => namespace.fd).toThrow(error('closed', 'was closed'));
  expect(() => namespace.run(() => {})).toThrow(error('closed', 'was closed'));
});

test('a handle is closed at the end of its scope', () => {
  let file = '';
  {
    using namespace = NetNs.create();
    file = `/proc/self/fd/${namespace.fd}`;
    expect(existsSync(file)).toBe(true);
  }
  expect(existsSync(file)).toBe(false);
});

test('children do not inherit a handle', () => {
  const namespace = adopt(NetNs.create());
  const link = readlinkSync(`/proc/self/fd/${namespace.fd}`);
  const { stdout } = spawnSync('sh', ['-c', 'readlink /proc/self/fd/*'], { encoding: 'utf8' });
  expect(stdout).not.toContain(link);
});

test('who lacks CAP_SYS_ADMIN is told so', () => {
  const script = `
    import { NetNs } from '${import.meta.dirname}/index.ts';
    for (const action of [() => NetNs.create(), () => NetNs.current().run(() => {})])
      try { action(); } catch (error) { console.log(error.reason, error.message); }
  `;
  const drop = ['--bounding-set=-sys_admin', '--inh-caps=-sys_admin'];
  const command = [process.execPath, '--conditions=@spider/source', '-e', script];
  const { stdout } = spawnSync('setpriv', [...drop, ...command], { encoding: 'utf8' });
  const [created, entered] = stdout.split('\n');
  expect(created).toBe(
    'no-permission cannot create a network namespace: unshare: EPERM (Operation not permitted); that takes CAP_SYS_ADMIN',
  );
  expect(entered).toMatch(
    /^no-permission cannot enter network namespace .*: setns: EPERM .*; that takes CAP_SYS_ADMIN/,
  );
});
