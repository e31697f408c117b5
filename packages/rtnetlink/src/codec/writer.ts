import { allocate, type Memory } from './memory.ts';

const initialSize = 4096;

/** A growing buffer of netlink messages. The bytes of one writer are one send. */
export class Writer {
  /** The buffer; zero from `length` on. Growing replaces it. */
  memory: Memory = allocate(initialSize);
  /** Number of bytes written. */
  length = 0;

  /** Appends zeroed bytes and returns their offset. May replace `memory`. */
  reserve(size: number): number {
    const at = this.length;
    const end = at + size;
    if (end > this.memory.bytes.length) this.grow(end);
    this.length = end;
    return at;
  }

  /** Appends bytes unchanged. */
  append(bytes: Uint8Array): void {
    // `reserve` may replace the memory, so it is called first.
    const at = this.reserve(bytes.length);
    this.memory.bytes.set(bytes, at);
  }

  /**
   * Appends an attribute: its header, the value as `type` writes it, and padding (rtnetlink(7)).
   * @throws RangeError the value is longer than 65531 bytes.
   */
  attribute<T>(id: number, type: { write(writer: Writer, value: T): void }, value: T): void {
    const start = this.reserve(4);
    type.write(this, value);
    const length = this.length - start;
    if (length > 0xffff) throw new RangeError(`an attribute holds at most 65531 bytes, not ${length - 4}`);
    this.memory.view.setUint16(start, length, true);
    this.memory.view.setUint16(start + 2, id, true);
    this.reserve(-length & 3);
  }

  /** Discards what was written, and keeps the buffer. */
  reset(): void {
    this.memory.bytes.fill(0, 0, this.length);
    this.length = 0;
  }

  private grow(size: number): void {
    const grown = allocate(Math.max(size, 2 * this.memory.bytes.length));
    grown.bytes.set(this.memory.bytes);
    this.memory = grown;
  }
}
