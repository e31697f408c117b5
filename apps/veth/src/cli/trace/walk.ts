// Follows one packet from namespace to namespace.
import { anywhere, familyOf, type Link, link } from '@spider/rtnetlink';
import { defaultRulePriorities, selectorOf } from '../rule.ts';
import { nodeBypass, requirePair } from './bypass.ts';
import { cross, requireUp } from './cross.ts';
import type { Arrival, Departure } from './hop.ts';
import { type Decision, lookUp, type Packet, requireForwarding } from './lookup.ts';
import type { PassedInterface, Place } from './place.ts';
import type { Places } from './places.ts';
import { type Bytes, long, numberOf } from './rules/bytes.ts';
import { type Journal, Stop } from './step.ts';
import { type Translation, Translations } from './translation.ts';

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
  readonly translations: readonly Translation[];
}

/** A packet that passes so many namespaces is in a loop. */
const maxPlaces = 8;

/**
 * Follows a packet. For a reply, `before` are the translations of the packet that it answers.
 * @throws Stop if the packet stops; its steps are in the journal
 */
export function walk(places: Places, start: Start, journal: Journal, before: readonly Translation[] = []): End {
  const { direction, steps } = journal;
  const note = (place: Place, text: string) => steps.push({ direction, place: place.name, text });
  const doubt = (place: Place, text: string) => steps.push({ direction, place: place.name, text, doubtful: true });
  const noteUnfollowed = (passed: PassedInterface) => {
    for (const { place, text } of places.unfollowedOn(passed)) doubt(place, text);
  };
  const translations = new Translations(places, journal, before);
  const { made } = translations;
  let { place, from, packet } = start;
  let mtu: number | undefined;
  for (let count = 0; count < maxPlaces; count++) {
    try {
      if (from) noteUnfollowed({ place, link: from, direction: 'ingress' });
      packet = translations.arrive(place, packet);
      if (from) packet = translations.pass(place, 'prerouting', packet, { iif: from.name });
      let decision = lookUp(place, packet, from);
      if (!packet.src) {
        packet = { ...packet, src: decision.path.prefsrc };
        // For IPv4 the kernel looks up again once it has the source.
        if (familyOf(packet.dst) === 'inet') decision = lookUp(place, packet, from);
      }
      let out = place.rtnetlink.execute(link.get({ index: decision.path.oif! }))!;
      if (!from) {
        const sent = translations.pass(place, 'output', packet, { oif: out.name });
        // The kernel looks up again what the rules have changed.
        if (sent.dst !== packet.dst || !equal(sent.mark, packet.mark)) {
          decision = lookUp(place, sent, undefined);
          out = place.rtnetlink.execute(link.get({ index: decision.path.oif! }))!;
        }
        packet = sent;
      }
      const { path } = decision;
      if (path.type === 'local') {
        translations.pass(place, 'input', packet, { iif: (from ?? out).name });
        note(place, `${packet.dst} is an address of this place: delivered`);
        return { how: 'delivered', place, by: undefined, packet, mtu, translations: made };
      }
      if (from) requireForwarding(place, packet, from);
      note(place, routeText(decision, out, packet));
      if (from) packet = translations.pass(place, 'forward', packet, { iif: from.name, oif: out.name });
      const isUntranslated = direction === 'there' && from && place === places.node && made.length === 0;
      if (isUntranslated && usesDefaultRoute(decision, packet))
        doubt(
          place,
          `no rule that can be seen translates ${packet.dst}, TCP port ${packet.port}, as that of a service would`,
        );
      requireUp(places, place, out);
      const hop = path.gateway ?? packet.dst;
      packet = translations.leave(place, packet, out, hop);
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
      if (!next) return { how: 'wire', place, by: out, packet, mtu, translations: made };
      mtu = Math.min(mtu, next.mtu ?? mtu);
      for (const port of next.ports ?? []) noteUnfollowed(port);
      // A mark stays in its namespace.
      if (next.place !== place) packet = { ...packet, mark: undefined };
      if (next.bridge) packet = translations.bridged(next.bridge, packet);
      ({ place, from } = next);
    } catch (error) {
      if (error instanceof Stop)
        steps.push({ direction, place: place.name, text: error.message, stops: { remedy: error.remedy } });
      throw error;
    }
  }
  throw new Stop(`${packet.dst}: the packet goes in circles`);
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

function equal(mark: Bytes | undefined, other: Bytes | undefined): boolean {
  return numberOf(mark ?? long(0)) === numberOf(other ?? long(0));
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
