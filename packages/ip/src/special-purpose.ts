import type { Address } from './address.ts';
import { Prefix } from './prefix.ts';
import { type Row, rows } from './special-purpose-registry.ts';

/** An entry of the IANA IPv4 or IPv6 Special-Purpose Address Registry (RFC 6890, RFC 8190). */
export interface SpecialPurpose {
  /** The addresses that the entry is about. */
  readonly prefix: Prefix;
  /** Name in the registry, such as `Private-Use`. */
  readonly name: string;
  /** The document that assigned the prefix, such as `RFC 1918`. */
  readonly reference: string;
  // Columns of the registry; undefined if it has no value.
  /** Whether the address may be the source of a datagram that transits two devices. */
  readonly source: boolean | undefined;
  /** Whether the address may be the destination of a datagram that transits two devices. */
  readonly destination: boolean | undefined;
  /** Whether a router may forward a datagram to the address between external interfaces. */
  readonly forwardable: boolean | undefined;
  /** Whether a datagram to the address may be forwarded beyond an administrative domain. */
  readonly globallyReachable: boolean | undefined;
  /** Whether IP implementations must treat the address in a special way. */
  readonly reservedByProtocol: boolean | undefined;
}

let registry: SpecialPurpose[] | undefined;

/**
 * The most specific entry of the IANA registries that contains `address`; `undefined` for ordinary unicast addresses, and
 * for multicast addresses, which have registries of their own.
 */
export function specialPurpose(address: Address): SpecialPurpose | undefined {
  registry ??= rows.map(toEntry).sort((a, b) => b.prefix.length - a.prefix.length);
  return registry.find(entry => entry.prefix.contains(address));
}

function toEntry([prefix, name, reference, flags]: Row): SpecialPurpose {
  const [source, destination, forwardable, globallyReachable, reservedByProtocol] = Array.from(flags, toBoolean);
  return Object.freeze({
    prefix: Prefix.parse(prefix),
    name,
    reference,
    source,
    destination,
    forwardable,
    globallyReachable,
    reservedByProtocol,
  });
}

function toBoolean(flag: string): boolean | undefined {
  return flag === '-' ? undefined : flag === 'T';
}
