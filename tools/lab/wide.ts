// The lab with all networks that a pod can be attached to, and all kinds of hosts that may connect to it.
//
//   client            remote           (in a LAN of its own, wan)
//     │                 │
//     │   ┌────────  gateway  ────────┬───────────────┐
//   ──┴───┴──┬─────┬──── lan        ──┴──┬──── net1 ──┴──┬──── net2     with a client in each
//            │     │                     │               │
//            │     │ eth0           eth1 │          eth2 │ (without an address)
//          node2   └───────────────────  node  ──────────┘
//            │                            │   ┊
//         overlay2                   overlay  pods of the routed overlay
import { createLab, type Lab } from './lab.ts';
import { addLan, addressesIn, createHost, type Host, type Lan, lanOf, plug } from './lan.ts';
import { inside, type Namespace, run } from './namespace.ts';
import { createNode, introduce, type NodeWithPod } from './node.ts';

/** A LAN that the node is connected to. */
export interface Segment {
  readonly lan: Lan;
  /** The node's NIC in it. */
  readonly master: string;
  readonly client: Host;
  /** The gateway and the node, with their addresses in this LAN. */
  readonly gateway: Host;
  readonly node: Host;
}

export interface WideLab extends Lab {
  readonly segments: { readonly [name in 'lan' | 'net1' | 'net2']: Segment };
  /** A client that is in none of the node's LANs. */
  readonly remote: Host;
  readonly second: NodeWithPod;
}

export async function createWideLab(prefix = ''): Promise<WideLab> {
  const lab = await createLab(prefix);
  const { lan, gateway, client, node } = lab;
  guard(gateway);
  const segment = (name: string, number: number, master: string, addressed: boolean): Segment => {
    const lan = lanOf(name, number);
    addLan(gateway, lan);
    plug(node, master, gateway, lan, addressed ? addressesIn(lan, 10) : {});
    return {
      lan,
      master,
      client: createHost(`${prefix}${name}-client`, gateway, lan, addressesIn(lan, 20)),
      gateway: { ...gateway, addresses: addressesIn(lan, 1) },
      node: addressed ? { ...node, addresses: addressesIn(lan, 10) } : node,
    };
  };
  const segments = {
    lan: { lan, master: 'eth0', client, gateway, node },
    net1: segment('net1', 7, 'eth1', true),
    net2: segment('net2', 8, 'eth2', false),
  };
  const wan = lanOf('wan', 9);
  addLan(gateway, wan);
  const remote = createHost(`${prefix}remote`, gateway, wan, addressesIn(wan, 20));
  const second = await createNode(gateway, lan, {
    names: { node: `${prefix}node2`, overlay: `${prefix}overlay2` },
    addresses: addressesIn(lan, 11),
    pods: { IPv4: '10.244.16.0/20', IPv6: 'fd00:10:244:10::/60' },
    bridged: { IPv4: '10.244.16.0/24', IPv6: 'fd00:10:244:10::/64' },
  });
  introduce(node, second.node);
  introduce(second.node, node);
  return { ...lab, segments, remote, second };
}

/** Accepts packets from each LAN only if their source is there, so that a reply that leaves by another NIC fails. */
function guard(gateway: Namespace): void {
  const ruleset = `
    table inet guard {
      chain prerouting {
        type filter hook prerouting priority raw
        meta l4proto { tcp, udp } fib saddr . iif oif missing drop
        icmp type { echo-request, echo-reply } fib saddr . iif oif missing drop
        icmpv6 type { echo-request, echo-reply } fib saddr . iif oif missing drop
      }
    }`;
  run(inside(gateway, ['nft', '--file', '-']), ruleset);
  // The gateway must not filter traffic within a LAN, which br_netfilter would pass to it if that module is loaded.
  const settings = ['iptables', 'ip6tables'].map(which => `net.bridge.bridge-nf-call-${which}=0`);
  run(inside(gateway, ['sysctl', '--quiet', '--ignore', '--write', ...settings]));
}
