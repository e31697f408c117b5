// What conntrack knows, in each namespace, of the connections that the traced packet is the first of.
import type { Ends, Packet } from './lookup.ts';
import type { Place } from './place.ts';
import { type Bytes, long } from './rules/bytes.ts';

export interface Connection {
  readonly place: Place;
  /** Its first packet, as it came to the namespace. */
  readonly original: Ends;
  /** The same as it left. */
  translated: Ends;
  /** Which of its ends the rules have seen, and do not translate again. */
  readonly settled: Set<'src' | 'dst'>;
  mark: Bytes;
}

/** The connection of a packet, in the namespace where the packet is. */
export interface Tracked {
  readonly connection: Connection;
  readonly isReply: boolean;
}

export class Connections {
  readonly #all: Connection[] = [];

  /** A packet of no known connection begins one. */
  track(place: Place, packet: Packet): Tracked {
    const replied = this.repliedBy(place, packet);
    if (replied) return { connection: replied, isReply: true };
    const known = this.#all.find(found => found.place === place && isEqual(found.original, packet));
    const connection = known ?? {
      place,
      original: packet,
      translated: packet,
      settled: new Set<'src' | 'dst'>(),
      mark: long(0),
    };
    if (!known) this.#all.push(connection);
    return { connection, isReply: false };
  }

  /** The connection that a packet answers. */
  repliedBy(place: Place, { src, dst, sourcePort, port }: Packet): Connection | undefined {
    const asked = { src: dst, dst: src ?? '', sourcePort: port, port: sourcePort };
    return this.#all.find(({ place: its, translated }) => its === place && isEqual(translated, asked));
  }

  /** The one that the trace is of. */
  get first(): Connection | undefined {
    return this.#all[0];
  }

  get isTranslated(): boolean {
    return this.#all.some(({ original, translated }) => !isEqual(original, translated));
  }
}

function isEqual(one: Ends, other: Ends): boolean {
  return (
    one.src === other.src && one.dst === other.dst && one.sourcePort === other.sourcePort && one.port === other.port
  );
}
