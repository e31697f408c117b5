// Address translation: how the rules of each namespace translate a packet, and conntrack translates the reply back.
import { Address, InterfaceAddress } from '@spider/ip';
import { address, familyOf, type Link } from '@spider/rtnetlink';
import { isUsable } from '../../observe/fields.ts';
import { readSysctl } from '../../sysctl.ts';
import { commandAt } from '../command-at.ts';
import type { Packet } from './lookup.ts';
import type { Place, Position } from './place.ts';
import type { Places } from './places.ts';
import type { Hook } from './rules/ruleset.ts';
import { type Journal, Stop } from './step.ts';

/** A translation of one address of a packet. */
export interface Translation {
  readonly place: Place;
  readonly field: 'src' | 'dst';
  readonly from: string;
  readonly to: string;
  /** The TCP destination port before the translation. */
  readonly port: number;
}

interface Links {
  readonly iif?: string | undefined;
  readonly oif?: string | undefined;
}

/** The translations of one packet. */
export class Translations {
  readonly #places: Places;
  readonly #journal: Journal;
  /** The translations of the packet to which this one is the reply. */
  readonly #before: readonly Translation[];
  readonly made: Translation[] = [];

  constructor(places: Places, journal: Journal, before: readonly Translation[]) {
    this.#places = places;
    this.#journal = journal;
    this.#before = before;
  }

  /** The packet after the rules of a hook. @throws Stop if one drops it */
  pass(place: Place, hook: Hook, packet: Packet, links: Links): Packet {
    const isReply = this.#journal.direction === 'back';
    const isTranslated = [...this.made, ...this.#before].some(known => known.place === place && known.field === 'dst');
    for (const text of this.#places.unfollowedIn(place).atHook(hook, packet, isReply)) this.#doubt(place, text);
    const {
      packet: after,
      by,
      doubts,
    } = this.#places.hooksOf(place).pass(hook, packet, { ...links, isReply, isTranslated });
    for (const doubt of doubts) this.#doubt(place, doubt);
    const passed = { ...packet, mark: after.mark };
    return after.dst === packet.dst ? passed : this.#redirect(place, passed, after, by);
  }

  /** The packet after the rules of the last hook, `postrouting`. */
  leave(place: Place, packet: Packet, out: Link, hop: string): Packet {
    const isReply = this.#journal.direction === 'back';
    for (const text of this.#places.unfollowedIn(place).atHook('postrouting', packet, isReply))
      this.#doubt(place, text);
    const { source, doubts } = this.#places
      .hooksOf(place)
      .pass('postrouting', packet, { oif: out.name, isReply, isTranslated: false });
    for (const doubt of doubts) this.#doubt(place, doubt);
    const asked = this.#before.find(known => known.place === place && known.field === 'dst' && known.to === packet.src);
    if (asked) return { ...packet, src: asked.from, sourcePort: asked.port };
    const to = source === 'masquerade' ? addressOn(place, out, hop) : source;
    if (to === undefined || to === packet.src || packet.src === undefined) return packet;
    this.made.push({ place, field: 'src', from: packet.src, to, port: packet.port });
    this.#note(place, `its source ${packet.src} is translated to ${to}, by a rule of nf_tables`);
    return { ...packet, src: to };
  }

  /** A reply to a source that was translated here gets the original source as its destination. */
  arrive(place: Place, packet: Packet): Packet {
    const sent = this.#before.find(known => known.place === place && known.field === 'src' && known.to === packet.dst);
    if (!sent) return packet;
    this.#note(place, `${sent.to} is translated back to ${sent.from}`);
    return { ...packet, dst: sent.from };
  }

  /**
   * A reply that a bridge passes on from port to port is not translated back, unless br_netfilter is on. Then its source is
   * not the address that was asked.
   */
  bridged({ place, link }: Position, packet: Packet): Packet {
    const asked = this.#before.find(known => known.place === place && known.field === 'dst' && known.to === packet.src);
    if (!asked) return packet;
    const key = `net/bridge/bridge-nf-call-${familyOf(packet.dst) === 'inet' ? 'iptables' : 'ip6tables'}`;
    const value = readSysctl(place.namespace, key);
    if (value === '1') return { ...packet, src: asked.from, sourcePort: asked.port };
    const why = value === undefined ? 'br_netfilter is not loaded' : `sysctl ${key} is ${value}`;
    throw new Stop(
      `the bridge ${link.name} passes the reply on as it is (${why}): it comes from ${asked.to}, and ${packet.dst} asked ${asked.from}`,
      value === undefined ? 'modprobe br_netfilter' : commandAt(place, `sysctl --write ${key}=1`),
    );
  }

  #redirect(place: Place, packet: Packet, { dst, port }: Pick<Packet, 'dst' | 'port'>, by: string): Packet {
    this.made.push({ place, field: 'dst', from: packet.dst, to: dst, port: packet.port });
    this.#note(place, `${packet.dst} is translated to ${dst}, ${by}`);
    return { ...packet, dst, port };
  }

  #note(place: Place, text: string): void {
    this.#journal.steps.push({ direction: this.#journal.direction, place: place.name, text });
  }

  #doubt(place: Place, text: string): void {
    this.#journal.steps.push({ direction: this.#journal.direction, place: place.name, text, doubtful: true });
  }
}

/**
 * The source that masquerading uses: the interface's address in the next hop's network, otherwise its first. If the interface
 * has none, as the host end of a pair, it is the node's first, and for IPv6 the one that is most like the destination.
 */
function addressOn({ rtnetlink }: Place, { index }: Link, hop: string): string | undefined {
  const family = familyOf(hop);
  const all = rtnetlink
    .execute(address.list({ family }))
    .filter(isUsable)
    .map(found => ({ index: found.index, ...InterfaceAddress.parse(found.address!) }));
  const to = Address.parse(hop);
  const own = all.filter(found => found.index === index);
  const near = own.find(({ prefix }) => prefix.contains(to)) ?? own[0];
  if (near) return near.address.toString();
  const others =
    family === 'inet' ? all : all.toSorted((a, b) => commonBits(b.address, to) - commonBits(a.address, to));
  return others[0]?.address.toString();
}

/** The length of the prefix that both addresses share. */
function commonBits(one: Address, other: Address): number {
  const [a, b] = [one.toBytes(), other.toBytes()];
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? 8 * a.length : 8 * at + Math.clz32(a[at]! ^ b[at]!) - 24;
}
