// What `veth plan` prints is what ADD then does.
import type { WireResult } from '@spider/cni-skel';
import { beforeAll, expect, test } from 'vitest';
import { createLab, type Lab } from '../../../../tools/lab/lab.ts';
import { createNamespace, ip, type Namespace } from '../../../../tools/lab/namespace.ts';
import { underlay, veth as vethConf } from '../../../../tools/lab/networks.ts';
import { runtime } from '../../../../tools/lab/pod.ts';
import { state } from '../../../../tools/lab/state.ts';
import { namesOf } from '../../src/names.ts';
import { call, executable, runIn, variables } from '../call.ts';
import { veth, vethJson } from './call.ts';

let lab: Lab;
let prevResult: WireResult;
let pod: Namespace;
const containerID = 'plan-pod';
beforeAll(async () => {
  lab = await createLab('plan-');
  pod = createNamespace('plan-pod');
  prevResult = await runtime(lab.node).add(underlay(lab.node, lab.lan.ranges), {
    containerID,
    netns: pod.path,
    ifName: 'eth0',
  });
});

const args = ['plan', '--netns', '/run/netns/plan-pod', '--ifname', 'eth0', '--container-id', containerID];
const configuration = JSON.stringify({ ...vethConf, name: 'lan' });
interface Planned {
  readonly objects: readonly { action: string; text: string; difference?: string }[];
}
const planned = () => vethJson<Planned>(lab.node, args, configuration).objects;

test('the plan of a new pod makes all that is missing, and changes nothing itself', () => {
  const before = [state(lab.node), state(pod)];
  const { status, stdout } = veth(lab.node, args, configuration);
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^eth0 of \/run\/netns\/plan-pod, 10\.6\.\S+, fd00:10:6::\S+\n\+ link veth\w+ on the node, its peer veth0/,
  );
  expect(stdout).toContain('\n+ route 10.96.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.6.0.100 in the pod\n');
  expect(stdout).toContain('\n~ sysctl net/ipv4/conf/all/rp_filter = 0 in the pod: is 1\n');
  expect([state(lab.node), state(pod)]).toEqual(before);
});

test('ADD makes what was planned, after which the same plan keeps every object', () => {
  const before = planned();
  expect(before.map(({ action }) => action)).toContain('make');
  const conf = { ...vethConf, cniVersion: '0.3.1', name: 'lan', prevResult };
  expect(call(lab.node, variables('ADD', containerID, pod.path), conf)).toMatchObject({ status: 0 });
  const after = vethJson<Planned>(lab.node, args, JSON.stringify(conf)).objects;
  const kept = before.map(({ difference, ...object }) => ({ ...object, action: 'keep' }));
  // What was in the way is in it no more.
  expect(after).toEqual(kept.filter(({ text }) => !text.includes('/all/rp_filter')));
});

test('what is broken is to be made or changed again, and the pair tells whose it is', () => {
  ip(pod, ['route delete 10.96.0.0/16', 'link set veth0 down']);
  const { stdout } = veth(lab.node, args.slice(0, -2), configuration);
  expect(stdout).toContain('\n+ route 10.96.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.6.0.100 in the pod\n');
  expect(stdout).toContain('\n~ link veth0 up in the pod: up is false\n');
  expect(stdout).toContain(
    `\n= link ${namesOf(containerID).hostName} on the node, its peer veth0 in the pod, mtu 1500\n`,
  );
  expect(stdout).not.toContain('unknown');
});

test('what ADD would refuse is refused, in its words', () => {
  const { status, stderr } = veth(lab.node, args, '{ "type": "veth", "mtu": 3 }');
  expect(status).toBe(2);
  expect(stderr).toBe(
    'veth plan: ADD would be refused: code 7: network configuration: mtu: 3 is not an integer from 68 to 65535\n',
  );
});

test('a key that is unknown is told', () => {
  expect(veth(lab.node, args, '{ "type": "veth", "clustr_cidr": [] }').stdout).toContain(
    '\n! clustr_cidr: unknown key, ignored; did you mean cluster_cidr?\n',
  );
});

test.each([
  ['', 'this is no configuration: it is empty'],
  ['null', 'this is no configuration: null is not an object'],
  ['[]', 'this is no configuration: [] is not an object'],
  ['{ "plugins": null }', 'plugins: null is not a list'],
  ['{ "plugins": [null] }', 'the network has no plugin of type veth'],
  ['{ "type": "bridge" }', 'type: "bridge": this is the configuration of another plugin'],
])('%j is refused', (input, message) => {
  expect(veth(lab.node, args, input)).toEqual({ status: 2, stdout: '', stderr: `veth plan: ${message}\n` });
});

test('a terminal is not waited for', () => {
  const command = [executable, ...args].join(' ');
  const { stdout } = runIn(lab.node, ['script', '--quiet', '--return', '--command', command, '/dev/null'], {
    env: {},
    input: '',
  });
  expect(stdout).toContain('veth plan: the configuration is read from standard input: veth plan … < CONFIGURATION');
});

test('what is no configuration is refused', () => {
  expect(veth(lab.node, args, 'yaml: no').stderr).toMatch(/^veth plan: this is no configuration: /);
  expect(veth(lab.node, args, '{ "plugins": [{ "type": "macvlan" }] }').stderr).toBe(
    'veth plan: the network has no plugin of type veth\n',
  );
});
