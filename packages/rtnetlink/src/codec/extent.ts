import type { Memory } from './memory.ts';

/** NLA_F_NESTED and NLA_F_NET_BYTEORDER are flags, not part of an attribute's type (netlink(7)). */
const typeMask = 0x3fff;

/** The types of most attributes are lower than this. Those of a link go up to 70. */
const usualTypes = 128;

/**
 * Bytes of the attribute at `at` with its header, without its padding; 0 if no complete attribute is there before `end`.
 */
function sizeAt(u16: Uint16Array, at: number, end: number): number {
  if (at + 4 > end) return 0;
  const size = u16[at >> 1]!;
  return size < 4 || at + size > end ? 0 : size;
}

/** The position of one object in memory: its header at `start`, then its attributes up to `end`. */
export class Extent {
  /** The memory that contains the object. */
  memory!: Memory;
  /** Offset of the header. */
  start = 0;
  /** Offset after the last attribute. */
  end = 0;
  private readonly headerSize: number;
  /** Indexed by the type of an attribute: the start of its payload, and the generation in which it was found. */
  private places = new Int32Array(usualTypes);
  private found = new Int32Array(usualTypes);
  /** Number of objects that were indexed. It makes older entries invalid, so that they need not be erased. */
  private generation = 0;
  private indexed = false;

  /** `headerSize` is the size of the objects' header in bytes. */
  constructor(headerSize: number) {
    this.headerSize = headerSize;
  }

  /**
   * Moves to the object from `start` to `end`.
   * @throws RangeError the bytes cannot contain the header, or the attributes would start at an odd offset (netlink(7)
   * aligns them to 4 bytes).
   */
  moveTo(memory: Memory, start: number, end: number): this {
    if (end - start < this.headerSize)
      throw new RangeError(`${end - start} bytes where a header takes ${this.headerSize}`);
    if ((start + this.headerSize) & 1)
      throw new RangeError(`attributes at byte ${start + this.headerSize}, which is odd`);
    this.memory = memory;
    this.start = start;
    this.end = end;
    this.indexed = false;
    return this;
  }

  /**
   * Offset of the payload of this attribute; -1 if the object does not have it. Of several such attributes the last one
   * counts, as in the kernel.
   */
  find(id: number): number {
    if (!this.indexed) this.index();
    return this.found[id] === this.generation ? this.places[id]! : -1;
  }

  /** Length in bytes of the payload that starts at `at`. */
  lengthAt(at: number): number {
    return this.memory.u16[(at - 4) >> 1]! - 4;
  }

  private index(): void {
    const { u16 } = this.memory;
    const { end } = this;
    const generation = (this.generation + 1) | 0;
    let at = this.start + this.headerSize;
    for (let size = sizeAt(u16, at, end); size > 0; size = sizeAt(u16, at, end)) {
      const id = u16[(at + 2) >> 1]! & typeMask;
      if (id >= this.places.length) this.makeRoom(id);
      this.places[id] = at + 4;
      this.found[id] = generation;
      at += (size + 3) & ~3;
    }
    this.generation = generation;
    this.indexed = true;
  }

  private makeRoom(id: number): void {
    const places = new Int32Array(2 * id);
    const found = new Int32Array(2 * id);
    places.set(this.places);
    found.set(this.found);
    this.places = places;
    this.found = found;
  }
}

/** Calls `visit` for each attribute from `start` to `end`, with its type, and the offset and length of its payload. */
export function walkAttributes(
  { u16 }: Memory,
  start: number,
  end: number,
  visit: (id: number, at: number, length: number) => void,
): void {
  let at = start;
  for (let size = sizeAt(u16, at, end); size > 0; size = sizeAt(u16, at, end)) {
    visit(u16[(at + 2) >> 1]! & typeMask, at + 4, size - 4);
    at += (size + 3) & ~3;
  }
}
