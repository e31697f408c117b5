// A node whose running pods get NICs and lose them, in any of its LANs or in an overlay, and what works of each NIC.
import type { NetworkConfList, Runtime } from '@spider/cni-skel/testing';
import { flows } from '../../../tools/lab/flows.ts';
import type { Host } from '../../../tools/lab/lan.ts';
import { createNamespace, type Namespace } from '../../../tools/lab/namespace.ts';
import { routed, underlay, veth } from '../../../tools/lab/networks.ts';
import { type Networks, type Nic, runtime } from '../../../tools/lab/pod.ts';
import { probe, serve } from '../../../tools/lab/probe.ts';
import { type State, state } from '../../../tools/lab/state.ts';
import { createWideLab, type WideLab } from '../../../tools/lab/wide.ts';

type SegmentName = keyof WideLab['segments'];

export interface Sockets extends Disposable {
  readonly node: Namespace;
  readonly chain: Runtime;
  /** The network of a NIC in one of the LANs, with more keys in the plugin's configuration. */
  readonly nic: (segment: SegmentName, keys?: object) => NetworkConfList;
  /** The networks of a pod's first NIC and of its second, by what they are. */
  readonly kinds: Readonly<Record<string, { readonly eth0: NetworkConfList; readonly net1: NetworkConfList }>>;
  /** A pod that is not yet attached, with a server in it. */
  readonly newPod: () => Promise<Namespace>;
  /** What of a pod can be as it was before an ADD. */
  readonly stateOf: (pod: Namespace) => State;
  /** What goes wrong to and from one NIC. */
  readonly failures: (pod: Namespace, nic: Nic) => Promise<string[]>;
}

export async function createSockets(prefix: string): Promise<Sockets> {
  const lab = await createWideLab(prefix);
  const { node, gateway, overlay, clusterIP, segments } = lab;
  const servers = [await serve([gateway, ...Object.values(segments).map(({ client }) => client), node, overlay])];
  let count = 0;

  const nic: Sockets['nic'] = (segment, keys = {}) => {
    const { lan, master } = segments[segment];
    const list = underlay(node, lan.ranges, [{ ...veth, ...keys }], { name: segment, master });
    return { ...list, cniVersion: '1.0.0' };
  };

  return {
    node,
    chain: runtime(node),
    nic,
    kinds: {
      'two LANs': { eth0: nic('lan'), net1: nic('net1') },
      'one LAN': { eth0: nic('lan'), net1: nic('lan') },
      'an overlay and a LAN': {
        eth0: routed(node, { IPv4: '10.244.2.0/24', IPv6: 'fd00:10:244:2::/64' }),
        net1: nic('lan'),
      },
    } satisfies Record<string, Networks>,
    async newPod() {
      const pod = createNamespace(`${prefix}pod${count++}`);
      servers.push(await serve([pod]));
      return pod;
    },
    stateOf(pod) {
      const { sysctls, ...rest } = state(pod);
      // The kernel takes the larger of a link's rp_filter and that of all. What that of all was, nothing tells after an ADD.
      return { ...rest, sysctls: sysctls.filter(line => !line.startsWith('net.ipv4.conf.all.rp_filter')) };
    },
    async failures(pod, { addresses, network }) {
      const { client, node: facing } = segments[network.name as SegmentName] ?? segments.lan;
      const own: Host = { ...pod, addresses };
      const out = (to: Host, addresses = to.addresses) => flows(own, to, { addresses, bound: true });
      const inLan =
        network.name === 'routed' ? [] : [out(gateway), out(client), flows(client, own), flows(facing, own)];
      const ways = [out(overlay), out(overlay, clusterIP), out(node), flows(overlay, own), ...inLan];
      const verdicts = await probe(ways.flatMap(way => Object.values(way)));
      return [...verdicts].flatMap(([{ from, address }, verdict]) =>
        verdict ? [`${from.name} → ${address}: ${verdict}`] : [],
      );
    },
    [Symbol.dispose]() {
      for (const server of servers) server[Symbol.dispose]();
    },
  };
}
