// The way of a packet through the hooks of one namespace, where rules filter and translate it, and conntrack translates the
// reply back.
import { Address, InterfaceAddress } from '@spider/ip';
import { address, familyOf, type Link } from '@spider/rtnetlink';
import { isUsable } from '../../observe/fields.ts';
import { commandAt } from '../command-at.ts';
import { bridgeFilter } from './bridge.ts';
import type { Connections, Tracked } from './connections.ts';
import type { HookResult, PacketContext } from './hooks.ts';
import type { Ends, Packet } from './lookup.ts';
import type { Place, Position } from './place.ts';
import type { Places } from './places.ts';
import type { Hook } from './rules/chain.ts';
import { type Journal, Stop } from './step.ts';

type Links = Pick<PacketContext, 'iif' | 'oif' | 'isTracked'>;

/** Which end conntrack translates at a hook. */
const endOf: Readonly<Record<Hook, 'src' | 'dst' | undefined>> = {
  prerouting: 'dst',
  output: 'dst',
  forward: undefined,
  input: 'src',
  postrouting: 'src',
};

/** Begins the way of a packet through a namespace. */
export type Enter = (place: Place, packet: Packet) => Passage;

export class Passage {
  readonly #places: Places;
  readonly #place: Place;
  readonly #journal: Journal;
  readonly #tracked: Tracked;

  constructor(places: Places, place: Place, journal: Journal, tracked: Tracked) {
    this.#places = places;
    this.#place = place;
    this.#journal = journal;
    this.#tracked = tracked;
  }

  /** The packet after the rules of a hook. @throws Stop if one drops it */
  pass(hook: Hook, packet: Packet, links: Links): Pick<HookResult, 'packet' | 'reroutedBy' | 'source'> {
    const { connection, isReply } = this.#tracked;
    for (const text of this.#places.unfollowedIn(this.#place).atHook(hook, packet, isReply)) this.#doubt(text);
    const end = endOf[hook];
    const mayBeTranslated = !isReply && end !== undefined && !connection.settled.has(end);
    const isTranslated = connection.original.dst !== connection.translated.dst;
    const context = { ...links, isReply, mayBeTranslated, isTranslated, connectionMark: connection.mark };
    const result = this.#places.hooksOf(this.#place).pass(hook, packet, context, this.#restoredAt(hook));
    connection.mark = result.connectionMark;
    if (end) connection.settled.add(end);
    for (const doubt of result.doubts) this.#doubt(doubt);
    const { packet: passed, by } = result;
    if (passed.dst !== packet.dst)
      this.#note(`${packet.dst} is translated ${isReply ? `back to ${passed.dst}` : `to ${passed.dst}, ${by}`}`);
    if (!isReply) connection.translated = passed;
    return result;
  }

  /** Through the loopback interface, by which a packet comes to the namespace that sent it. */
  loop(packet: Packet, out: Link): Packet {
    return this.pass('prerouting', this.leave(packet, out, packet.dst), { iif: out, isTracked: true }).packet;
  }

  /** The packet after the rules of the last hook, `postrouting`. */
  leave(packet: Packet, out: Link, hop: string): Packet {
    const { packet: passed, source } = this.pass('postrouting', packet, { oif: out });
    const to = source === 'masquerade' ? addressOn(this.#place, out, hop) : source;
    if (to === undefined || to === packet.src || packet.src === undefined) return passed;
    this.#note(`its source ${packet.src} is translated to ${to}, by a rule of nf_tables`);
    const translated = { ...passed, src: to };
    this.#tracked.connection.translated = translated;
    return translated;
  }

  /** The packet has another destination than when it came, and not another source: only from here can the reply be understood. */
  get isRedirected(): boolean {
    const { original, translated } = this.#tracked.connection;
    return original.dst !== translated.dst && original.src === translated.src;
  }

  /** Of a reply: the ends of the packet that it answers. */
  #restoredAt(hook: Hook): Partial<Ends> {
    const { connection, isReply } = this.#tracked;
    const { src, dst, sourcePort, port } = connection.original;
    if (!isReply || src === undefined) return {};
    if (endOf[hook] === 'dst') return { dst: src, port: sourcePort };
    return endOf[hook] === 'src' ? { src: dst, sourcePort: port } : {};
  }

  #note(text: string): void {
    this.#journal.steps.push({ direction: this.#journal.direction, place: this.#place.name, text });
  }

  #doubt(text: string): void {
    this.#journal.steps.push({ direction: this.#journal.direction, place: this.#place.name, text, doubtful: true });
  }
}

/**
 * What a bridge passes on from port to port is seen by the rules of its namespace, and translated there, only if br_netfilter
 * is on. Without it, the source of a reply is not the address that was asked.
 */
export function bridged(passageOf: Enter, connections: Connections, { place, link }: Position, packet: Packet): Packet {
  const { key, value } = bridgeFilter(place, packet.dst);
  if (value === '1') {
    const passage = passageOf(place, packet);
    const came = passage.pass('prerouting', packet, { iif: link }).packet;
    return passage.leave(passage.pass('forward', came, { iif: link, oif: link }).packet, link, came.dst);
  }
  const { original } = connections.repliedBy(place, packet) ?? {};
  if (!original || original.dst === packet.src) return packet;
  const why = value === undefined ? 'br_netfilter is not loaded' : `sysctl ${key} is ${value}`;
  throw new Stop(
    `the bridge ${link.name} passes the reply on as it is (${why}): it comes from ${packet.src}, and ${packet.dst} asked ${original.dst}`,
    value === undefined ? 'modprobe br_netfilter' : commandAt(place, `sysctl --write ${key}=1`),
  );
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
