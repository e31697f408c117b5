import { allocate, type Memory } from './memory.ts';

const initialSize = 4096;

/** A growing buffer of netlink messages. A batch is one writer; its bytes are one send. */
export class Writer {
  /** Zeroes from `length` on. */
  memory: Memory = allocate(initialSize);
  length = 0;

  /** Appends zeroed bytes and returns where they start. */
  reserve(size: number): number {
    const at = this.length;
    const end = at + size;
    if (end > this.memory.bytes.length) this.#grow(end);
    this.length = end;
    return at;
  }

  /** Appends bytes as they are. */
  append(bytes: Uint8Array): void {
    // Reserving may move the memory, so it comes first.
    const at = this.reserve(bytes.length);
    this.memory.bytes.set(bytes, at);
  }

  /** Appends one attribute: rtattr header, the value as `type` writes it, padding (rtnetlink(7)). */
  attribute<T>(id: number, type: { write(writer: Writer, value: T): void }, value: T): void {
    const start = this.reserve(4);
    type.write(this, value);
    const length = this.length - start;
    if (length > 0xffff) throw new RangeError(`an attribute holds at most 65531 bytes, not ${length - 4}`);
    this.memory.view.setUint16(start, length, true);
    this.memory.view.setUint16(start + 2, id, true);
    this.reserve(-length & 3);
  }

  /** Forgets what was written, keeping the buffer. */
  reset(): void {
    this.memory.bytes.fill(0, 0, this.length);
    this.length = 0;
  }

  #grow(size: number): void {
    const grown = allocate(Math.max(size, 2 * this.memory.bytes.length));
    grown.bytes.set(this.memory.bytes);
    this.memory = grown;
  }
}
