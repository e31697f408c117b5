import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addresses, families, ipv4Addresses, ipv6Addresses, ipv6Spellings } from '../test/arbitraries.ts';
import { Address } from './address.ts';
import { ParseError } from './text/parse-error.ts';

const text = (address: Address | undefined) => address?.toString();

describe('text', () => {
  test.each([
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8::A', '2001:db8::a'],
    ['2001:0db8:0000::0001', '2001:db8::1'],
    // RFC 5952 section 4.2.2: a single zero group is not shortened
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    // section 4.2.3: the longest run is, and the first of equals
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:1::1:0:0', '::1:0:0:1:0:0'],
    // section 5: IPv4-mapped addresses end in dotted decimal
    ['::ffff:c000:0201', '::ffff:192.0.2.1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    // IPv4-compatible, which is not IPv4-mapped
    ['::192.0.2.1', '::c000:201'],
  ])('%s is written as %s', (given, canonical) => {
    expect(text(Address.parse(given))).toBe(canonical);
  });

  test.each([
    ['', 'it is empty'],
    ['10.0.0.01', '01 has a leading zero'],
    ['00.0.0.0', '00 has a leading zero'],
    ['0x0a.0.0.1', 'it must be four decimal numbers with dots between them'],
    ['10.1', 'it must be four decimal numbers with dots between them'],
    ['167772161', 'it must be four decimal numbers with dots between them'],
    ['10.0.0.1.', 'it must be four decimal numbers with dots between them'],
    [' 10.0.0.1', 'it must be four decimal numbers with dots between them'],
    ['10.0.0.1\n', 'it must be four decimal numbers with dots between them'],
    ['10.0.0.٣', 'it must be four decimal numbers with dots between them'],
    ['10.0.0.256', '256 is more than 255'],
    ['10.0.0.1/8', 'it has a prefix length'],
    ['fe80::1%eth0', 'it has a zone'],
    ['::1::', '"::" may stand only once'],
    [':::', '"::" may stand only once'],
    ['1:2:3:4:5:6:7', 'it must be eight groups with colons between them, or fewer with one "::"'],
    ['1:2:3:4:5:6:7:8::', 'it must be eight groups with colons between them, or fewer with one "::"'],
    ['1:2:3:4:5:6:7:', 'it must be eight groups with colons between them, or fewer with one "::"'],
    ['12345::', '"12345" is not one to four hexadecimal digits'],
    ['::g', '"g" is not one to four hexadecimal digits'],
    ['::1.2.3.4:5', '"1.2.3.4" is not one to four hexadecimal digits'],
    ['::1\n', '"1\\n" is not one to four hexadecimal digits'],
    ['[::1]', '"[" is not one to four hexadecimal digits'],
    ['::ffff:1.2.3', 'in its IPv4 part, it must be four decimal numbers with dots between them'],
    ['::ffff:01.2.3.4', 'in its IPv4 part, 01 has a leading zero'],
  ])('%j is no address: %s', (given, reason) => {
    expect(Address.tryParse(given)).toBeUndefined();
    expect(() => Address.parse(given)).toThrow(
      expect.objectContaining({ expected: 'IP address', text: given, reason }),
    );
  });

  test('an error names what was expected, the text and the rule', () => {
    expect(() => Address.parse('10.0.0.256')).toThrow(
      new ParseError('IP address', '10.0.0.256', '256 is more than 255'),
    );
    expect(() => Address.parse('10.0.0.256')).toThrow('not an IP address: "10.0.0.256": 256 is more than 255');
  });

  test('an address of another family than the one asked for is refused', () => {
    expect(() => Address.parse('::1', 4)).toThrow('not an IPv4 address: "::1": it is an IPv6 address');
    expect(() => Address.parse('10.0.0.1', 6)).toThrow('not an IPv6 address: "10.0.0.1": it is an IPv4 address');
    expect(() => Address.parse('1.2', 6)).toThrow('not an IPv6 address: "1.2": it must be eight groups');
    expect(text(Address.parse('::1', 6))).toBe('::1');
  });

  test('every address is read back from its text', () => {
    fc.assert(fc.property(addresses, address => Address.parse(address.toString()).equals(address)));
  });

  test('every spelling of an address is read as the same address', () => {
    fc.assert(fc.property(ipv6Spellings, ([address, spelling]) => Address.parse(spelling).equals(address)));
  });

  test('an address stands in JSON as its text', () => {
    expect(JSON.stringify({ gateway: Address.parse('FE80::1') })).toBe('{"gateway":"fe80::1"}');
  });
});

describe('bytes and integers', () => {
  test('bytes are in network order', () => {
    expect([...Address.parse('10.1.2.3').toBytes()]).toEqual([10, 1, 2, 3]);
    expect([...Address.parse('fe80::102').toBytes()]).toEqual([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
  });

  test('every address is made again of its bytes and of its integer', () => {
    fc.assert(
      fc.property(addresses, address => {
        expect(Address.fromBytes(address.toBytes())).toEqual(address);
        expect(Address.fromBigInt(address.toBigInt(), address.family)).toEqual(address);
      }),
    );
  });

  test('bytes are written at the offset and nowhere else', () => {
    const target = new Uint8Array(7).fill(9);
    Address.parse('10.1.2.3').writeBytes(target, 2);
    expect([...target]).toEqual([9, 9, 10, 1, 2, 3, 9]);
  });

  test('the bytes of an address are a copy', () => {
    const address = Address.parse('10.1.2.3');
    address.toBytes().fill(0);
    expect(text(address)).toBe('10.1.2.3');
  });

  test('other numbers of bytes than 4 and 16 are refused', () => {
    expect(() => Address.fromBytes(new Uint8Array(6))).toThrow(
      new RangeError('an IP address has 4 or 16 bytes, not 6'),
    );
  });

  test('an integer that does not fit the family is refused', () => {
    expect(() => Address.fromBigInt(2n ** 32n, 4)).toThrow(RangeError);
    expect(() => Address.fromBigInt(2n ** 128n, 6)).toThrow(RangeError);
    expect(() => Address.fromBigInt(-1n, 4)).toThrow('-1 is not the value of an IPv4 address');
    expect(text(Address.fromBigInt(2n ** 128n - 1n, 6))).toBe('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff');
  });
});

describe('order', () => {
  test('addresses sort as their integers, IPv4 before IPv6', () => {
    fc.assert(
      fc.property(addresses, addresses, (a, b) => {
        const byInteger = a.toBigInt() < b.toBigInt() ? -1 : Number(a.toBigInt() > b.toBigInt());
        expect(Math.sign(a.compare(b))).toBe(a.family === b.family ? byInteger : Math.sign(a.family - b.family));
        expect(a.equals(b)).toBe(a.compare(b) === 0);
      }),
    );
  });

  test('an IPv4 address, the IPv4-mapped and the IPv4-compatible one are three', () => {
    const [plain, mapped, compatible] = ['1.2.3.4', '::ffff:1.2.3.4', '::1.2.3.4'].map(text => Address.parse(text));
    expect(plain!.equals(mapped!)).toBe(false);
    expect(plain!.equals(compatible!)).toBe(false);
    expect(mapped!.equals(compatible!)).toBe(false);
    expect(plain).not.toEqual(compatible);
  });

  test('the next and the previous address differ by one', () => {
    fc.assert(
      fc.property(addresses, address => {
        const value = address.toBigInt();
        expect(address.next()?.toBigInt() ?? 2n ** BigInt(address.bits)).toBe(value + 1n);
        expect(address.previous()?.toBigInt() ?? -1n).toBe(value - 1n);
        expect(address.next()?.family ?? address.family).toBe(address.family);
      }),
    );
  });

  test.each([
    ['0.255.255.255', '1.0.0.0'],
    ['127.255.255.255', '128.0.0.0'],
    ['255.255.255.255', undefined],
    ['::ffff:ffff', '::1:0:0'],
    ['::ffff:ffff:ffff:ffff', '0:0:0:1::'],
    ['::ffff:ffff:ffff:ffff:ffff:ffff', '0:1::'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', undefined],
  ])('after %s comes %s', (before, after) => {
    expect(text(Address.parse(before).next())).toBe(after);
    if (after !== undefined) expect(text(Address.parse(after).previous())).toBe(before);
  });

  test('before the first address of a family there is none', () => {
    expect(Address.parse('0.0.0.0').previous()).toBeUndefined();
    expect(Address.parse('::').previous()).toBeUndefined();
  });
});

describe('bits', () => {
  test('common bits are counted from the left, within a family', () => {
    fc.assert(
      fc.property(addresses, addresses, (a, b) => {
        const differing = (a.toBigInt() ^ b.toBigInt()).toString(2);
        const common = a.family !== b.family ? 0 : a.equals(b) ? a.bits : a.bits - differing.length;
        expect(a.commonBits(b)).toBe(common);
      }),
    );
  });

  test('trailing zeros are counted from the right', () => {
    fc.assert(
      fc.property(addresses, address => {
        const digits = address.toBigInt().toString(2);
        expect(address.trailingZeros).toBe(address.isUnspecified ? address.bits : /0*$/.exec(digits)![0].length);
      }),
    );
  });

  test('floor and ceil are the lowest and the highest address with the same leading bits', () => {
    const cases = fc.tuple(addresses, fc.nat({ max: 128 })).filter(([address, length]) => length <= address.bits);
    fc.assert(
      fc.property(cases, ([address, length]) => {
        const host = (1n << BigInt(address.bits - length)) - 1n;
        expect(address.floor(length).toBigInt()).toBe(address.toBigInt() & ~host);
        expect(address.ceil(length).toBigInt()).toBe(address.toBigInt() | host);
        expect(address.ceil(length).family).toBe(address.family);
      }),
    );
  });
});

describe('kinds', () => {
  test.each([
    [
      'isLinkLocal',
      ['169.254.0.0', '169.254.255.255', 'fe80::', 'febf:ffff::'],
      ['169.253.255.255', '169.255.0.0', 'fec0::', 'fe7f::', '::ffff:169.254.0.1'],
    ],
    [
      'isLoopback',
      ['127.0.0.0', '127.255.255.255', '::1'],
      ['126.255.255.255', '128.0.0.0', '::', '::2', '1::1', '::ffff:127.0.0.1'],
    ],
    ['isMulticast', ['224.0.0.0', '239.255.255.255', 'ff00::', 'ff02::1'], ['223.255.255.255', '240.0.0.0', 'fe00::']],
    ['isUnspecified', ['0.0.0.0', '::'], ['0.0.0.1', '128.0.0.0', '::1', '8000::']],
    [
      'isMapped',
      ['::ffff:0.0.0.0', '::ffff:255.255.255.255'],
      ['0.0.0.0', '::fffe:1.2.3.4', '::1:ffff:1.2.3.4', '::1.2.3.4'],
    ],
  ] as const)('%s is true for %j and false for %j', (kind, yes, no) => {
    for (const address of yes) expect(Address.parse(address)[kind], address).toBe(true);
    for (const address of no) expect(Address.parse(address)[kind], address).toBe(false);
  });

  test('an IPv4 address is mapped into IPv6 and back', () => {
    expect(text(Address.parse('192.0.2.1').toMapped())).toBe('::ffff:192.0.2.1');
    expect(text(Address.parse('::ffff:192.0.2.1').toUnmapped())).toBe('192.0.2.1');
    fc.assert(fc.property(ipv4Addresses, address => address.toMapped().toUnmapped().equals(address)));
  });

  test('an IPv6 address is not mapped, and an unmapped address is itself', () => {
    fc.assert(
      fc.property(ipv6Addresses, address => {
        expect(address.toMapped()).toBe(address);
        expect(address.toUnmapped() === address).toBe(!address.isMapped);
      }),
    );
  });
});

test('an address cannot be changed', () => {
  fc.assert(
    fc.property(addresses, families, (address, family) => {
      expect(() => Object.assign(address, { family })).toThrow(TypeError);
      expect(() => Object.assign(address, { d: 1 })).toThrow(TypeError);
    }),
    { numRuns: 5 },
  );
});
