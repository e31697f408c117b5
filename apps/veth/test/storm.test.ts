// What a node goes through: many pods at once, and their one log file.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNamespace, inside, ip, type Namespace, removeNamespace, run } from '../../../tools/lab/namespace.ts';
import { settle, state } from '../../../tools/lab/state.ts';
import { call, executable, variables } from './call.ts';

const pods = 50;
let node: Namespace;
const namespaces: Namespace[] = [];

/** A node with a bridge for its LAN, and pods whose eth0 is plugged into it. */
beforeAll(() => {
  node = createNamespace('storm-node');
  ip(node, ['link add lan up type bridge', 'address add 10.6.0.1/16 dev lan', 'address add fd00:10:6::1/64 dev lan']);
  for (let i = 0; i < pods; i++) {
    const pod = createNamespace(`storm-pod${i}`);
    ip(node, [`link add port${i} master lan up type veth peer name eth0 netns ${pod.name}`]);
    ip(pod, ['link set eth0 up', `address add 10.6.1.${i}/16 dev eth0`, `address add fd00:10:6::1:${i}/64 dev eth0`]);
    namespaces.push(pod);
  }
  settle(node);
});
afterAll(() => {
  for (const namespace of [...namespaces, node]) removeNamespace(namespace);
});

const idOf = (pod: Namespace) => `id-of-${pod.name}`;
const confOf = (pod: Namespace, ifName = 'eth0') => ({
  cniVersion: '1.0.0',
  name: 'underlay',
  type: 'veth',
  cluster_cidr: ['10.244.0.0/16', 'fd00:10:244::/56'],
  prevResult: { cniVersion: '1.0.0', interfaces: [{ name: ifName, sandbox: pod.path }] },
});

interface Options {
  /** Asks it to end while it waits. */
  readonly terminate?: boolean;
  /** More keys of the configuration. */
  readonly keys?: object;
  readonly ifName?: string;
}

/** Starts a call and waits for its end. */
async function start(
  command: string,
  pod: Namespace,
  { terminate, keys, ifName = 'eth0' }: Options = {},
): Promise<{ status: number | null; stdout: string }> {
  const [program = '', ...args] = inside(node, [executable]);
  const child = spawn(program, args, {
    env: variables(command, idOf(pod), pod.path, ifName),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify({ ...confOf(pod, ifName), ...keys }));
  const [stdout, [status]] = await Promise.all([
    text(child.stdout),
    once(child, 'exit'),
    terminate && interrupt(child),
  ]);
  return { status, stdout };
}

/** Asks a process to end half a second after it has begun to listen to that, which on a busy machine is any time. */
async function interrupt({ pid }: ChildProcess): Promise<void> {
  // proc_pid_status(5): a bit for each signal that is caught.
  const caught = () => BigInt(`0x${/^SigCgt:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]}`);
  while (!(caught() & (1n << BigInt(constants.signals.SIGTERM - 1)))) await sleep(10);
  await sleep(500);
  process.kill(pid!, 'SIGTERM');
}

/** What the node has, but for the order in which interfaces were made. */
const nodeState = () =>
  JSON.stringify(state(node))
    .replaceAll(/"\d+: /g, '"')
    .replaceAll(/@if\d+/g, '');

test('fifty ADDs at once and fifty DELs at once lose nothing and leave nothing', async () => {
  const before = nodeState();
  const added = await Promise.all(namespaces.map(pod => start('ADD', pod)));
  expect(added.filter(({ status }) => status !== 0)).toEqual([]);
  for (const pod of namespaces)
    expect(call(node, variables('CHECK', idOf(pod), pod.path), confOf(pod)), pod.name).toMatchObject({ status: 0 });
  const deleted = await Promise.all(namespaces.map(pod => start('DEL', pod)));
  expect(deleted.filter(({ status }) => status !== 0)).toEqual([]);
  expect(nodeState()).toEqual(before);
});

test('calls at once write whole lines to one log file, and lose none', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'veth-log-'));
  const file = join(directory, 'veth.log');
  const logged = { log_options: { log_level: 'debug', log_file: file } };
  const added = await Promise.all(namespaces.map(pod => start('ADD', pod, { keys: logged })));
  expect(added.filter(({ status }) => status !== 0)).toEqual([]);
  const events = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { msg: string });
  expect(events.filter(({ msg }) => msg === 'attached')).toHaveLength(pods);
  await Promise.all(namespaces.map(pod => start('DEL', pod)));
  rmSync(directory, { recursive: true });
});

test('and lose none while the file reaches its size and is put aside', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'veth-log-'));
  const file = join(directory, 'veth.log');
  const filler = `${JSON.stringify({ msg: 'x'.repeat(990) })}\n`;
  writeFileSync(file, filler.repeat(999));
  const logged = { log_options: { log_level: 'debug', log_file: file, log_max_size: 1 } };
  const added = await Promise.all(namespaces.map(pod => start('ADD', pod, { keys: logged })));
  expect(added.filter(({ status }) => status !== 0)).toEqual([]);
  const files = readdirSync(directory);
  expect(files.length).toBeGreaterThan(1);
  const events = files.flatMap(name =>
    readFileSync(join(directory, name), 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { msg: string }),
  );
  expect(events.filter(({ msg }) => msg === 'attached')).toHaveLength(pods);
  await Promise.all(namespaces.map(pod => start('DEL', pod)));
  rmSync(directory, { recursive: true });
});

describe('a log file that cannot be written to fails no ADD:', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync('/run/veth-log-');
    mkdirSync(join(directory, 'directory'));
    for (const mounted of ['full', 'read-only']) mkdirSync(join(directory, mounted));
    symlinkSync('loop', join(directory, 'loop'));
    symlinkSync('/dev/full', join(directory, 'device'));
    for (const command of [
      ['mkfifo', join(directory, 'fifo')],
      ['mount', '-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', join(directory, 'full')],
      ['mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', join(directory, 'read-only')],
    ])
      run(command);
    writeFileSync(join(directory, 'full', 'filler'), 'x'.repeat(4096));
  });
  afterAll(() => {
    for (const mounted of ['full', 'read-only']) run(['umount', join(directory, mounted)]);
    rmSync(directory, { recursive: true });
  });

  test.each([
    ['its directory is missing', 'nowhere/veth.log'],
    ['it is a directory', 'directory'],
    ['the disk is full', 'full/veth.log'],
    ['nobody reads the pipe that it is', 'fifo'],
    ['its name is too long', 'x'.repeat(300)],
    ['its file system is read-only', 'read-only/veth.log'],
    ['it is a link to itself', 'loop'],
    ['it is a device that takes nothing', 'device'],
  ])('%s', async (_, name) => {
    const [pod] = namespaces as [Namespace];
    const keys = { log_options: { log_level: 'debug', log_file: join(directory, name) } };
    expect(await start('ADD', pod, { keys })).toMatchObject({ status: 0 });
    await start('DEL', pod);
  });
});

test('the NICs of a pod are attached at the same time, as containerd does it', async () => {
  const before = nodeState();
  const ifNames = ['eth0', 'net1', 'net2'];
  for (const pod of namespaces.slice(0, 5)) {
    for (const [i, ifName] of ifNames.slice(1).entries())
      ip(pod, [
        `link add ${ifName} type veth peer name peer${i}`,
        `link set peer${i} up`,
        `link set ${ifName} up`,
        `address add 10.${i + 7}.0.2/16 dev ${ifName}`,
      ]);
    const all = (command: string) => Promise.all(ifNames.map(ifName => start(command, pod, { ifName })));
    const fails = (answers: Awaited<ReturnType<typeof all>>) => answers.filter(({ status }) => status !== 0);
    expect(fails(await all('ADD'))).toEqual([]);
    expect(fails(await all('CHECK'))).toEqual([]);
    for (const ifName of ifNames) expect(await start('DEL', pod, { ifName })).toEqual({ status: 0, stdout: '' });
    for (const ifName of ifNames.slice(1)) ip(pod, [`link delete ${ifName}`]);
  }
  expect(nodeState()).toBe(before);
});

test('an ADD waits for another that is at work in the pod, and no longer than it is let', async () => {
  const [pod] = namespaces;
  const other = spawn('flock', [pod!.path, 'sleep', 'infinity'], { detached: true });
  while (spawnSync('flock', ['--nonblock', pod!.path, 'true']).status === 0) await sleep(10);
  try {
    const impatient = await start('ADD', pod!, { terminate: true });
    expect(impatient).toMatchObject({ status: 1, stdout: expect.stringContaining('"code": 11') });
    const patient = start('ADD', pod!);
    expect(await Promise.race([patient, sleep(500)])).toBeUndefined();
    process.kill(-other.pid!);
    expect(await patient).toMatchObject({ status: 0 });
    expect(await start('DEL', pod!)).toMatchObject({ status: 0 });
  } finally {
    if (other.exitCode === null && other.signalCode === null) process.kill(-other.pid!);
  }
});
