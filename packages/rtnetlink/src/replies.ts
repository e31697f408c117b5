import { allocate, type Memory } from './codec/memory.ts';
import { headerSize } from './protocol.ts';
import type { Transport } from './transport.ts';

/** Steps through the messages that the kernel sent back, datagram after datagram, in one reused buffer. */
export class Replies {
  readonly #transport: Transport;
  memory: Memory = allocate(64 * 1024);
  #next = 0;
  #length = 0;

  /** The current message's header, and where its payload starts and ends. */
  type = 0;
  flags = 0;
  sequence = 0;
  payload = 0;
  end = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Moves to the next message.
   * @throws LinuxError EAGAIN where the kernel sent nothing more, ENOBUFS where replies were lost.
   */
  advance(): void {
    if (this.#next + headerSize > this.#length) this.#receive();
    const { view } = this.memory;
    const at = this.#next;
    const size = view.getUint32(at, true);
    if (size < headerSize || at + size > this.#length)
      throw new RangeError(`malformed netlink datagram: a message of ${size} bytes at ${at} of ${this.#length}`);
    this.type = view.getUint16(at + 4, true);
    this.flags = view.getUint16(at + 6, true);
    this.sequence = view.getUint32(at + 8, true);
    this.payload = at + headerSize;
    this.end = at + size;
    this.#next = at + ((size + 3) & ~3);
  }

  #receive(): void {
    let length = this.#transport.receive(this.memory.bytes);
    if (length > this.memory.bytes.length) {
      this.memory = allocate(2 * length);
      length = this.#transport.receive(this.memory.bytes);
    }
    if (length < headerSize) throw new RangeError(`malformed netlink datagram of ${length} bytes`);
    this.#length = length;
    this.#next = 0;
  }
}
