import { allocate, type Memory } from './memory.ts';

/** NLA_F_NESTED and NLA_F_NET_BYTEORDER are no part of an attribute's type (netlink(7)). */
const typeMask = 0x3fff;

/** The types of most attributes are below this; those of a link go up to 70. */
const usualTypes = 128;

const nowhere = allocate(0);

/** Bytes of the attribute at `at`, with its header and without its padding; 0 where no whole one stands before `end`. */
function sizeAt(u16: Uint16Array, at: number, end: number): number {
  if (at + 4 > end) return 0;
  const size = u16[at >> 1]!;
  return size < 4 || at + size > end ? 0 : size;
}

/** Where one object stands in memory: its header at `start`, its attributes behind that, up to `end`. */
export class Extent {
  memory: Memory = nowhere;
  start = 0;
  end = 0;
  readonly #headerSize: number;
  /** By an attribute's type: where its payload starts, and in which generation that was found. */
  #places = new Int32Array(usualTypes);
  #found = new Int32Array(usualTypes);
  /** Counts the objects looked into, so that nothing has to be erased between two of them. */
  #generation = 0;
  #indexed = false;

  /** For objects with a header of this size. */
  constructor(headerSize: number) {
    this.#headerSize = headerSize;
  }

  /**
   * Goes on to the message from `start` to `end`.
   * @throws RangeError where the bytes cannot even hold the header, or where attributes would not stand on even bytes, as
   * they do in netlink (NLMSG_ALIGN and NLA_ALIGN of netlink(7)).
   */
  moveTo(memory: Memory, start: number, end: number): this {
    if (end - start < this.#headerSize)
      throw new RangeError(`${end - start} bytes where a header takes ${this.#headerSize}`);
    if ((start + this.#headerSize) & 1)
      throw new RangeError(`attributes at byte ${start + this.#headerSize}, which is odd`);
    this.memory = memory;
    this.start = start;
    this.end = end;
    this.#indexed = false;
    return this;
  }

  /** Where the payload of the attribute starts; -1 where it is missing. Of several the last counts, as in the kernel. */
  find(id: number): number {
    if (!this.#indexed) this.#index();
    return this.#found[id] === this.#generation ? this.#places[id]! : -1;
  }

  /** Bytes of the payload that starts at `at`. */
  lengthAt(at: number): number {
    return this.memory.u16[(at - 4) >> 1]! - 4;
  }

  #index(): void {
    const { u16 } = this.memory;
    const { end } = this;
    const generation = (this.#generation + 1) | 0;
    let at = this.start + this.#headerSize;
    for (let size = sizeAt(u16, at, end); size > 0; size = sizeAt(u16, at, end)) {
      const id = u16[(at + 2) >> 1]! & typeMask;
      if (id >= this.#places.length) this.#makeRoom(id);
      this.#places[id] = at + 4;
      this.#found[id] = generation;
      at += (size + 3) & ~3;
    }
    this.#generation = generation;
    this.#indexed = true;
  }

  #makeRoom(id: number): void {
    const places = new Int32Array(2 * id);
    const found = new Int32Array(2 * id);
    places.set(this.#places);
    found.set(this.#found);
    this.#places = places;
    this.#found = found;
  }
}

/** Calls `visit` with the type, and the payload's place and length, of each attribute that stands from `start` to `end`. */
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
