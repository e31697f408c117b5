// NICs of overlay networks that need more than Debian's plugins to run. Both kinds are connected to the node by a veth
// pair, have a prefix of their own address only, and have no neighbour other than their gateway.
import { type PerFamily, perFamily } from './family.ts';
import { ip, type Namespace, sysctl } from './namespace.ts';

/** Adds the NIC to a pod of the node. */
export type Overlay = (pod: Namespace, ifName: string, addresses: PerFamily<string>) => void;

/**
 * Calico on a node: the IPv4 gateway is no address of any node, but the node answers for it. The IPv6 gateway is the
 * node's link-local address.
 */
export function calico(node: Namespace): Overlay {
  return (pod, ifName, addresses) => {
    const host = `cali-${pod.name}`.slice(0, 15);
    ip(node, [`link add ${host} address ee:ee:ee:ee:ee:ee up type veth peer name ${ifName} netns ${pod.name}`]);
    sysctl(node, { [`net.ipv4.conf.${host}.proxy_arp`]: 1 });
    hang(node, host, pod, ifName, addresses, { IPv4: '169.254.1.1', IPv6: 'fe80::ecee:eeff:feee:eeee' });
  };
}

/**
 * Cilium on a node: the gateways are addresses of the node, on a link that leads nowhere. Cilium's BPF program answers
 * for both, which permanent neighbour entries replace here.
 */
export function cilium(node: Namespace): Overlay {
  const gateways = { IPv4: '10.244.3.1', IPv6: 'fd00:10:244:3::1' };
  const hardwareAddress = '0a:00:00:00:00:01';
  ip(node, [
    'link add cilium_host up type bridge',
    ...Object.values(gateways).map(address => `address add ${address} dev cilium_host`),
  ]);
  return (pod, ifName, addresses) => {
    const host = `lxc-${pod.name}`.slice(0, 15);
    ip(node, [`link add ${host} address ${hardwareAddress} up type veth peer name ${ifName} netns ${pod.name}`]);
    ip(
      pod,
      Object.values(gateways).map(gateway => `neighbour add ${gateway} lladdr ${hardwareAddress} dev ${ifName}`),
    );
    hang(node, host, pod, ifName, addresses, gateways);
  };
}

function hang(
  node: Namespace,
  host: string,
  pod: Namespace,
  ifName: string,
  addresses: PerFamily<string>,
  gateways: Required<PerFamily<string>>,
): void {
  const inPod = perFamily(family => {
    const [address, gateway] = [addresses[family], gateways[family]];
    return (
      address && [
        `address add ${address} dev ${ifName}`,
        `route add ${gateway} dev ${ifName}`,
        `route add default via ${gateway} dev ${ifName}`,
      ]
    );
  });
  ip(pod, [`link set ${ifName} up`, ...Object.values(inPod).flat()]);
  ip(
    node,
    Object.values(addresses).map(address => `route add ${address} dev ${host}`),
  );
}
