import { be32, type FixedType } from '@spider/rtnetlink/codec';

/** A signed integer of 4 bytes in network byte order. */
export const signedBe32: FixedType<number> = {
  size: 4,
  read: (memory, at, length) => be32.read(memory, at, length) | 0,
  put: (memory, at, value) => be32.put(memory, at, unsigned(value)),
  write: (writer, value) => be32.write(writer, unsigned(value)),
};

function unsigned(value: number): number {
  if (Number.isInteger(value) && value >= -0x8000_0000 && value <= 0x7fff_ffff) return value >>> 0;
  throw new RangeError(`${value} is not an integer from -2147483648 to 2147483647`);
}
