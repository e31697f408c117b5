import { LinuxError } from '@spider/libc';
import { allocate, type Memory } from './codec/memory.ts';
import { ENOBUFS } from './errno.ts';
import { headerSize } from './protocol.ts';
import type { Receiver } from './transport.ts';

/** A message from the kernel. */
export interface Reply {
  readonly memory: Memory;
  /** RTM_* or NLMSG_*. */
  readonly type: number;
  /** NLM_F_*. */
  readonly flags: number;
  /** Sequence number of the request. */
  readonly sequence: number;
  /** Start and end of the payload, which follows the header. */
  readonly payload: number;
  readonly end: number;
}

/** Steps through messages from the kernel, datagram by datagram, in one buffer that is reused. */
export class Replies implements Reply {
  private readonly transport: Receiver;
  memory: Memory = allocate(64 * 1024);
  /** Start of the next message, and end of the datagram. */
  private next = 0;
  private length = 0;

  type = 0;
  flags = 0;
  sequence = 0;
  payload = 0;
  end = 0;

  constructor(transport: Receiver) {
    this.transport = transport;
  }

  /**
   * Moves to the next message.
   * @throws LinuxError EAGAIN: the queue is empty. ENOBUFS: replies were lost.
   * @throws RangeError a datagram is not a sequence of messages.
   */
  advance(): void {
    if (this.next >= this.length) this.receive();
    const { view } = this.memory;
    const at = this.next;
    const left = this.length - at;
    const size = left < headerSize ? left : view.getUint32(at, true);
    if (size < headerSize || size > left)
      throw new RangeError(`malformed datagram: a message of ${size} bytes where ${left} are left`);
    this.type = view.getUint16(at + 4, true);
    this.flags = view.getUint16(at + 6, true);
    this.sequence = view.getUint32(at + 8, true);
    this.payload = at + headerSize;
    this.end = at + size;
    this.next = at + ((size + 3) & ~3);
  }

  /** Discards all replies in the queue, so that the kernel can finish the list that it is sending. */
  drain(): void {
    for (;;) {
      try {
        this.receive();
      } catch (error) {
        // ENOBUFS is reported before the replies that are still in the queue.
        if (!(error instanceof LinuxError && error.errno === ENOBUFS)) break;
      }
    }
    this.next = this.length = 0;
  }

  private receive(): void {
    let length = this.transport.receive(this.memory.bytes);
    if (length > this.memory.bytes.length) {
      this.memory = allocate(length);
      length = this.transport.receive(this.memory.bytes);
    }
    this.next = 0;
    this.length = length;
  }
}
