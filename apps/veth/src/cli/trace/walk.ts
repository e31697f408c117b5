// Follows one packet from namespace to namespace.
import { anywhere, familyOf, type Link, link } from '@spider/rtnetlink';
import { defaultRulePriorities, selectorOf } from '../rule.ts';
import { requireHairpin } from './bridge.ts';
import { nodeBypass, replyBypass, requirePair } from './bypass.ts';
import { Connections } from './connections.ts';
import { cross, requireUp } from './cross.ts';
import type { Arrival, Departure } from './hop.ts';
import { type Decision, lookUp, type Packet, requireForwarding } from './lookup.ts';
import { bridged, type Enter, Passage } from './passage.ts';
import type { PassedInterface, Place } from './place.ts';
import type { Places } from './places.ts';
import { type Journal, Stop } from './step.ts';

/** Where a walk starts. */
export interface Start {
  readonly place: Place;
  /** The link by which the packet came in; undefined for one that is sent from here. */
  readonly from: Link | undefined;
  readonly packet: Packet;
}

/** How a walk ended. */
export interface End {
  /** `delivered` to this place, or on a `wire` whose other end cannot be seen. */
  readonly how: 'delivered' | 'wire';
  readonly place: Place;
  /** The link by which the packet left. */
  readonly by: Link | undefined;
  readonly packet: Packet;
  /** Bytes: the largest packet that gets through. */
  readonly mtu: number | undefined;
}

/** A packet that passes so many namespaces is in a loop. */
const maxPlaces = 8;

/**
 * Follows a packet. A reply gets the connections of the packet that it answers.
 * @throws Stop if the packet stops; its steps are in the journal
 */
export function walk(places: Places, start: Start, journal: Journal, connections = new Connections()): End {
  const { direction, steps } = journal;
  const note = (place: Place, text: string) => steps.push({ direction, place: place.name, text });
  const doubt = (place: Place, text: string) => steps.push({ direction, place: place.name, text, doubtful: true });
  const noteUnfollowed = (passed: PassedInterface) => {
    for (const { place, text } of places.unfollowedOn(passed)) doubt(place, text);
  };
  const enter: Enter = (place, packet) => new Passage(places, place, journal, connections.track(place, packet));
  let { place, from, packet } = start;
  let mtu: number | undefined;
  /** The bridge's port by which the packet came to the place. */
  let entered: Link | undefined;
  for (let count = 0; count < maxPlaces; count++) {
    try {
      if (from) noteUnfollowed({ place, link: from, direction: 'ingress' });
      const { passage, decision, out, ...routed } = from
        ? receive(enter, place, packet, from)
        : send(enter, place, packet);
      const isTranslated = routed.packet.dst !== packet.dst;
      packet = routed.packet;
      const { path } = decision;
      if (path.type === 'local') {
        if (!from) packet = passage.loop(packet, out);
        packet = passage.pass('input', packet, { iif: from ?? out }).packet;
        note(place, `${packet.dst} is an address of this place: delivered`);
        return { how: 'delivered', place, by: undefined, packet, mtu };
      }
      if (from) requireForwarding(place, packet, from);
      note(place, routeText(decision, out, packet));
      if (from) packet = passage.pass('forward', packet, { iif: from, oif: out }).packet;
      const isUntranslated = direction === 'there' && from && place === places.node && !connections.isTranslated;
      if (isUntranslated && usesDefaultRoute(decision, packet))
        doubt(
          place,
          `no rule that can be seen translates ${packet.dst}, TCP port ${packet.port}, as that of a service would`,
        );
      requireUp(places, place, out);
      const hop = path.gateway ?? packet.dst;
      packet = passage.leave(packet, out, hop);
      noteUnfollowed({ place, link: out, direction: 'egress' });
      const size: number = Math.min(path.metrics?.mtu ?? out.mtu!, out.mtu!);
      if (mtu !== undefined && size < mtu)
        note(place, `${out.name} takes ${size} bytes: the sender is told to send no more at a time`);
      mtu = Math.min(mtu ?? size, size);
      const next = onward(places, { place, out, dst: packet.dst, hop, mtu }, journal);
      if (!next && direction === 'there' && place === places.pod) {
        const bypass = nodeBypass(places, packet, out);
        if (bypass) doubt(place, bypass);
      }
      if (!next && direction === 'there' && passage.isRedirected) {
        const bypass = replyBypass(place, packet, out);
        if (bypass) doubt(place, bypass);
      }
      if (!next) return { how: 'wire', place, by: out, packet, mtu };
      const [port] = next.ports ?? [];
      if (entered && isTranslated && port?.direction === 'egress')
        requireHairpin(place, packet.dst, entered, port.link);
      entered = port?.direction === 'ingress' && !next.bridge ? port.link : undefined;
      mtu = Math.min(mtu, next.mtu ?? mtu);
      for (const port of next.ports ?? []) noteUnfollowed(port);
      // A mark stays in its namespace.
      if (next.place !== place) packet = { ...packet, mark: undefined };
      if (next.bridge) {
        ({ place } = next.bridge);
        packet = { ...bridged(enter, connections, next.bridge, packet), mark: undefined };
      }
      ({ place, from } = next);
    } catch (error) {
      if (error instanceof Stop)
        steps.push({ direction, place: place.name, text: error.message, stops: { remedy: error.remedy } });
      throw error;
    }
  }
  throw new Stop(`${packet.dst}: the packet goes in circles`);
}

/** A packet after its first hook, and where the kernel sends it. */
interface Routed {
  readonly passage: Passage;
  readonly packet: Packet;
  readonly decision: Decision;
  readonly out: Link;
}

function receive(enter: Enter, place: Place, packet: Packet, from: Link): Routed {
  const passage = enter(place, packet);
  const { packet: received } = passage.pass('prerouting', packet, { iif: from });
  const decision = lookUp(place, received, from);
  return { passage, packet: received, decision, out: outOf(place, decision) };
}

function send(enter: Enter, place: Place, packet: Packet): Routed {
  let decision = lookUp(place, packet, undefined);
  const bound = { ...packet, src: packet.src ?? decision.path.prefsrc };
  // For IPv4 the kernel looks up again once it has the source.
  if (!packet.src && familyOf(packet.dst) === 'inet') decision = lookUp(place, bound, undefined);
  const passage = enter(place, bound);
  const sent = passage.pass('output', bound, { oif: outOf(place, decision) });
  if (sent.reroutedBy) decision = lookUp(place, { ...sent.packet, mark: sent.reroutedBy }, undefined);
  return { passage, packet: sent.packet, decision, out: outOf(place, decision) };
}

function outOf({ rtnetlink }: Place, { path: { oif } }: Decision): Link {
  return rtnetlink.execute(link.get({ index: oif! }))!;
}

/** Crosses the link. A reply that the node sends to the pod must not leave by a link whose other end cannot be seen. */
function onward(places: Places, departure: Departure, { direction, steps }: Journal): Arrival | undefined {
  const { place, out, dst } = departure;
  const add = (step: { text: string; doubtful?: true }) => steps.push({ direction, place: place.name, ...step });
  const isOnWayBack = direction === 'back' && place === places.node;
  try {
    const next = cross(places, departure, add);
    if (!next && isOnWayBack) requirePair(places, dst, out);
    return next;
  } catch (error) {
    if (error instanceof Stop && isOnWayBack) requirePair(places, dst, out);
    throw error;
  }
}

function routeText({ path, match, rule }: Decision, { name }: Link, { src, dst }: Packet): string {
  const by =
    rule && !defaultRulePriorities.includes(rule.priority)
      ? `rule ${[rule.priority, ...selectorOf(rule)].join(' ')}, `
      : '';
  const table = match?.table === undefined || match.table === 254 ? '' : ` table ${match.table}`;
  const via = path.gateway ? ` via ${path.gateway}` : '';
  return `to ${dst} from ${src}: ${by}route ${match?.dst ?? dst}${via} dev ${name}${table}`;
}

function usesDefaultRoute({ match }: Decision, { dst }: Packet): boolean {
  return match?.dst === anywhere[familyOf(dst)];
}
