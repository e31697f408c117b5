// A packet on its way through the chains of a hook.
import type { Ends } from '../lookup.ts';
import type { Bytes } from './bytes.ts';
import type { Marks, PacketInfo } from './packet-info.ts';

/** What a chain does with a packet. */
export interface ChainAction {
  /** `drops what no rule in … accepts`. */
  readonly text: string;
  /** As nft(8) names it: `inet filter forward`. */
  readonly chain: string;
}

export class Run {
  packet: PacketInfo;
  reroutedBy: Bytes | undefined;
  ledBy: readonly string[] = [];
  /** The chains that were jumped to, up to the one that is evaluated. */
  path: string[] = [];
  readonly doubts: ChainAction[] = [];
  /** A rule of this chain that may match would end the evaluation. */
  mayHaveEnded = false;

  #restored: Partial<Ends>;

  constructor(packet: PacketInfo, restored: Partial<Ends>) {
    this.packet = packet;
    this.#restored = restored;
  }

  redirect(changed: Partial<PacketInfo>): void {
    this.packet = { ...this.packet, ...changed };
    if (changed.dst !== undefined) this.reroutedBy = this.packet.mark;
  }

  restore(): void {
    this.redirect(this.#restored);
    this.#restored = {};
  }

  /** If it is not certain that the rule sets the marks, the bytes that differ become unknown. */
  mark({ mark, connectionMark }: Marks, isSure: boolean): void {
    const set = (before: Bytes, now: Bytes) =>
      isSure ? now : before.map((byte, i) => (byte === now[i] ? byte : undefined));
    this.packet = {
      ...this.packet,
      mark: set(this.packet.mark, mark),
      connectionMark: set(this.packet.connectionMark, connectionMark),
    };
  }
}
