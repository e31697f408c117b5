import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryOf } from './memory.ts';
import {
  bareString,
  be16,
  be32,
  be64,
  binary,
  boolean,
  type FixedType,
  flag,
  ip,
  linkAddress,
  named,
  range,
  s8,
  s32,
  s64,
  sbe32,
  string,
  type Type,
  u8,
  u16,
  u32,
  u64,
  uint,
} from './type.ts';
import { Writer } from './writer.ts';

function encode<T>(type: Type<T>, value: T): number[] {
  const writer = new Writer();
  type.write(writer, value);
  return [...writer.memory.bytes.subarray(0, writer.length)];
}

function decode<T>(type: Type<T>, bytes: readonly number[]): T {
  // Bytes on both sides that must remain unchanged.
  return type.read(memoryOf([0xaa, ...bytes, 0xbb, 0xcc]), 1, bytes.length);
}

const integers: [string, FixedType<number>, number, number][] = [
  ['u8', u8, 0, 0xff],
  ['s8', s8, -0x80, 0x7f],
  ['u16', u16, 0, 0xffff],
  ['u32', u32, 0, 0xffff_ffff],
  ['s32', s32, -0x8000_0000, 0x7fff_ffff],
  ['be16', be16, 0, 0xffff],
  ['be32', be32, 0, 0xffff_ffff],
  ['sbe32', sbe32, -0x8000_0000, 0x7fff_ffff],
];
const bigIntegers: [string, FixedType<bigint>, bigint, bigint][] = [
  ['u64', u64, 0n, 2n ** 64n - 1n],
  ['s64', s64, -(2n ** 63n), 2n ** 63n - 1n],
  ['be64', be64, 0n, 2n ** 64n - 1n],
];

describe('numbers', () => {
  test.each(integers)('of type %s are read as they were written', (_, type, min, max) => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max })), value => {
        const bytes = encode(type, value);
        expect(bytes).toHaveLength(type.size);
        expect(decode(type, bytes)).toBe(value);
      }),
    );
  });

  test.each(bigIntegers)('of type %s are read as they were written', (_, type, min, max) => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(min, max), fc.bigInt({ min, max })), value => {
        const bytes = encode(type, value);
        expect(bytes).toHaveLength(8);
        expect(decode(type, bytes)).toBe(value);
      }),
    );
  });

  test.each(integers)('of type %s are refused beyond their range', (_, type, min, max) => {
    for (const value of [min - 1, max + 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => encode(type, value)).toThrow(`${value} is not an integer from ${min} to ${max}`);
    expect(() => encode(type, '1' as unknown as number)).toThrow('"1" is not an integer');
  });

  test.each(bigIntegers)('of type %s are refused beyond their range', (_, type, min, max) => {
    for (const value of [min - 1n, max + 1n, 1 as unknown as bigint])
      expect(() => encode(type, value)).toThrow(`${value} is not a bigint from ${min} to ${max}`);
  });

  test('stand in host order, and the be types in network order', () => {
    expect(encode(u16, 0x0102)).toEqual([2, 1]);
    expect(encode(u32, 0x01020304)).toEqual([4, 3, 2, 1]);
    expect(encode(u64, 0x0102n)).toEqual([2, 1, 0, 0, 0, 0, 0, 0]);
    expect(encode(be16, 0x0102)).toEqual([1, 2]);
    expect(encode(be32, 0x01020304)).toEqual([1, 2, 3, 4]);
    expect(encode(sbe32, -2)).toEqual([255, 255, 255, 254]);
    expect(encode(be64, 0x0102n)).toEqual([0, 0, 0, 0, 0, 0, 1, 2]);
  });

  test('are read from longer values, and not from shorter ones', () => {
    expect(decode(u16, [1, 0, 9])).toBe(1);
    expect(() => decode(u16, [1])).toThrow('expected 2 bytes, found 1');
  });
});

describe('texts', () => {
  test('are read as they were written, with a NUL at the end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), value => {
        fc.pre(!value.includes('\0'));
        const bytes = encode(string(1024), value);
        expect(bytes.at(-1)).toBe(0);
        expect(decode(string(1024), bytes)).toBe(value);
      }),
    );
  });

  test('are read without a NUL at the end too, and up to the first one', () => {
    expect(decode(string(16), [0x65, 0x74, 0x68])).toBe('eth');
    expect(decode(string(16), [0x65, 0, 0x68, 0])).toBe('e');
    expect(decode(string(16), [])).toBe('');
  });

  test('are refused where they and their NUL need more bytes than there are, or contain a NUL', () => {
    expect(encode(string(16), 'fifteen-letters')).toHaveLength(16);
    expect(() => encode(string(16), 'sixteen-letters!')).toThrow('is not a text of at most 15 bytes without NUL');
    expect(() => encode(string(4), 'éé')).toThrow('at most 3 bytes');
    expect(() => encode(string(16), 'a\0b')).toThrow('without NUL');
  });
});

test('bare texts are written without a NUL', () => {
  expect(encode(bareString(4), 'veth')).toEqual([0x76, 0x65, 0x74, 0x68]);
  expect(decode(bareString(4), [0x76, 0x65, 0x74, 0x68, 0])).toBe('veth');
  expect(() => encode(bareString(4), 'vxlan')).toThrow('at most 4 bytes');
});

describe('named numbers', () => {
  const scope = named(u8, { global: 0, link: 253 });

  test('are written by name or number, and read by name where they have one', () => {
    expect(encode(scope, 'link')).toEqual([253]);
    expect(encode(scope, 253)).toEqual([253]);
    expect(decode(scope, [0])).toBe('global');
    expect(decode(scope, [7])).toBe(7);
  });

  test('refuse another name, telling those there are', () => {
    expect(() => encode(scope, 'lnik' as 'link')).toThrow('"lnik" is not one of global, link, or a number');
    expect(() => encode(scope, 'toString' as 'link')).toThrow('is not one of');
  });
});

test('numbers of either size take 4 bytes where they fit in, else 8', () => {
  for (const value of [0n, 1n, 0xffff_ffffn]) expect(encode(uint, value)).toHaveLength(4);
  expect(encode(uint, 0x1_0000_0000n)).toEqual([0, 0, 0, 0, 1, 0, 0, 0]);
  expect(decode(uint, [1, 0, 0, 0])).toBe(1n);
  expect(decode(uint, [0, 0, 0, 0, 1, 0, 0, 0])).toBe(0x1_0000_0000n);
  expect(() => encode(uint, -1n)).toThrow('-1 is not a bigint from 0 to 18446744073709551615');
});

test('switches are one byte, and all but zero is on', () => {
  expect(encode(boolean, true)).toEqual([1]);
  expect(encode(boolean, false)).toEqual([0]);
  expect(decode(boolean, [2])).toBe(true);
});

test('flags have no bytes', () => {
  expect(encode(flag, true)).toEqual([]);
  expect(decode(flag, [])).toBe(true);
});

test('bytes are copied, so that they outlive the buffer', () => {
  const memory = memoryOf([1, 2, 3]);
  const value = binary.read(memory, 1, 2);
  memory.bytes.fill(0);
  expect(value).toEqual(Uint8Array.of(2, 3));
  expect(encode(binary, value)).toEqual([2, 3]);
});

test('addresses are told apart by their length', () => {
  expect(encode(ip, '192.0.2.1')).toEqual([192, 0, 2, 1]);
  expect(decode(ip, encode(ip, '2001:db8::1'))).toBe('2001:db8::1');
  expect(decode(linkAddress, [2, 0, 0, 0, 0, 1])).toBe('02:00:00:00:00:01');
  expect(() => decode(ip, [1, 2, 3])).toThrow('an IP address has 4 or 16 bytes, not 3');
});

test('ranges are two numbers', () => {
  expect(encode(range(u16), [80, 443])).toEqual([80, 0, 187, 1]);
  expect(decode(range(u16), [80, 0, 187, 1])).toEqual([80, 443]);
  expect(() => decode(range(u16), [80, 0, 187])).toThrow('expected 2 bytes, found 1');
});

test('a name that is an object without a text is refused like any other', () => {
  const mode = named(u8, { private: 1 });
  expect(() => mode.write(new Writer(), JSON.parse('{"toString":0,"valueOf":0}'))).toThrow(RangeError);
});
