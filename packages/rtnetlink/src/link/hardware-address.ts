// Link-layer addresses of links. Those of a tunnel are the IP addresses of its ends.
import { attribute, type Field } from '../codec/field.ts';
import { formatLinkAddress, parseAddress6 } from '../codec/text.ts';
import { ip, linkAddress } from '../codec/type.ts';

/** Offset of ifi_type in struct ifinfomsg. */
const typeOffset = 2;

/**
 * True for ARPHRD_TUNNEL6 and ARPHRD_IP6GRE of <linux/if_arp.h>. Links of other types may have 16 bytes too (FireWire).
 * Requests have no type: the addresses in the filter of a list must read as those in the list.
 */
function isTunnelOverIPv6(type: number): boolean {
  return type === 769 || type === 823 || type === 0;
}

/** The link-layer address in an attribute of this type. */
export function hardwareAddress(id: number): Field<string, false> {
  const plain = attribute(id, linkAddress);
  return {
    ...plain,
    read(extent) {
      const { memory, start } = extent;
      const at = extent.find(id);
      const isLong = at >= 0 && extent.lengthAt(at) === 16;
      return isLong && isTunnelOverIPv6(memory.view.getUint16(start + typeOffset, true))
        ? ip.read(memory, at, 16)
        : plain.read(extent);
    },
  };
}

/** Two colons in a row, or more than two digits: what an IPv6 address has, and a link-layer address has not. */
const onlyInIPv6 = /::|[0-9a-f]{3}/i;

/**
 * The filter of a list, with IPv6 addresses as the bytes of a link-layer address. Other requests take no IPv6 addresses: the
 * kernel would give an Ethernet link the first six bytes.
 */
export function asBytes<F extends { readonly [name: string]: unknown }>(filter: F): F {
  const bytes: Record<string, string> = {};
  for (const name of ['address', 'broadcast', 'permanentAddress']) {
    const value = filter[name];
    const parsed = typeof value === 'string' && onlyInIPv6.test(value) && parseAddress6(value);
    if (parsed) bytes[name] = formatLinkAddress(parsed, 0, parsed.length);
  }
  return { ...filter, ...bytes };
}
