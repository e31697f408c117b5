import { expect, test } from 'vitest';
import { binary } from './type.ts';
import { Writer } from './writer.ts';

const written = (writer: Writer) => [...writer.memory.bytes.subarray(0, writer.length)];

test('an attribute is padded to four bytes, and its length does not count the padding', () => {
  const writer = new Writer();
  writer.attribute(3, binary, Uint8Array.of(9, 8, 7, 6, 5));
  expect(written(writer)).toEqual([9, 0, 3, 0, 9, 8, 7, 6, 5, 0, 0, 0]);
});

test('what was written survives growing', () => {
  const writer = new Writer();
  const wanted = Array.from({ length: 5000 }, (_, i) => i & 0xff);
  for (const byte of wanted) writer.append(Uint8Array.of(byte));
  expect(written(writer)).toEqual(wanted);
});

test('reserved bytes are zero, also where others were before', () => {
  const writer = new Writer();
  writer.append(Uint8Array.of(1, 2, 3, 4));
  writer.reset();
  writer.reserve(4);
  expect(written(writer)).toEqual([0, 0, 0, 0]);
});

test('an attribute of more than 65535 bytes is refused', () => {
  const writer = new Writer();
  writer.attribute(1, binary, new Uint8Array(65531));
  expect(written(writer).slice(0, 4)).toEqual([0xff, 0xff, 1, 0]);
  expect(() => writer.attribute(1, binary, new Uint8Array(65532))).toThrow(
    'an attribute holds at most 65531 bytes, not 65532',
  );
});
