// With reply_path, what comes to a pod from somewhere by way of its node is answered that way: a NodePort whose service
// says `externalTrafficPolicy: Local`, and a hostPort, which is the same to the pod.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { families } from '../../../tools/lab/family.ts';
import { flows } from '../../../tools/lab/flows.ts';
import { createNamespace, inside, ip, type Namespace, run, sysctl } from '../../../tools/lab/namespace.ts';
import { routed, underlay, veth } from '../../../tools/lab/networks.ts';
import { attach, createPod, type Networks, type Nic, type Pod, runtime } from '../../../tools/lab/pod.ts';
import { type Flow, probe, serve, type Verdict } from '../../../tools/lab/probe.ts';
import { createNodePort } from '../../../tools/lab/service.ts';
import { type State, state } from '../../../tools/lab/state.ts';
import { createWideLab } from '../../../tools/lab/wide.ts';
import { call, variables } from './call.ts';

const lab = await createWideLab('reply-');
const { node, client, remote, segments } = lab;

/** A pod's NIC in a LAN, connected to the cluster by veth with these keys. */
function nic(segment: 'lan' | 'net1', keys: object) {
  const { lan, master } = segments[segment];
  const list = underlay(node, lan.ranges, [{ ...veth, ...keys }], { name: `${segment}-underlay`, master });
  return { ...list, cniVersion: '1.0.0' };
}

const networks: Readonly<Record<string, Networks>> = {
  'without reply_path': { eth0: nic('lan', {}) },
  'that does not filter': { eth0: nic('lan', { reply_path: {} }) },
  'that filters strictly': { eth0: nic('lan', { reply_path: {}, rp_filter: { value: 1 } }) },
  'that filters loosely': { eth0: nic('lan', { reply_path: {}, rp_filter: { value: 2 } }) },
  'with a bit of its own': { eth0: nic('lan', { reply_path: { mark: '0x8' }, rp_filter: { value: 1 } }) },
  'with two NICs': {
    eth0: nic('lan', { reply_path: {}, rp_filter: { value: 1 } }),
    net1: nic('net1', { reply_path: {}, rp_filter: { value: 1 } }),
  },
  'whose first NIC is an overlay’s': {
    eth0: routed(node, { IPv4: '10.244.2.0/24', IPv6: 'fd00:10:244:2::/64' }),
    net1: nic('lan', { reply_path: {}, rp_filter: { value: 1 } }),
  },
};
const pods = new Map<string, Pod>();
for (const [kind, attached] of Object.entries(networks))
  pods.set(kind, await createPod(node, `reply-pod${pods.size}`, attached));

/** A NodePort for each NIC of the underlay, and who comes by it. */
const ways = [...pods].flatMap(([kind, pod], p) =>
  pod.nics
    .filter(({ network }) => network.name.endsWith('underlay'))
    .flatMap(({ attachment, addresses }, n) => {
      const port = 30_100 + 10 * p + n;
      createNodePort(node, port, addresses, 'Local');
      return Object.entries({ 'a LAN client': client, 'a client behind the gateway': remote }).flatMap(([who, from]) =>
        families.map(family => ({
          kind,
          way: `${who} → ${attachment.ifName} (${family})`,
          flow: flows(from, pod, { addresses: node.addresses, port })[family]!,
        })),
      );
    }),
);

let servers: Disposable;
beforeAll(async () => {
  servers = await serve([client, node, lab.overlay, ...pods.values()]);
});
afterAll(() => servers[Symbol.dispose]());

describe.each([
  ['strictly', 1],
  ['loosely', 2],
])('on a node that filters %s', (_, value) => {
  let verdicts: Map<Flow, Verdict>;
  beforeAll(async () => {
    sysctl(node, { 'net.ipv4.conf.all.rp_filter': value });
    verdicts = await probe(ways.map(({ flow }) => flow));
  });

  test.each(ways.filter(({ kind }) => kind !== 'without reply_path'))('a pod $kind answers: $way', ({ flow }) => {
    expect(verdicts.get(flow) ?? 'works').toBe('works');
  });

  test.each(ways.filter(({ kind }) => kind === 'without reply_path'))('a pod $kind does not: $way', ({ flow }) => {
    expect(verdicts.get(flow)).toBeDefined();
  });
});

test('what comes straight to the pod is answered straight, and what the pod asks for takes its usual way', async () => {
  const pod = pods.get('that filters strictly')!;
  const usual = [flows(client, pod), flows(pod, client), flows(pod, lab.overlay), flows(pod, node), flows(node, pod)];
  const all = usual.flatMap(perFamily => Object.values(perFamily));
  expect([...(await probe(all)).values()]).toEqual(all.map(() => undefined));
});

describe('a hostPort, as Debian’s portmap makes it', () => {
  async function reached(keys: object, hostPort: number): Promise<Verdict[]> {
    const list = nic('lan', keys);
    const pod = createNamespace(`reply-port${hostPort}`);
    using _server = await serve([pod]);
    const portMappings = [{ hostPort, containerPort: 80, protocol: 'tcp' }];
    // Otherwise it takes the whole LAN of a pod for the pod itself, and masquerades it.
    const portmap = { type: 'portmap', capabilities: { portMappings: true }, snat: false };
    await runtime(node).add(
      { ...list, plugins: [...list.plugins, portmap] },
      { containerID: pod.name, netns: pod.path, ifName: 'eth0', capabilityArgs: { portMappings } },
    );
    const to = { ...pod, addresses: node.addresses };
    const all = [client, remote].flatMap(from => Object.values(flows(from, to, { port: hostPort })));
    return [...(await probe(all)).values()];
  }

  test('is answered with reply_path', async () => {
    expect(await reached({ reply_path: {} }, 8080)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('is not answered without', async () => {
    expect(await reached({}, 8081)).toEqual(['timed out', 'timed out', 'timed out', 'timed out']);
  });
});

describe('marks', () => {
  /** Packets that a pod sent, by the mark that they left with, and by that of their connection. */
  function sent(pod: Namespace): Map<string, number> {
    const { nftables } = JSON.parse(run(inside(pod, ['nft', '--json', 'list', 'counters']))) as {
      nftables: { counter?: { name: string; packets: number } }[];
    };
    return new Map(nftables.flatMap(({ counter }) => (counter ? [[counter.name, counter.packets]] : [])));
  }

  /** The application: it marks what it sends, and connections, with bits of its own. */
  function watch(pod: Namespace): void {
    const ruleset = `
      table inet application {
        counter others { }
        counter unmarked { }
        counter both { }
        chain before {
          type filter hook prerouting priority -160
          ct state new ct mark set 0x7
        }
        chain send {
          type filter hook output priority raw
          tcp sport 80 meta mark set 0x539
        }
        chain after {
          type filter hook postrouting priority 300
          meta mark 0x539 tcp sport 80 ct mark 0x7 counter name others
          meta mark 0x20000539 ct mark 0x20000007 counter name both
          meta mark 0x0 tcp dport 80 ct mark 0x0 counter name unmarked
        }
      }`;
    run(inside(pod, ['nft', '--file', '-']), ruleset);
  }

  test('of what is answered through the pair only the one bit is set; all else keeps its own', async () => {
    const pod = pods.get('that does not filter')!;
    watch(pod);
    const replied = ways.find(({ kind }) => kind === 'that does not filter')!.flow;
    const all = [replied, flows(client, pod).IPv4!, flows(pod, client).IPv4!];
    expect([...(await probe(all)).values()]).toEqual([undefined, undefined, undefined]);
    const seen = sent(pod);
    expect(seen.get('both'), 'replies through the pair').toBeGreaterThan(0);
    expect(seen.get('others'), 'replies to a client of the LAN').toBeGreaterThan(0);
    expect(seen.get('unmarked'), 'what the pod asks for').toBeGreaterThan(0);
  });
});

describe('the life of an attachment', () => {
  const chain = runtime(node);
  let count = 0;
  async function newPod(): Promise<{ pod: Pod; attachment: Nic['attachment']; network: Nic['network']; empty: State }> {
    const namespace = createNamespace(`reply-life${count++}`);
    const empty = state(namespace);
    const pod = await attach(node, namespace, { eth0: nic('lan', { reply_path: {} }) });
    return { ...pod.nics[0]!, pod, empty };
  }
  const rulesOf = ({ rules, nftables }: State) => ({ rules, nftables });

  test('CHECK passes', async () => {
    const { attachment, network } = await newPod();
    await chain.check(network, attachment);
  });

  test('ADD again changes nothing', async () => {
    const { pod, attachment } = await newPod();
    const before = state(pod);
    const conf = { cniVersion: '1.0.0', name: 'lan-underlay', ...veth, reply_path: {} };
    const sandbox = attachment.netns;
    const prevResult = { cniVersion: '1.0.0', interfaces: [{ name: 'eth0', sandbox }] };
    const environment = variables('ADD', attachment.containerID, sandbox);
    expect(call(node, environment, { ...conf, prevResult })).toMatchObject({ status: 0 });
    expect(state(pod)).toEqual(before);
  });

  test.each([
    ['the table', 'delete table inet veth0', /nftables inet veth0 mark 0x20000000 in the pod: missing/],
    ['a chain', 'flush chain inet veth0 output', /nftables inet veth0 .*: rule .* of chain output is missing/],
  ])('CHECK names %s that is missing', async (_, command, expected) => {
    const { pod, attachment, network } = await newPod();
    run(inside(pod, ['nft', command]));
    await expect(chain.check(network, attachment)).rejects.toThrow(expected);
  });

  test.each(['-4', '-6'])('CHECK names the rule that is missing (%s)', async which => {
    const { pod, attachment, network } = await newPod();
    run(['ip', '-netns', pod.name, which, 'rule', 'delete', 'priority', '8599']);
    const from = which === '-4' ? '0\\.0\\.0\\.0/0' : '::/0';
    const expected = `rule priority 8599 from ${from} fwmark 0x20000000/0x20000000 lookup 8600 in the pod: missing`;
    await expect(chain.check(network, attachment)).rejects.toThrow(new RegExp(expected));
  });

  test('CHECK leaves alone what others put beside it', async () => {
    const { pod, attachment, network } = await newPod();
    run(inside(pod, ['nft', 'add rule inet veth0 output counter']));
    await chain.check(network, attachment);
  });

  test.each([
    ['as it was', {}],
    ['that does not ask for it any more', { reply_path: { enabled: false } }],
  ])('DEL of the last NIC leaves nothing in a pod that lives on, by a configuration %s', async (_, keys) => {
    const { pod, attachment, empty } = await newPod();
    expect(state(pod).nftables.join()).toContain('table inet veth0');
    await chain.del(nic('lan', { reply_path: {}, ...keys }), attachment);
    expect(rulesOf(state(pod))).toEqual(rulesOf(empty));
  });

  test('DEL leaves alone a rule that was there before and is as ours but for the protocol number', async () => {
    const namespace = createNamespace(`reply-life${count++}`);
    ip(namespace, ['rule add priority 8599 fwmark 0x20000000/0x20000000 lookup 8600 protocol 85']);
    const before = state(namespace);
    const { nics } = await attach(node, namespace, { eth0: nic('lan', { reply_path: {} }) });
    await chain.del(nics[0]!.network, nics[0]!.attachment);
    expect(rulesOf(state(namespace))).toEqual(rulesOf(before));
  });

  test('DEL of one NIC of two leaves the other its path', async () => {
    const pod = pods.get('with two NICs')!;
    const net1 = pod.nics[1]!;
    await chain.del(net1.network, net1.attachment);
    const replied = ways.filter(({ kind, way }) => kind === 'with two NICs' && way.includes('eth0'));
    expect([...(await probe(replied.map(({ flow }) => flow))).values()]).toEqual(replied.map(() => undefined));
  });

  test('another mark for another NIC of the pod is refused, and nothing changes', async () => {
    const { pod } = await newPod();
    const before = state(pod);
    const other = { ...pod.nics[0]!.attachment, ifName: 'net1' };
    const adding = chain.add(nic('net1', { reply_path: { mark: '0x8' } }), other);
    await expect(adding).rejects.toThrow(/reply_path\.mark: 0x8 is not 0x20000000/);
    expect(rulesOf(state(pod))).toEqual(rulesOf(before));
  });
});
