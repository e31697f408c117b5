import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addresses, families, prefixes, prefixesOf, ranges } from '../test/arbitraries.ts';
import { Address } from './address.ts';
import { Prefix } from './prefix.ts';
import { Range } from './range.ts';

describe('text', () => {
  test.each(['0.0.0.0/0', '10.0.0.0/8', '10.1.2.3/32', '::/0', 'fd00:10:233::/56', '::ffff:10.0.0.0/104', '::1/128'])(
    '%s is a prefix',
    given => {
      expect(Prefix.parse(given).toString()).toBe(given);
    },
  );

  test.each([
    ['10.0.0.0/33', 'not an IPv4 prefix: "10.0.0.0/33": the length must be 0 to 32'],
    ['10.0.0.0/08', 'not an IPv4 prefix: "10.0.0.0/08": the length must be 0 to 32'],
    ['10.0.0.0/', 'not an IPv4 prefix: "10.0.0.0/": the length must be 0 to 32'],
    ['10.0.0.0/-1', 'not an IPv4 prefix: "10.0.0.0/-1": the length must be 0 to 32'],
    ['10.0.0.0/8.5', 'not an IPv4 prefix: "10.0.0.0/8.5": the length must be 0 to 32'],
    ['10.0.0.0/ 8', 'not an IPv4 prefix: "10.0.0.0/ 8": the length must be 0 to 32'],
    ['10.0.0.0/0x8', 'not an IPv4 prefix: "10.0.0.0/0x8": the length must be 0 to 32'],
    ['10.0.0.0/8/8', 'not an IPv4 prefix: "10.0.0.0/8/8": the length must be 0 to 32'],
    ['10.0.0.0/255.0.0.0', 'not an IPv4 prefix: "10.0.0.0/255.0.0.0": the length must be 0 to 32'],
    ['fd00::/129', 'not an IPv6 prefix: "fd00::/129": the length must be 0 to 128'],
    ['10.0.0.0', 'not an IPv4 prefix: "10.0.0.0": it has no "/" and length'],
    ['10/8', 'not an IP prefix: "10/8": it must be four decimal numbers with dots between them'],
    ['10.1.2.3/8', 'not an IPv4 prefix: "10.1.2.3/8": host bits are set: the network is 10.0.0.0/8'],
    ['fe80::1/64', 'not an IPv6 prefix: "fe80::1/64": host bits are set: the network is fe80::/64'],
    ['fe80::%eth0/64', 'not an IP prefix: "fe80::%eth0/64": it has a zone'],
    ['', 'not an IP prefix: "": it is empty'],
  ])('%j is no prefix', (given, message) => {
    expect(() => Prefix.parse(given)).toThrow(expect.objectContaining({ name: 'ParseError', message }));
  });

  test('a prefix of another family than the one asked for is refused', () => {
    expect(() => Prefix.parse('10.0.0.0/8', 6)).toThrow(
      'not an IPv6 prefix: "10.0.0.0/8": 10.0.0.0 is an IPv4 address',
    );
  });

  test('every prefix is read back from its text', () => {
    fc.assert(
      fc.property(prefixes, prefix => {
        expect(Prefix.parse(prefix.toString())).toEqual(prefix);
      }),
    );
  });
});

describe('making', () => {
  test('the prefix around an address has the host bits cleared', () => {
    expect(`${Prefix.of(Address.parse('10.1.2.3'), 8)}`).toBe('10.0.0.0/8');
  });

  test('without a length it is the host prefix', () => {
    expect(`${Prefix.of(Address.parse('10.1.2.3'))}`).toBe('10.1.2.3/32');
    expect(`${Prefix.of(Address.parse('fe80::1'))}`).toBe('fe80::1/128');
    fc.assert(fc.property(prefixes, prefix => prefix.isHost === (prefix.size === 1n)));
  });

  test.each([-1, 33, 1.5, Number.NaN])('an IPv4 prefix cannot have %s bits', length => {
    expect(() => Prefix.of(Address.parse('10.0.0.0'), length)).toThrow(
      new RangeError(`the length of an IPv4 prefix must be 0 to 32, not ${length}`),
    );
  });
});

describe('addresses', () => {
  test('first and last share the leading bits, and no neighbour does', () => {
    fc.assert(
      fc.property(prefixes, prefix => {
        expect(prefix.size).toBe(1n << BigInt(prefix.network.bits - prefix.length));
        expect(prefix.last.toBigInt() - prefix.first.toBigInt() + 1n).toBe(prefix.size);
        for (const outside of [prefix.first.previous(), prefix.last.next()])
          expect(outside === undefined || !prefix.contains(outside)).toBe(true);
      }),
    );
  });

  test('an IPv4 prefix has a broadcast address unless it is a point-to-point link or a host', () => {
    const broadcast = (text: string) => Prefix.parse(text).broadcast?.toString();
    expect(broadcast('10.1.2.0/24')).toBe('10.1.2.255');
    expect(broadcast('10.1.2.0/30')).toBe('10.1.2.3');
    expect(broadcast('10.1.2.0/31')).toBeUndefined();
    expect(broadcast('10.1.2.0/32')).toBeUndefined();
    expect(broadcast('fd00::/64')).toBeUndefined();
  });

  test('the mask has a one for each bit of the length', () => {
    const mask = (text: string) => Prefix.parse(text).mask.toString();
    expect(mask('0.0.0.0/0')).toBe('0.0.0.0');
    expect(mask('10.0.0.0/12')).toBe('255.240.0.0');
    expect(mask('10.0.0.1/32')).toBe('255.255.255.255');
    expect(mask('fd00::/56')).toBe('ffff:ffff:ffff:ff00::');
  });

  test('addresses are each address once, in order', () => {
    expect([...Prefix.parse('10.0.0.254/31').addresses()].map(String)).toEqual(['10.0.0.254', '10.0.0.255']);
    expect([...Prefix.parse('255.255.255.252/30').addresses()].map(String)).toEqual([
      '255.255.255.252',
      '255.255.255.253',
      '255.255.255.254',
      '255.255.255.255',
    ]);
  });
});

describe('containing', () => {
  test('a prefix contains an address exactly if the address is between its first and its last', () => {
    fc.assert(
      fc.property(prefixes, addresses, (prefix, address) => {
        const between = prefix.first.compare(address) <= 0 && address.compare(prefix.last) <= 0;
        expect(prefix.contains(address)).toBe(between);
      }),
    );
  });

  test('a prefix contains another exactly if it contains its first and its last address', () => {
    fc.assert(
      fc.property(prefixes, fc.oneof(prefixes, ranges), (a, b) => {
        expect(a.contains(b)).toBe(a.contains(b.first) && a.contains(b.last));
      }),
    );
  });

  test('prefixes overlap exactly if one contains the other', () => {
    fc.assert(fc.property(prefixes, prefixes, (a, b) => a.overlaps(b) === (a.contains(b) || b.contains(a))));
  });

  test('a default prefix contains its own family only', () => {
    const [ipv4, ipv6] = [Prefix.parse('0.0.0.0/0'), Prefix.parse('::/0')];
    expect(ipv4.contains(Address.parse('::1'))).toBe(false);
    expect(ipv6.contains(Address.parse('10.0.0.1'))).toBe(false);
    expect(ipv6.contains(Address.parse('::ffff:10.0.0.1'))).toBe(true);
    expect(ipv4.overlaps(ipv6)).toBe(false);
    expect([ipv4.isDefault, ipv6.isDefault, Prefix.parse('0.0.0.0/1').isDefault]).toEqual([true, true, false]);
  });

  test('a prefix and a range are equal if they have the same addresses', () => {
    expect(Prefix.parse('10.0.0.0/31').equals(Range.parse('10.0.0.0-10.0.0.1'))).toBe(true);
    expect(Prefix.parse('10.0.0.0/31').equals(Prefix.parse('10.0.0.0/30'))).toBe(false);
  });

  test('sorting puts IPv4 first, then lower addresses, then the larger before what it contains', () => {
    const sorted = ['::/0', '10.1.0.0/16', '10.0.0.0/16', '10.0.0.0/8', '::/128'].map(text => Prefix.parse(text));
    expect(sorted.sort((a, b) => a.compare(b)).map(String)).toEqual([
      '10.0.0.0/8',
      '10.0.0.0/16',
      '10.1.0.0/16',
      '::/0',
      '::/128',
    ]);
  });
});

describe('neighbours', () => {
  test('the parent is one bit shorter and contains the prefix', () => {
    expect(`${Prefix.parse('10.1.0.0/16').parent}`).toBe('10.0.0.0/15');
    expect(Prefix.parse('0.0.0.0/0').parent).toBeUndefined();
    fc.assert(fc.property(prefixes, prefix => prefix.isDefault || prefix.parent!.contains(prefix)));
  });

  test('the next prefix begins where this one ends', () => {
    expect(`${Prefix.parse('10.0.0.0/8').next()}`).toBe('11.0.0.0/8');
    expect(Prefix.parse('255.0.0.0/8').next()).toBeUndefined();
    fc.assert(
      fc.property(prefixes, prefix => {
        const next = prefix.next();
        expect(next?.first).toEqual(prefix.last.next());
        if (next) expect(next.previous()).toEqual(prefix);
      }),
    );
  });

  test('before the first prefix there is none', () => {
    expect(Prefix.parse('0.0.0.0/8').previous()).toBeUndefined();
    expect(Prefix.parse('::/0').previous()).toBeUndefined();
  });

  test('the subnets cover the prefix without a gap', () => {
    const small = families
      .chain(family => fc.tuple(prefixesOf(family), fc.nat({ max: 6 })))
      .filter(([prefix, bits]) => prefix.length + bits <= prefix.network.bits);
    fc.assert(
      fc.property(small, ([prefix, bits]) => {
        const subnets = [...prefix.subnets(prefix.length + bits)];
        expect(subnets).toHaveLength(2 ** bits);
        expect(subnets[0]!.first).toEqual(prefix.first);
        expect(subnets.at(-1)!.last).toEqual(prefix.last);
        for (const [i, subnet] of subnets.entries())
          if (i > 0) expect(subnet.first).toEqual(subnets[i - 1]!.last.next());
      }),
    );
  });

  test('the first of very many subnets is there at once', () => {
    expect(`${Prefix.parse('fd00::/8').subnets(128).next().value}`).toBe('fd00::/128');
  });

  test('subnets larger than the prefix or longer than an address are refused at once', () => {
    expect(() => Prefix.parse('10.0.0.0/8').subnets(7)).toThrow(new RangeError('10.0.0.0/8 has no subnets of 7 bits'));
    expect(() => Prefix.parse('10.0.0.0/8').subnets(33)).toThrow(RangeError);
  });
});
