// A packet socket on one interface: packet(7).
import { AF_PACKET, bind, close, LinuxError, MSG_DONTWAIT, recv, SOCK_RAW, send } from '@spider/libc';
import type { NetNs } from '@spider/netns';

/** Sends Ethernet frames to a link, and receives those that come in. */
export class PacketSocket implements Disposable {
  readonly #fd: number;
  readonly #frame = new Uint8Array(new ArrayBuffer(2048));

  /**
   * Receives from now on the frames of one EtherType. It does not receive what this machine sends.
   * @throws LinuxError
   */
  constructor(namespace: NetNs, ifIndex: number, etherType: number) {
    // Protocol 0 receives nothing. With any other, the socket would receive from every interface until it is bound.
    this.#fd = namespace.socket(AF_PACKET, SOCK_RAW, 0);
    try {
      bind(this.#fd, socketAddress(ifIndex, etherType));
    } catch (error) {
      close(this.#fd);
      throw error;
    }
  }

  /** @throws LinuxError ENETDOWN if the interface is down. */
  send(frame: Uint8Array): void {
    send(this.#fd, frame, frame.length, 0);
  }

  /** The frames that have come in since the last call. Each is valid until the next one is taken. */
  *frames(): Generator<Uint8Array> {
    for (;;) {
      let length: number;
      try {
        length = recv(this.#fd, this.#frame, MSG_DONTWAIT);
      } catch (error) {
        if (error instanceof LinuxError && error.code === 'EAGAIN') return;
        throw error;
      }
      yield this.#frame.subarray(0, length);
    }
  }

  /** Takes about 12 ms: the kernel waits until no CPU delivers to the socket any more. */
  [Symbol.dispose](): void {
    close(this.#fd);
  }
}

/** struct sockaddr_ll of <linux/if_packet.h>. */
function socketAddress(ifIndex: number, etherType: number): Uint8Array {
  const address = new Uint8Array(20);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, etherType);
  view.setInt32(4, ifIndex, true);
  return address;
}
