// Sets the NIC's hardware address, and announces its IP addresses.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { Address, MacAddress, type MacPrefix } from '@spider/ip';
import { familyOf, ipFamilies } from '@spider/rtnetlink';
import type { Config } from '../config/config.ts';
import type { Nic } from '../facts.ts';
import type { DesiredObject } from '../object/object.ts';

/** The configured prefix, followed by the last four octets of the NIC's first IP address. */
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
 * With these sysctls the kernel announces the NIC's addresses (gratuitous ARP, unsolicited neighbour advertisement) when
 * its hardware address is set, even to the present one. So neighbours that know another owner of an address learn the new.
 */
export function hardwareObjects(
  { txqueuelen }: Config,
  nic: Nic,
  hardwareAddress: string | undefined,
): DesiredObject[] {
  const place = 'pod';
  const dev = nic.name;
  const keyOf = { inet: `net/ipv4/conf/${dev}/arp_notify`, inet6: `net/ipv6/conf/${dev}/ndisc_notify` } as const;
  const settings = ipFamilies
    .filter(family => nic.addresses.some(address => familyOf(address) === family))
    .map((family): DesiredObject => ({ kind: 'sysctl', place, key: keyOf[family], value: '1' }));
  const address = hardwareAddress ?? nic.address;
  // Some NICs refuse to be set to their present address (ipvlan has its parent's). Then there is no announcement.
  const optional = hardwareAddress === undefined;
  const queue: DesiredObject[] = txqueuelen === undefined ? [] : [{ kind: 'link', place, dev, wanted: { txqueuelen } }];
  return [...queue, ...settings, { kind: 'link', place, dev, wanted: { address }, optional }];
}
