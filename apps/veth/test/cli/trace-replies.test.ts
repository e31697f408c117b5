// `veth trace` follows the reply as the kernel sends it: back through a service, and by what another pod remembers of a
// connection.
import { beforeAll, describe, expect, test } from 'vitest';
import { type Family, families } from '../../../../tools/lab/family.ts';
import { flows } from '../../../../tools/lab/flows.ts';
import { createLab, type Lab } from '../../../../tools/lab/lab.ts';
import type { Host } from '../../../../tools/lab/lan.ts';
import { inside, type Namespace, run } from '../../../../tools/lab/namespace.ts';
import { underlay, veth as vethConf } from '../../../../tools/lab/networks.ts';
import { createPod, type Pod } from '../../../../tools/lab/pod.ts';
import { probe, serve } from '../../../../tools/lab/probe.ts';
import { createClusterIP } from '../../../../tools/lab/service.ts';
import type { Trace } from '../../src/cli/trace/step.ts';
import { vethJson } from './call.ts';

let lab: Lab;
let pod: Pod;
const createUnderlayPod = (name: string, keys: object = {}) =>
  createPod(lab.node, name, { eth0: underlay(lab.node, lab.lan.ranges, [{ ...vethConf, ...keys }]) });
beforeAll(async () => {
  lab = await createLab('replies-');
  pod = await createUnderlayPod('reply-pod');
});

const nft = (namespace: Namespace, ruleset: string) => run(inside(namespace, ['nft', '--file', '-']), ruleset);
const traced = (dst: string) => vethJson<Trace>(lab.node, ['trace', '--netns', pod.path, dst]);
const back = ({ steps }: Trace) =>
  steps.flatMap(({ direction, place, text }) => (direction === 'back' ? [`${place}: ${text}`] : []));

/** Whether the kernel takes a connection from the pod to the service, and the answer back. The server sees `source`. */
async function arrives(to: Host, dst: string, family: Family, source = pod.addresses[family]!): Promise<boolean> {
  using _server = await serve([to]);
  const ways = Object.values(flows(pod, to, { addresses: { [family]: dst }, sources: { [family]: source } }));
  return [...(await probe(ways)).values()].every(failure => failure === undefined);
}

describe('of a pod behind a service whose client is in the pod’s own LAN', () => {
  const service = { IPv4: '10.96.7.1', IPv6: 'fd00:10:96::701' };
  /** Leads the service to the pod. Disposing of it removes it. */
  function lead(family: Family, to: Pod): Disposable {
    createClusterIP(lab.node, 'other', { [family]: service[family] }, to.addresses);
    return { [Symbol.dispose]: () => nft(lab.node, 'delete table inet other') };
  }

  test.each(families)('it leaves past the node, and stops for that (%s)', async family => {
    const other = await createUnderlayPod(`reply-other-${family}`);
    using _service = lead(family, other);
    expect(await arrives(other, service[family], family)).toBe(false);
    expect(traced(service[family])).toMatchObject({
      works: false,
      verdict: expect.stringMatching(
        `^the reply stops in ${other.path}: the reply to ${pod.addresses[family]} .* leaves by eth0, not to the pod$`,
      ),
    });
  });

  test.each(families)('it goes back through the pair where the pod has reply_path (%s)', async family => {
    const other = await createUnderlayPod(`reply-marking-${family}`, { reply_path: {}, rp_filter: { value: 1 } });
    using _service = lead(family, other);
    expect(await arrives(other, service[family], family)).toBe(true);
    const trace = traced(service[family]);
    expect(trace).toMatchObject({ works: true, verdict: 'works, in packets of up to 1500 bytes' });
    expect(back(trace)[0]).toMatch(`${other.path}: to ${pod.addresses[family]} from`);
    expect(back(trace)[0]).toMatch(/ rule 8599 fwmark 0x20000000, route .* dev veth0 table 8600$/);
    // Without the rules that mark it, strict filtering of IPv4 looks the other way, where the reply would go.
    nft(other, 'delete table inet veth0');
    expect(await arrives(other, service[family], family)).toBe(false);
    expect(traced(service[family]).verdict).toMatch(
      family === 'IPv4' ? /rp_filter drops what comes .* in by veth0: .* by eth0 / : /leaves by eth0, not to the pod$/,
    );
  });

  test.each([
    ['IPv4', 'iptables-nft'],
    ['IPv6', 'ip6tables-nft'],
  ] as const)('the same by CONNMARK of iptables (%s)', async (family, program) => {
    const other = await createUnderlayPod(`reply-connmark-${family}`, { reply_path: {} });
    using _service = lead(family, other);
    nft(other, 'delete table inet veth0');
    const mangle = (rule: string) => run(inside(other, [program, '-t', 'mangle', ...rule.split(' ')]));
    mangle('-A PREROUTING -i veth0 -m conntrack --ctstate NEW -j CONNMARK --set-xmark 0x20000000/0x20000000');
    expect(await arrives(other, service[family], family)).toBe(false);
    expect(traced(service[family]).works).toBe(false);
    mangle('-A OUTPUT -m connmark --mark 0x20000000/0x20000000 -j CONNMARK --restore-mark');
    expect(await arrives(other, service[family], family)).toBe(true);
    expect(traced(service[family]).verdict).toBe('works, in packets of up to 1500 bytes');
    // A mark that is saved is the packet's, and that is 0.
    mangle('-A INPUT -j CONNMARK --save-mark');
    expect(await arrives(other, service[family], family)).toBe(false);
    expect(traced(service[family]).works).toBe(false);
  });
});

describe('of a machine on the LAN, that a service leads to', () => {
  const service = { IPv4: '10.96.6.1', IPv6: 'fd00:10:96::601' };
  function lead(family: Family, masquerade: boolean): Disposable {
    createClusterIP(lab.node, 'outside', { [family]: service[family] }, lab.client.addresses, masquerade);
    return { [Symbol.dispose]: () => nft(lab.node, 'delete table inet outside') };
  }
  const doubts = ({ steps }: Trace) => steps.flatMap(({ doubtful, text }) => (doubtful ? [text] : []));

  test.each(families)('comes straight to the pod, which knows nothing of it, and is pointed at (%s)', async family => {
    using _service = lead(family, false);
    expect(await arrives(lab.client, service[family], family)).toBe(false);
    expect(doubts(traced(service[family]))).toEqual([
      `nothing translates its source ${pod.addresses[family]}, so the reply of ${lab.client.addresses[family]} comes by the LAN, and past here, where alone it could be translated back`,
    ]);
  });

  test.each(families)('comes to the node if that masquerades (%s)', async family => {
    using _service = lead(family, true);
    expect(await arrives(lab.client, service[family], family, lab.node.addresses[family])).toBe(true);
    expect(doubts(traced(service[family]))).toEqual([]);
  });
});

describe('of a pod to itself, through a service', () => {
  const service = { IPv4: '10.96.9.9', IPv6: 'fd00:10:96::99' };
  const hairpin = (masquerade: boolean) => createClusterIP(lab.node, 'hairpin', service, pod.addresses, masquerade);
  const remove = () => nft(lab.node, 'delete table inet hairpin');

  // The pair has no address of the node's, so what is masqueraded has another one of them.
  test.each(families)('it comes by the node, which undoes both translations (%s)', async family => {
    hairpin(true);
    const [address, own, seen] = [service[family], pod.addresses[family]!, lab.node.addresses[family]!];
    expect(await arrives(pod, address, family, seen)).toBe(true);
    const trace = traced(address);
    expect(trace).toMatchObject({ works: true, source: own, verdict: 'works, in packets of up to 1500 bytes' });
    expect(trace.steps.map(({ text }) => text).filter(text => text.includes('translated'))).toEqual([
      `${address} is translated to ${own}, by a rule of nf_tables`,
      `its source ${own} is translated to ${seen}, by a rule of nf_tables`,
      `${seen} is translated back to ${own}`,
    ]);
    expect(back(trace)).toEqual([
      expect.stringMatching(`^pod: to ${seen} from ${own}: route .* dev veth0$`),
      expect.stringMatching(/^pod: through the pair veth0 ── veth\w+ to node$/),
      `node: ${seen} is translated back to ${own}`,
      expect.stringMatching(`^node: to ${own} from ${own}: route .* dev veth`),
      expect.stringMatching(/^node: through the pair veth\w+ ── veth0 to pod$/),
      `pod: ${own} is an address of this place: delivered`,
    ]);
    remove();
  });

  test('what keeps it from the node is found', async () => {
    hairpin(true);
    nft(
      lab.node,
      'table inet wall { chain forward { type filter hook forward priority 0; ct state established drop; }; }',
    );
    expect(await arrives(pod, service.IPv4, 'IPv4', lab.node.addresses.IPv4)).toBe(false);
    expect(traced(service.IPv4).verdict).toMatch(/^the reply stops on the node: the chain inet wall forward/);
    nft(lab.node, 'delete table inet wall');
    remove();
  });

  test('IPv4 without masquerading: the pod takes nothing from its own address', async () => {
    hairpin(false);
    expect(await arrives(pod, service.IPv4, 'IPv4')).toBe(false);
    expect(traced(service.IPv4).verdict).toMatch(
      /^stops in the pod: (\S+) is an address of this place too, which drops what comes from there in by veth0$/,
    );
    remove();
  });

  test('IPv6 without masquerading: the pod answers itself, and not as the service', async () => {
    hairpin(false);
    expect(await arrives(pod, service.IPv6, 'IPv6')).toBe(false);
    expect(traced(service.IPv6).verdict).toBe(
      `the reply stops in the pod: the reply comes from ${pod.addresses.IPv6}, TCP port 80, and the pod asked ${service.IPv6}, TCP port 80: nothing translates it back`,
    );
    remove();
  });
});

test('rules see it as it came until conntrack translates it back, and then as the answer of who was asked', async () => {
  const service = '10.96.8.1';
  const seen = '10.244.0.1';
  createClusterIP(lab.node, 'hidden', { IPv4: service }, lab.overlay.addresses, true);
  const walls: [rule: string, isInTheWay: boolean][] = [
    [`prerouting priority mangle; iifname cni0 ip daddr ${seen} drop`, true],
    [`prerouting priority mangle; iifname cni0 ip daddr ${pod.addresses.IPv4} drop`, false],
    [`prerouting priority 0; iifname cni0 ip daddr ${pod.addresses.IPv4} drop`, true],
    [`postrouting priority 0; oifname veth* ip saddr ${service} drop`, false],
    [`postrouting priority 110; oifname veth* ip saddr ${service} drop`, true],
  ];
  for (const [rule, isInTheWay] of walls) {
    nft(lab.node, `table inet wall { chain seen { type filter hook ${rule}; }; }`);
    expect(await arrives(lab.overlay, service, 'IPv4', seen), rule).toBe(!isInTheWay);
    const { verdict } = traced(service);
    expect(verdict, rule).toMatch(isInTheWay ? /^the reply stops on the node: the chain inet wall seen/ : /^works/);
    nft(lab.node, 'delete table inet wall');
  }
  nft(lab.node, 'delete table inet hidden');
});
