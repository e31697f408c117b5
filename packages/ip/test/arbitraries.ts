import fc from 'fast-check';
import { Address, type Family, Prefix, Range } from '../src/index.ts';

export const families = fc.constantFrom<Family>(4, 6);

// Values of groups for which runs of zeros, carries across words and IPv4-mapped addresses are likely.
const group = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(0, 0, 0, 1, 0xffff) },
  fc.integer({ min: 0, max: 0xffff }),
);

function fromGroups(groups: readonly number[]): Address {
  return Address.fromBytes(Uint8Array.from(groups.flatMap(value => [value >> 8, value & 255])));
}

export const ipv4Addresses = fc.array(group, { minLength: 2, maxLength: 2 }).map(fromGroups);
export const ipv6Addresses = fc
  .oneof(
    { weight: 9, arbitrary: fc.array(group, { minLength: 8, maxLength: 8 }) },
    fc.array(group, { minLength: 2, maxLength: 2 }).map(low => [0, 0, 0, 0, 0, 0xffff, ...low]),
  )
  .map(fromGroups);

export const addressesOf = (family: Family) => (family === 4 ? ipv4Addresses : ipv6Addresses);
export const addresses = fc.oneof(ipv4Addresses, ipv6Addresses);

export const prefixesOf = (family: Family) =>
  fc.tuple(addressesOf(family), fc.integer({ min: 0, max: family === 4 ? 32 : 128 })).map(args => Prefix.of(...args));
export const prefixes = families.chain(prefixesOf);

export const rangesOf = (family: Family) =>
  fc
    .tuple(addressesOf(family), addressesOf(family))
    .map(([a, b]) => (a.compare(b) <= 0 ? Range.of(a, b) : Range.of(b, a)));
export const ranges = families.chain(rangesOf);

/** An IPv6 address in any form of RFC 4291 section 2.2: any case, padding, "::" and dotted part. */
export const ipv6Spellings = fc
  .tuple(ipv6Addresses, fc.infiniteStream(fc.nat()))
  .map(([address, stream]) => [address, spell(address, () => stream.next().value)] as const);

function spell(address: Address, choose: () => number): string {
  const bytes = address.toBytes();
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
  const parts = groups.map(value => {
    const digits = value.toString(16).padStart(1 + (choose() % 4), '0');
    return choose() % 2 ? digits.toUpperCase() : digits;
  });
  if (choose() % 3 === 0) parts.splice(6, 2, bytes.subarray(12).join('.'));
  const zeros = groups.map((value, i) => (value === 0 && i < parts.length && !parts[i]!.includes('.') ? i : -1));
  const starts = zeros.filter(i => i >= 0);
  if (starts.length === 0 || choose() % 4 === 0) return parts.join(':');
  const start = starts[choose() % starts.length]!;
  let end = start + 1;
  while (zeros[end] === end && choose() % 4) end++;
  return `${parts.slice(0, start).join(':')}::${parts.slice(end).join(':')}`;
}

/** Text similar to an address: correct, or with up to three wrong characters. */
export const almostAddresses = fc
  .tuple(
    fc.oneof(
      ipv4Addresses.map(String),
      ipv6Addresses.map(String),
      ipv6Spellings.map(([, spelling]) => spelling),
    ),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 1 }), fc.constantFrom(...'0019afAFgx:::...-/ ', '')), { maxLength: 3 }),
  )
  .map(([text, edits]) =>
    edits.reduce((changed, [at, drop, insert]) => {
      const i = at % (changed.length + 1);
      return changed.slice(0, i) + insert + changed.slice(i + drop);
    }, text),
  );
