// From configuration and facts to what shall be there. No I/O, no clock, no randomness: the same input gives the same
// plan, and printing it is the dry run.
import { Address, MacAddress, type MacPrefix } from '@spider/ip';
import { mainTable } from '@spider/rtnetlink';
import type { Config } from './config/config.ts';
import type { Facts, Nic } from './facts.ts';
import {
  type Attachment,
  aliasOf,
  gateways,
  namesOf,
  type PairNames,
  podEnd,
  podEndAddress,
  protocol,
} from './identity.ts';
import type { DesiredObject, Place } from './object.ts';

/** The veth pair that shall be there. */
export interface DesiredPair extends PairNames {
  readonly podName: string;
  /** Bytes, both ends. */
  readonly mtu: number;
}

/** What shall be there, in the order in which it can be put. */
export interface Plan {
  /** The hardware address that the NIC shall have; undefined where it keeps its own. */
  readonly hardwareAddress: string | undefined;
  /** Undefined where none is wanted. */
  readonly pair: DesiredPair | undefined;
  readonly objects: readonly DesiredObject[];
}

type Family = 'inet' | 'inet6';
const familyOf = (address: string): Family => (address.includes(':') ? 'inet6' : 'inet');
const hostPrefix = (address: string): string => `${address}/${familyOf(address) === 'inet' ? 32 : 128}`;

/** Plans the datapath of a pod with one NIC. `pod` is its namespace and name, for operators. */
export function plan(config: Config, facts: Facts, attachment: Attachment, pod?: string): Plan {
  const { nic } = facts;
  const hardwareAddress = config.hardwarePrefix && deriveHardwareAddress(config.hardwarePrefix, nic);
  // The first address of a family is the source of what the pod sends through the pair.
  const sources = (['inet', 'inet6'] as const).flatMap(family => {
    const source = nic.addresses.find(candidate => familyOf(candidate) === family);
    return source ? [{ family, source }] : [];
  });
  const hardware = hardwareObjects(nic, hardwareAddress, sources);
  if (config.onlyHardware) return { hardwareAddress, pair: undefined, objects: hardware };

  const pair: DesiredPair = { ...namesOf(attachment.containerID), ...facts.pair, podName: podEnd, mtu: nic.mtu };
  return {
    hardwareAddress,
    pair,
    objects: [
      ...hardware,
      ...podObjects(config, facts, pair, sources),
      ...nodeObjects(config, facts, pair, sources),
      { kind: 'link', place: 'node', dev: pair.hostName, wanted: { alias: aliasOf(attachment, pod) } },
    ],
  };
}

interface Source {
  readonly family: Family;
  readonly source: string;
}

/**
 * With these settings the kernel announces the NIC's addresses (gratuitous ARP, unsolicited neighbour advertisement)
 * whenever its hardware address is set, even to what it was: whoever on the link knew another owner learns of this one.
 */
function hardwareObjects(nic: Nic, hardwareAddress: string | undefined, sources: readonly Source[]): DesiredObject[] {
  const keyOf = {
    inet: `net/ipv4/conf/${nic.name}/arp_notify`,
    inet6: `net/ipv6/conf/${nic.name}/ndisc_notify`,
  } as const;
  const settings = sources.map(
    ({ family }): DesiredObject => ({
      kind: 'sysctl',
      place: 'pod',
      key: keyOf[family],
      value: '1',
    }),
  );
  const address = hardwareAddress ?? nic.address;
  // A NIC that does not take its own address again (ipvlan has its parent's) goes without an announcement.
  const optional = hardwareAddress === undefined;
  return [...settings, { kind: 'link', place: 'pod', dev: nic.name, wanted: { address }, optional }];
}

function podObjects(
  { rpFilter, cidrs }: Config,
  { nic, node }: Facts,
  pair: DesiredPair,
  sources: Source[],
): DesiredObject[] {
  const place: Place = 'pod';
  const dev = podEnd;
  const objects: DesiredObject[] = [];
  const has = (family: Family): boolean => sources.some(source => source.family === family);
  if (rpFilter !== undefined) {
    // The kernel takes the larger of the interface's value and that of "all".
    for (const name of ['all', nic.name, dev])
      objects.push({ kind: 'sysctl', place, key: `net/ipv4/conf/${name}/rp_filter`, value: String(rpFilter) });
  }
  if (has('inet6')) objects.push({ kind: 'sysctl', place, key: `net/ipv6/conf/${dev}/disable_ipv6`, value: '0' });

  objects.push({ kind: 'link', place, dev, wanted: { up: true } });
  // Without an address of its own, netfilter's REDIRECT drops what comes in through the pair.
  if (has('inet')) objects.push({ kind: 'address', place, dev, wanted: { address: podEndAddress, scope: 'link' } });

  const destinations = [...node.addresses.map(hostPrefix), ...cidrs.map(String)];
  for (const { family, source } of sources) {
    const gateway = gateways[family];
    objects.push({
      kind: 'neighbour',
      place,
      dev,
      wanted: { dst: gateway, address: pair.hostAddress, state: 'permanent', protocol },
    });
    for (const dst of new Set(destinations))
      if (familyOf(dst) === family)
        objects.push({
          kind: 'route',
          place,
          dev,
          wanted: { dst, gateway, onlink: family === 'inet', prefsrc: source, table: mainTable, protocol },
        });
  }
  return objects;
}

function nodeObjects(
  { rpFilter }: Config,
  { nic, node }: Facts,
  pair: DesiredPair,
  sources: Source[],
): DesiredObject[] {
  const place: Place = 'node';
  const dev = pair.hostName;
  const objects: DesiredObject[] = [];
  if (rpFilter !== undefined)
    objects.push({ kind: 'sysctl', place, key: `net/ipv4/conf/${dev}/rp_filter`, value: String(rpFilter) });
  if (sources.some(({ family }) => family === 'inet6')) {
    objects.push({ kind: 'sysctl', place, key: `net/ipv6/conf/${dev}/disable_ipv6`, value: '0' });
    objects.push({ kind: 'sysctl', place, key: `net/ipv6/conf/${dev}/accept_ra`, value: '0' });
  }
  for (const address of nic.addresses) {
    objects.push({
      kind: 'neighbour',
      place,
      dev,
      wanted: { dst: address, address: pair.podAddress, state: 'permanent', protocol },
    });
    const prefsrc = node.views.get(address)?.source;
    objects.push({
      kind: 'route',
      place,
      dev,
      wanted: { dst: hostPrefix(address), table: mainTable, protocol, ...(prefsrc && { prefsrc }) },
    });
  }
  return objects;
}

function deriveHardwareAddress(prefix: MacPrefix, { addresses }: Nic): string | undefined {
  const [first] = addresses;
  return first && MacAddress.fromAddress(prefix, Address.parse(first)).toString();
}
