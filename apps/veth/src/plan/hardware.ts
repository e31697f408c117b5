// The NIC's hardware address, and the announcement of its addresses.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { Address, MacAddress, type MacPrefix } from '@spider/ip';
import type { Config } from '../config/config.ts';
import type { Nic } from '../facts.ts';
import { families, familyOf } from '../family.ts';
import type { DesiredObject } from '../object/object.ts';

/** The prefix, and the last four octets of the NIC's first address. */
export function deriveHardwareAddress(prefix: MacPrefix, { name, kind, addresses }: Nic): string | undefined {
  if (kind === 'ipvlan' || kind === 'ipvtap')
    throw new CNIError(
      ErrorCode.UnsupportedField,
      `hardware_prefix: ${prefix}: link ${name} is an ${kind}, which has the hardware address of its parent`,
      { details: 'leave hardware_prefix out of the configuration of this interface' },
    );
  const [first] = addresses;
  return first && MacAddress.fromAddress(prefix, Address.parse(first)).toString();
}

/**
 * With these settings the kernel announces the NIC's addresses (gratuitous ARP, unsolicited neighbour advertisement)
 * whenever its hardware address is set, even to what it was: whoever on the link knew another owner learns of this one.
 */
export function hardwareObjects(
  { txqueuelen }: Config,
  nic: Nic,
  hardwareAddress: string | undefined,
): DesiredObject[] {
  const place = 'pod';
  const dev = nic.name;
  const keyOf = { inet: `net/ipv4/conf/${dev}/arp_notify`, inet6: `net/ipv6/conf/${dev}/ndisc_notify` } as const;
  const settings = families
    .filter(family => nic.addresses.some(address => familyOf(address) === family))
    .map((family): DesiredObject => ({ kind: 'sysctl', place, key: keyOf[family], value: '1' }));
  const address = hardwareAddress ?? nic.address;
  // A NIC that does not take its own address again (ipvlan has its parent's) goes without an announcement.
  const optional = hardwareAddress === undefined;
  const queue: DesiredObject[] = txqueuelen === undefined ? [] : [{ kind: 'link', place, dev, wanted: { txqueuelen } }];
  return [...queue, ...settings, { kind: 'link', place, dev, wanted: { address }, optional }];
}
