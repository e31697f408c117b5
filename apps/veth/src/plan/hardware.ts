// The NIC's hardware address, and the announcement of its addresses.
import { Address, MacAddress, type MacPrefix } from '@spider/ip';
import type { Nic } from '../facts.ts';
import type { DesiredObject } from '../object.ts';
import type { Path } from './path.ts';

/** The prefix, and the last four octets of the NIC's first address. */
export function deriveHardwareAddress(prefix: MacPrefix, { addresses }: Nic): string | undefined {
  const [first] = addresses;
  return first && MacAddress.fromAddress(prefix, Address.parse(first)).toString();
}

/**
 * With these settings the kernel announces the NIC's addresses (gratuitous ARP, unsolicited neighbour advertisement)
 * whenever its hardware address is set, even to what it was: whoever on the link knew another owner learns of this one.
 */
export function hardwareObjects(
  nic: Nic,
  hardwareAddress: string | undefined,
  paths: readonly Path[],
): DesiredObject[] {
  const keyOf = {
    inet: `net/ipv4/conf/${nic.name}/arp_notify`,
    inet6: `net/ipv6/conf/${nic.name}/ndisc_notify`,
  } as const;
  const settings = paths.map(
    ({ family }): DesiredObject => ({ kind: 'sysctl', place: 'pod', key: keyOf[family], value: '1' }),
  );
  const address = hardwareAddress ?? nic.address;
  // A NIC that does not take its own address again (ipvlan has its parent's) goes without an announcement.
  const optional = hardwareAddress === undefined;
  return [...settings, { kind: 'link', place: 'pod', dev: nic.name, wanted: { address }, optional }];
}
