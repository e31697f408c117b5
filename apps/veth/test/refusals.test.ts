// Bad input gets one error and changes nothing.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createNamespace, ip, type Namespace, removeNamespace, show } from '../../../tools/lab/namespace.ts';
import { state } from '../../../tools/lab/state.ts';
import { namesOf } from '../src/names.ts';
import { call, variables } from './call.ts';

let node: Namespace;
let pod: Namespace;

/** A pod whose eth0 a plugin before us made. */
beforeAll(() => {
  node = createNamespace('refusals-node');
  pod = createNamespace('refusals-pod');
  ip(node, ['link add lan up type veth peer name eth0 netns refusals-pod', 'address add 10.6.0.10/16 dev lan']);
  ip(pod, ['link set eth0 up', 'address add 10.6.0.100/16 dev eth0']);
});
afterAll(() => {
  removeNamespace(pod);
  removeNamespace(node);
});

const prevResult = {
  cniVersion: '1.0.0',
  interfaces: [{ name: 'eth0', sandbox: '/run/netns/refusals-pod' }],
  ips: [{ address: '10.6.0.100/16', interface: 0 }],
};
const conf = { cniVersion: '1.0.0', name: 'underlay', type: 'veth', cluster_cidr: ['10.244.0.0/16'], prevResult };
const add = () => variables('ADD', 'c1', pod.path);

let before: object;
beforeEach(() => {
  before = { node: state(node), pod: state(pod) };
});

/** The error that a call answers with, once it is certain that nothing else happened. */
function refusal(
  environment: Record<string, string>,
  stdin: string | object,
): { code: number; msg: string; details?: string } {
  const { status, stdout } = call(node, environment, stdin);
  expect(status).toBe(1);
  expect({ node: state(node), pod: state(pod) }).toEqual(before);
  // One value: JSON.parse refuses a second.
  return JSON.parse(stdout);
}

test('garbage on standard input', () => {
  expect(refusal(add(), '{"name": ')).toMatchObject({ code: 6 });
  expect(refusal(add(), '')).toMatchObject({ code: 6 });
});

test.each(['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'])('a missing %s is named', variable => {
  const { [variable]: _, ...rest } = add();
  expect(refusal(rest, conf)).toMatchObject({ code: 4, msg: expect.stringContaining(variable) });
});

test('a CIDR that is none is named with its key and its place in the list', () => {
  const { code, msg } = refusal(add(), { ...conf, service_cidr: ['10.96.0.0/16', '10.97.0.0/40'] });
  expect(code).toBe(7);
  expect(msg).toContain('service_cidr[1]');
  expect(msg).toContain('10.97.0.0/40');
});

test('a multicast hardware_prefix is named', () => {
  const { code, msg } = refusal(add(), { ...conf, hardware_prefix: '01:00' });
  expect(code).toBe(7);
  expect(msg).toContain('hardware_prefix');
});

test('no prevResult: the plugin must be chained', () => {
  const { prevResult: _, ...unchained } = conf;
  expect(refusal(add(), unchained)).toMatchObject({ code: 7, msg: expect.stringContaining('chained') });
});

test('a namespace that does not exist is named by its path', () => {
  const { msg } = refusal({ ...add(), CNI_NETNS: '/run/netns/nowhere' }, conf);
  expect(msg).toContain('/run/netns/nowhere');
});

test('a namespace path that is an ordinary file is named', () => {
  const { msg } = refusal({ ...add(), CNI_NETNS: '/etc/passwd' }, conf);
  expect(msg).toContain('/etc/passwd');
});

test('the plugin’s own namespace is refused before anything happens', () => {
  expect(refusal({ ...add(), CNI_NETNS: node.path }, conf)).toMatchObject({ code: 8 });
});

test('an interface that the pod does not have is named', () => {
  const { msg } = refusal({ ...add(), CNI_IFNAME: 'net7' }, conf);
  expect(msg).toContain('net7');
});

test('the interface name veth0 is the plugin’s own', () => {
  expect(refusal({ ...add(), CNI_IFNAME: 'veth0' }, conf)).toMatchObject({
    code: 4,
    msg: expect.stringContaining('veth0'),
  });
});

describe('names that are taken', () => {
  const { hostName } = namesOf('c1');

  test('a link of the host end’s name that is not ours', () => {
    ip(node, [`link add ${hostName} type bridge`]);
    before = { node: state(node), pod: state(pod) };
    expect(refusal(add(), conf)).toMatchObject({
      code: 102,
      msg: `link ${hostName} on the node: exists and is not ours (kind bridge)`,
    });
    ip(node, [`link delete ${hostName}`]);
  });

  test('a veth of the host end’s name that is not ours', () => {
    ip(node, [`link add ${hostName} type veth peer name other`]);
    before = { node: state(node), pod: state(pod) };
    expect(refusal(add(), conf)).toMatchObject({ code: 102, msg: expect.stringContaining(hostName) });
    ip(node, [`link delete ${hostName}`]);
  });

  test('a veth0 in the pod whose peer on the node is not ours', () => {
    ip(node, ['link add other type veth peer name veth0 netns refusals-pod']);
    before = { node: state(node), pod: state(pod) };
    const msg = 'link veth0 in the pod: exists and is not ours (kind veth)';
    expect(refusal(add(), conf)).toMatchObject({ code: 102, msg });
    ip(node, ['link delete other']);
  });

  test('a veth0 in the pod whose peer, in a third namespace, has the index of a pair of ours', () => {
    const neighbour = createNamespace('refusals-neighbour');
    const third = createNamespace('refusals-third');
    ip(node, ['link add lan2 up type veth peer name eth0 netns refusals-neighbour']);
    ip(neighbour, ['link set eth0 up', 'address add 10.6.0.101/16 dev eth0']);
    const interfaces = [{ name: 'eth0', sandbox: neighbour.path }];
    const theirs = { ...conf, prevResult: { cniVersion: '1.0.0', interfaces } };
    expect(call(node, variables('ADD', 'c2', neighbour.path), theirs)).toMatchObject({ status: 0 });
    const [{ ifindex }] = show<{ ifindex: number }>(node, 'link', 'show', namesOf('c2').hostName) as [
      { ifindex: number },
    ];
    ip(third, [`link add other index ${ifindex} type veth peer name veth0 netns refusals-pod`]);
    before = { node: state(node), pod: state(pod) };
    const msg = 'link veth0 in the pod: exists and is not ours (kind veth)';
    expect(refusal(add(), conf)).toMatchObject({ code: 102, msg });
    removeNamespace(third);
    removeNamespace(neighbour);
    while (show(pod, 'link').some(({ ifname }) => ifname === 'veth0'));
  });

  test('a veth0 in the pod that is not ours', () => {
    ip(pod, ['link add veth0 type veth peer name other']);
    before = { node: state(node), pod: state(pod) };
    expect(refusal(add(), conf)).toMatchObject({ code: 102, msg: expect.stringContaining('veth0') });
    ip(pod, ['link delete veth0']);
  });
});

test('an address that is the node’s own', () => {
  ip(pod, ['address add 10.6.0.10/16 dev eth0']);
  before = { node: state(node), pod: state(pod) };
  expect(refusal(add(), conf)).toMatchObject({ code: 103, msg: expect.stringContaining('10.6.0.10') });
  ip(pod, ['address delete 10.6.0.10/16 dev eth0']);
});

test('after all of these an ADD still succeeds', () => {
  expect(call(node, add(), conf).status).toBe(0);
  expect(show(pod, 'link', 'show', 'veth0')).toHaveLength(1);
});
