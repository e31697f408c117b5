import { Address } from './address.ts';
import { ParseError } from './text/parse-error.ts';
import { Value } from './value.ts';

/** An immutable IPv6 address with the zone that it belongs to: `fe80::1%eth0` (RFC 4007 section 11). */
export class ScopedAddress extends Value {
  /** The address without its zone. */
  readonly address: Address;
  /** Name or index of an interface; `undefined` is the default zone. */
  readonly zone: string | undefined;

  private constructor(address: Address, zone: string | undefined) {
    super();
    this.address = address;
    this.zone = zone;
    Object.freeze(this);
  }

  /**
   * Parses an IPv6 address with or without a zone.
   *
   * @throws ParseError the address is not IPv6, or the zone cannot be the name of a Linux interface: 1 to 15 bytes of
   * UTF-8 without white space, "/", ":" and "%", and neither "." nor ".."
   */
  static parse(text: string): ScopedAddress {
    const percent = text.indexOf('%');
    if (percent < 0) return new ScopedAddress(Address.parse(text, 6), undefined);
    const zone = text.slice(percent + 1);
    if (!isInterfaceName(zone))
      throw new ParseError(
        'IPv6 address with a zone',
        text,
        `${JSON.stringify(zone)} cannot be the name of an interface`,
      );
    return new ScopedAddress(Address.parse(text.slice(0, percent), 6), zone);
  }

  /** True if both have the same address and zone. */
  equals(other: ScopedAddress): boolean {
    return this.zone === other.zone && this.address.equals(other.address);
  }

  /** `address%zone`, or only the address in the default zone. */
  toString(): string {
    return this.zone === undefined ? `${this.address}` : `${this.address}%${this.zone}`;
  }
}

function isInterfaceName(text: string): boolean {
  return /^(?!\.\.?$)[^\s/:%]+$/.test(text) && new TextEncoder().encode(text).length <= 15;
}
