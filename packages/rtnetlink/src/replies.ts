import { LinuxError } from '@spider/libc';
import { allocate, type Memory } from './codec/memory.ts';
import { ENOBUFS } from './errno.ts';
import { headerSize } from './protocol.ts';
import type { Receiver } from './transport.ts';

/** A message that the kernel sent. */
export interface Reply {
  readonly memory: Memory;
  /** RTM_* or NLMSG_*. */
  readonly type: number;
  /** NLM_F_*. */
  readonly flags: number;
  /** The sequence number of the request. */
  readonly sequence: number;
  /** Where what follows the header starts and ends. */
  readonly payload: number;
  readonly end: number;
}

/** Steps through the messages that the kernel sent back, datagram after datagram, in one reused buffer. */
export class Replies implements Reply {
  readonly #transport: Receiver;
  memory: Memory = allocate(64 * 1024);
  /** Where the next message starts, and where the datagram ends. */
  #next = 0;
  #length = 0;

  type = 0;
  flags = 0;
  sequence = 0;
  payload = 0;
  end = 0;

  constructor(transport: Receiver) {
    this.#transport = transport;
  }

  /**
   * Moves to the next message.
   * @throws LinuxError EAGAIN where the kernel sent nothing more, ENOBUFS where replies were lost.
   * @throws RangeError where a datagram is no sequence of messages.
   */
  advance(): void {
    if (this.#next >= this.#length) this.#receive();
    const { view } = this.memory;
    const at = this.#next;
    const left = this.#length - at;
    const size = left < headerSize ? left : view.getUint32(at, true);
    if (size < headerSize || size > left)
      throw new RangeError(`malformed datagram: a message of ${size} bytes where ${left} are left`);
    this.type = view.getUint16(at + 4, true);
    this.flags = view.getUint16(at + 6, true);
    this.sequence = view.getUint32(at + 8, true);
    this.payload = at + headerSize;
    this.end = at + size;
    this.#next = at + ((size + 3) & ~3);
  }

  /** Throws away what is in the queue, so that the kernel can finish what it was telling. */
  drain(): void {
    for (;;) {
      try {
        this.#receive();
      } catch (error) {
        // The report of lost replies stands before those that were not lost.
        if (!(error instanceof LinuxError && error.errno === ENOBUFS)) break;
      }
    }
    this.#next = this.#length = 0;
  }

  #receive(): void {
    let length = this.#transport.receive(this.memory.bytes);
    if (length > this.memory.bytes.length) {
      this.memory = allocate(length);
      length = this.#transport.receive(this.memory.bytes);
    }
    this.#next = 0;
    this.#length = length;
  }
}
