// The executable is one file that needs nothing beside it and trusts nothing in its working directory.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNamespace, ip, type Namespace, removeNamespace, show } from '../../../tools/lab/namespace.ts';
import { type Answer, executable, runIn, variables } from './call.ts';

let node: Namespace;
let pod: Namespace;
let directory: string;
beforeAll(() => {
  node = createNamespace('alone-node');
  pod = createNamespace('alone-pod');
  ip(node, ['link add lan up type veth peer name eth0 netns alone-pod', 'address add 10.6.0.10/16 dev lan']);
  ip(pod, ['link set eth0 up', 'address add 10.6.0.100/16 dev eth0']);
  directory = mkdtempSync(join(tmpdir(), 'veth-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
  removeNamespace(pod);
  removeNamespace(node);
});

const prevResult = { cniVersion: '1.0.0', interfaces: [{ name: 'eth0', sandbox: '/run/netns/alone-pod' }] };
const conf = JSON.stringify({
  cniVersion: '1.0.0',
  name: 'underlay',
  type: 'veth',
  cluster_cidr: ['10.244.0.0/16'],
  reply_path: {},
  prevResult,
});

/** ADD and DEL by a command that ends in running the plugin; both must succeed. */
function addAndDelete(command: readonly string[], cwd?: string): Answer {
  const added = runIn(node, command, { env: variables('ADD', 'alone', pod.path), input: conf, cwd });
  expect(added).toMatchObject({ status: 0, stderr: '' });
  expect(show(pod, 'route', 'show', '10.244.0.0/16')).toHaveLength(1);
  expect(runIn(node, command, { env: variables('DEL', 'alone', pod.path), input: conf, cwd })).toEqual({
    status: 0,
    stdout: '',
    stderr: '',
  });
  return added;
}

test('alone in an empty directory, with the CNI variables as its whole environment', () => {
  const lone = join(directory, 'lone');
  mkdirSync(lone);
  cpSync(executable, join(lone, 'veth'));
  addAndDelete([join(lone, 'veth')], lone);
});

test('on a file system that nothing can be written to', () => {
  const readOnly = 'mount -o remount,bind,ro / && ! touch /veth-test 2>/dev/null && exec "$@"';
  addAndDelete(['/usr/bin/unshare', '--mount', '/bin/sh', '-ec', readOnly, 'sh', executable]);
});

test('a bunfig.toml and an .env in the working directory change nothing', () => {
  const trap = join(directory, 'trap');
  mkdirSync(trap);
  const sprung = join(trap, 'sprung');
  writeFileSync(join(trap, 'spring.js'), `require('node:fs').writeFileSync(${JSON.stringify(sprung)}, '')`);
  writeFileSync(join(trap, 'bunfig.toml'), 'preload = ["./spring.js"]\n');
  writeFileSync(join(trap, '.env'), 'CNI_COMMAND=VERSION\nCNI_IFNAME=other\nBUN_OPTIONS=--preload ./spring.js\n');
  addAndDelete([executable], trap);
  expect(existsSync(sprung)).toBe(false);
});

test('called by hand it says on standard error what it is', () => {
  const { status, stdout, stderr } = runIn(node, [executable], { env: {}, input: '' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  expect(stderr).toMatch(/^CNI plugin veth v.*\nCNI protocol versions supported: 0\.1\.0, .*1\.1\.0\n.*--help/);
});

test('VERSION answers without reading standard input', () => {
  const { status, stdout } = runIn(node, [executable], { env: { CNI_COMMAND: 'VERSION' }, input: 'no JSON' });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ supportedVersions: expect.arrayContaining(['0.3.1', '1.1.0']) });
});
