// A LAN: a bridge in the gateway's namespace, and the hosts that are plugged into it.
import { type PerFamily, perFamily } from './family.ts';
import { createNamespace, ip, type Namespace, sysctl } from './namespace.ts';

/** A subnet, with the part of it that host-local hands out. The keys are those of a range of host-local. */
export interface Range {
  readonly subnet: string;
  readonly gateway: string;
  readonly rangeStart: string;
  readonly rangeEnd: string;
}

export interface Lan {
  /** The bridge. */
  readonly name: string;
  readonly ranges: PerFamily<Range>;
}

/** A machine, or a pod: anything with a namespace and addresses. */
export interface Host extends Namespace {
  /** The addresses of its first NIC, without prefix length. */
  readonly addresses: PerFamily<string>;
}

/** Makes the router between the LANs, which holds their bridges and the first address of each. */
export function createGateway(name: string, lans: readonly [Lan, ...Lan[]]): Host {
  const namespace = createNamespace(name);
  forward(namespace);
  for (const lan of lans) {
    // Without a multicast querier a snooping bridge loses neighbour solicitations after some minutes.
    ip(namespace, [
      `link add name ${lan.name} up type bridge mcast_snooping 0`,
      ...addressCommands(lan, gatewayAddresses(lan), lan.name),
    ]);
  }
  return { ...namespace, addresses: gatewayAddresses(lans[0]) };
}

/** Makes a host whose eth0 is plugged into a LAN. Its default routes lead to the gateway. */
export function createHost(name: string, gateway: Namespace, lan: Lan, addresses: PerFamily<string>): Host {
  const namespace = createNamespace(name);
  ip(gateway, [`link add name port%d master ${lan.name} up type veth peer name eth0 netns ${name}`]);
  const gateways = Object.values(gatewayAddresses(lan));
  ip(namespace, [
    'link set eth0 up',
    ...addressCommands(lan, addresses, 'eth0'),
    ...gateways.map(address => `route add default via ${address}`),
  ]);
  return { ...namespace, addresses };
}

/** Lets a namespace forward packets between its interfaces. */
export function forward(namespace: Namespace): void {
  sysctl(namespace, { 'net.ipv4.conf.all.forwarding': 1, 'net.ipv6.conf.all.forwarding': 1 });
}

function gatewayAddresses(lan: Lan): PerFamily<string> {
  return perFamily(family => lan.ranges[family]?.gateway);
}

function addressCommands(lan: Lan, addresses: PerFamily<string>, device: string): string[] {
  const commands = perFamily(family => {
    const prefixLength = lan.ranges[family]?.subnet.split('/')[1];
    return addresses[family] && `address add ${addresses[family]}/${prefixLength} dev ${device}`;
  });
  return Object.values(commands);
}
