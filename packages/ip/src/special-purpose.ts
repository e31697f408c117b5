import type { Address } from './address.ts';
import { Prefix } from './prefix.ts';
import { type Row, rows } from './special-purpose-registry.ts';

/** An entry of the IANA IPv4 or IPv6 Special-Purpose Address Registry (RFC 6890, RFC 8190). */
export interface SpecialPurpose {
  readonly prefix: Prefix;
  /** The name in the registry, e.g. `Private-Use`. */
  readonly name: string;
  /** The document that assigned it, e.g. `RFC 1918`. */
  readonly reference: string;
  // As the registry says, and undefined where it says nothing.
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
 * The most specific entry of the IANA registries that contains `address`; `undefined` for ordinary unicast addresses
 * and for multicast, which has registries of its own.
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
