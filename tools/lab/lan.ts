// A LAN: a bridge in the gateway's namespace, and the hosts that are connected to it.
import { type PerFamily, perFamily } from './family.ts';
import { createNamespace, ip, type Namespace, sysctl } from './namespace.ts';
import { settle } from './state.ts';

/** A subnet, with the part of it from which host-local allocates. The keys are those of a range of host-local. */
export interface Range {
  readonly subnet: string;
  readonly gateway: string;
  readonly rangeStart: string;
  readonly rangeEnd: string;
}

export interface Lan {
  /** Name of the bridge. */
  readonly name: string;
  readonly ranges: PerFamily<Range>;
}

/** The LAN 10.N.0.0/16 and fd00:10:N::/64. */
export function lanOf(name: string, number: number): Lan {
  const [IPv4, IPv6] = [`10.${number}.0.`, `fd00:10:${number}::`];
  return {
    name,
    ranges: {
      IPv4: { subnet: `${IPv4}0/16`, gateway: `${IPv4}1`, rangeStart: `${IPv4}100`, rangeEnd: `${IPv4}199` },
      IPv6: { subnet: `${IPv6}/64`, gateway: `${IPv6}1`, rangeStart: `${IPv6}100`, rangeEnd: `${IPv6}1ff` },
    },
  };
}

/** The addresses in a LAN that end in this number. Those of the gateway end in 1. */
export function addressesIn(lan: Lan, end: number): PerFamily<string> {
  return perFamily(family => lan.ranges[family]?.gateway.replace(/1$/, `${end}`));
}

/** A machine, or a pod: anything with a namespace and addresses. */
export interface Host extends Namespace {
  /** Addresses of its first NIC, without prefix length. */
  readonly addresses: PerFamily<string>;
}

/** Creates the router between the LANs. */
export function createGateway(name: string, lans: readonly [Lan, ...Lan[]]): Host {
  const namespace = createNamespace(name);
  forward(namespace);
  for (const lan of lans) addLan(namespace, lan);
  return { ...namespace, addresses: addressesIn(lans[0], 1) };
}

/** Adds a LAN to its router, which has the bridge and the first address. */
export function addLan(gateway: Namespace, lan: Lan): void {
  // Without a multicast querier, a bridge with snooping drops neighbour solicitations after some minutes.
  ip(gateway, [
    `link add name ${lan.name} up type bridge mcast_snooping 0`,
    ...addressCommands(lan, addressesIn(lan, 1), lan.name),
  ]);
}

/** Creates a host whose eth0 is connected to a LAN. Its default routes lead to the gateway. */
export function createHost(name: string, gateway: Namespace, lan: Lan, addresses: PerFamily<string>): Host {
  const namespace = createNamespace(name);
  plug(namespace, 'eth0', gateway, lan, addresses);
  const gateways = Object.values(addressesIn(lan, 1));
  ip(
    namespace,
    gateways.map(address => `route add default via ${address}`),
  );
  return { ...namespace, addresses };
}

/** Connects a new NIC of a host to a LAN. */
export function plug(
  host: Namespace,
  ifName: string,
  gateway: Namespace,
  lan: Lan,
  addresses: PerFamily<string> = {},
): void {
  ip(gateway, [`link add name port%d master ${lan.name} up type veth peer name ${ifName} netns ${host.name}`]);
  ip(host, [`link set ${ifName} up`, ...addressCommands(lan, addresses, ifName)]);
  settle(host);
}

/** Enables forwarding between the interfaces of a namespace. */
export function forward(namespace: Namespace): void {
  sysctl(namespace, { 'net.ipv4.conf.all.forwarding': 1, 'net.ipv6.conf.all.forwarding': 1 });
}

function addressCommands(lan: Lan, addresses: PerFamily<string>, device: string): string[] {
  const commands = perFamily(family => {
    const prefixLength = lan.ranges[family]?.subnet.split('/')[1];
    return addresses[family] && `address add ${addresses[family]}/${prefixLength} dev ${device}`;
  });
  return Object.values(commands);
}
