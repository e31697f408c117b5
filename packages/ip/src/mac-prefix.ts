import { formatHexOctets, parseHexOctets } from './text/hex-octets.ts';
import { ParseError } from './text/parse-error.ts';
import { Value } from './value.ts';

/** The first two octets of MAC addresses that are made from IP addresses. Immutable; never multicast. */
export class MacPrefix extends Value {
  /** The first octet; its lowest bit is 0. */
  readonly first: number;
  /** The second octet. */
  readonly second: number;

  private constructor(first: number, second: number) {
    super();
    this.first = first;
    this.second = second;
    Object.freeze(this);
  }

  /**
   * Parses two pairs of hexadecimal digits with ":" or "-" between them, such as `0a:1b`.
   *
   * @throws ParseError the text does not have this form, or bit 0x01 of the first octet is set, which makes an address
   * multicast (I/G, IEEE 802)
   */
  static parse(text: string): MacPrefix {
    const octets = parseHexOctets(text, 2);
    if (octets === undefined)
      throw new ParseError(
        'MAC prefix',
        text,
        'it must be two pairs of hexadecimal digits with ":" or "-" between them',
      );
    const [first, second] = [octets[0]!, octets[1]!];
    if (first & 1)
      throw new ParseError(
        'MAC prefix',
        text,
        `bit 0x01 of the first octet makes multicast addresses; ${formatHexOctets([first ^ 1, second])} is unicast`,
      );
    return new MacPrefix(first, second);
  }

  /** True if both are the same prefix. */
  equals(other: MacPrefix): boolean {
    return this.first === other.first && this.second === other.second;
  }

  /** Lower case with a colon: `0a:1b`. */
  toString(): string {
    return formatHexOctets([this.first, this.second]);
  }
}
