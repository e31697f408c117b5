// One packet's way, from namespace to namespace.
import { type Link, link, type Neighbour, neighbour } from '@spider/rtnetlink';
import { anywhere, familyOf } from '../../facts.ts';
import { gateways } from '../../identity.ts';
import { hexadecimal } from '../../object.ts';
import { settingOf } from '../../setting.ts';
import { type Decision, lookUp, type Packet, requireForwarding, wayTo } from './lookup.ts';
import type { Place, Places } from './place.ts';
import { commandAt, type Step, Stop } from './step.ts';
import { type Translation, translate } from './translation.ts';

/** Where a packet is: just made in a place, or just come in by a link of it. */
export interface Position {
  readonly place: Place;
  readonly from: Link | undefined;
  readonly packet: Packet;
}

/** How a walk ended. */
export interface End {
  /** `delivered` here, or on its way out of our sight: on a `wire`. */
  readonly how: 'delivered' | 'wire';
  readonly place: Place;
  /** The link that it went out by. */
  readonly by: Link | undefined;
  readonly packet: Packet;
  /** Bytes: the largest packet that comes through whole. */
  readonly mtu: number | undefined;
  readonly translation: Translation | undefined;
}

interface Journal {
  readonly direction: Step['direction'];
  readonly steps: Step[];
}

/** A packet that comes to so many places goes in circles. */
const maxPlaces = 8;

/** Follows a packet. @throws Stop, after its steps have been noted. `translated` is what the way there did. */
export function walk(places: Places, start: Position, journal: Journal, translated?: Translation): End {
  const note = (place: Place, text: string) =>
    journal.steps.push({ direction: journal.direction, place: place.name, text });
  let { place, from, packet } = start;
  let mtu: number | undefined;
  let translation: Translation | undefined;
  for (let count = 0; count < maxPlaces; count++) {
    try {
      const found =
        journal.direction === 'there'
          ? translate(place, packet.dst, packet.port, from ? 'prerouting' : 'output')
          : undefined;
      if (found) {
        translation = found;
        packet = { ...packet, dst: found.to };
        note(place, `${found.from} is translated to ${found.to}, ${found.by}`);
      }
      const decision = lookUp(place, packet, from);
      const { path } = decision;
      packet = { ...packet, src: packet.src ?? path.prefsrc };
      if (path.type === 'local') {
        note(place, `${packet.dst} is an address of this place: delivered`);
        return { how: 'delivered', place, by: undefined, packet, mtu, translation };
      }
      if (from) requireForwarding(place, packet, from);
      const out = place.rtnetlink.execute(link.get({ index: path.oif! }))!;
      note(place, wayText(decision, out, packet));
      if (
        place === places.node &&
        from &&
        !translation &&
        isLastResort(decision, packet) &&
        journal.direction === 'there'
      )
        journal.steps.push({
          direction: 'there',
          place: place.name,
          text: `no rule that can be seen translates ${packet.dst}, TCP port ${packet.port}, as that of a service would`,
          doubtful: true,
        });
      requireUp(places, place, out);
      if (translated && place === translated.place) packet = { ...packet, src: translated.from };
      const size: number = Math.min(path.metrics?.mtu ?? out.mtu!, out.mtu!);
      if (mtu !== undefined && size < mtu)
        note(place, `${out.name} takes ${size} bytes: the sender is told to send no more at a time`);
      mtu = Math.min(mtu ?? size, size);
      const hop = path.gateway ?? packet.dst;
      const next = cross(places, { place, out, hop, mtu }, text => note(place, text));
      if (!next) return { how: 'wire', place, by: out, packet, mtu, translation };
      // A mark stays in its namespace.
      if (next.place !== place) packet = { ...packet, mark: undefined };
      if (translated && next.bridge?.place === translated.place) packet = untranslate(packet, translated, next.bridge);
      ({ place, from } = next);
    } catch (error) {
      if (error instanceof Stop)
        journal.steps.push({
          direction: journal.direction,
          place: place.name,
          text: error.message,
          stops: { remedy: error.remedy },
        });
      throw error;
    }
  }
  throw new Stop(`${packet.dst}: the packet goes in circles`);
}

function wayText({ path, match, rule }: Decision, { name }: Link, { src, dst }: Packet): string {
  const selected = [
    rule?.src && `from ${rule.src}`,
    rule?.dst && `to ${rule.dst}`,
    rule?.mark && `fwmark ${hexadecimal(rule.mark)}`,
  ].filter(part => part);
  const by = rule && selected.length > 0 ? `rule ${rule.priority} ${selected.join(' ')}, ` : '';
  const table = match?.table === undefined || match.table === 254 ? '' : ` table ${match.table}`;
  const via = path.gateway ? ` via ${path.gateway}` : '';
  return `to ${dst} from ${src}: ${by}route ${match?.dst ?? dst}${via} dev ${name}${table}`;
}

/** A default route: what is left where nothing else leads to the destination. */
function isLastResort({ match }: Decision, { dst }: Packet): boolean {
  return match?.dst === anywhere[familyOf(dst)];
}

function requireUp(places: Places, place: Place, out: Link): void {
  const { name, up, running } = out;
  if (!up) throw new Stop(`link ${name} is down`, commandAt(place, `ip link set dev ${name} up`));
  const peer = running ? undefined : places.peerOf(place, out);
  if (peer && !peer.link.up) {
    const remedy = commandAt(peer.place, `ip link set dev ${peer.link.name} up`);
    throw new Stop(
      `link ${name} has no carrier: its other end, ${peer.link.name} (${peer.place.name}), is down`,
      remedy,
    );
  }
  if (!running) throw new Stop(`link ${name} has no carrier: its other end is down, or the cable is out`);
}

interface Departure {
  readonly place: Place;
  readonly out: Link;
  /** Whose hardware address the packet needs. */
  readonly hop: string;
  readonly mtu: number;
}

interface Arrival {
  readonly place: Place;
  readonly from: Link;
  /** The bridge that passed the packet on, where it did not come up to the place that the bridge is in. */
  readonly bridge?: Bridge;
}

interface Bridge {
  readonly place: Place;
  readonly link: Link;
}

/** The place behind the link; undefined where that is out of sight. */
function cross(places: Places, departure: Departure, note: (text: string) => void): Arrival | undefined {
  const { place, out, hop } = departure;
  const kind = out.info?.kind;
  if (out.loopback) return { place, from: out };
  const entry = place.rtnetlink.execute(neighbour.list({ index: out.index })).find(({ dst }) => dst === hop);
  if (kind === 'bridge') return crossBridge(places, departure, entry, note);
  if (kind === 'veth') {
    const peer = places.peerOf(place, out);
    if (peer && peer.link.master === undefined) return crossPair(departure, entry, peer, note);
    const bridge = peer && bridgeOf(peer);
    const arrival = bridge && acrossBridge(places, bridge, hop, entry, peer.link);
    if (arrival) {
      note(`through the bridge ${bridge.link.name} to ${arrival.place.name}`);
      return arrival;
    }
  }
  if (kind === 'macvlan' || kind === 'ipvlan') refuseParent(places, departure);
  if (entry?.state === 'failed' || entry?.state === 'incomplete')
    throw new Stop(`neighbour ${hop} dev ${out.name} does not answer (${entry.state})`);
  note(
    `leaves by ${out.name}${kind ? `, ${kind},` : ''} for ${hop}${entry ? '' : ', whose hardware address is still to be asked for'}; what is behind cannot be seen from here`,
  );
  return undefined;
}

/** A veth hands the packet to its peer, if that is up, takes packets of this size, and is whom the packet is addressed to. */
function crossPair(
  { place, out, hop, mtu }: Departure,
  entry: Neighbour | undefined,
  peer: { place: Place; link: Link },
  note: (text: string) => void,
): Arrival {
  const there = peer.place.name;
  // One that did not answer has none; it is asked again with the next packet.
  if (!entry?.address && !isLocal(peer.place, hop)) {
    const ours = Object.values<string>(gateways).includes(hop);
    const remedy = `ip neighbour replace ${hop} lladdr ${peer.link.address} dev ${out.name} nud permanent${ours ? ' protocol 86' : ''}`;
    throw new Stop(
      `neighbour ${hop} dev ${out.name} is missing, and ${there} does not answer for it`,
      commandAt(place, remedy),
    );
  }
  if (entry?.address && entry.address !== peer.link.address) {
    const remedy = `ip neighbour replace ${hop} lladdr ${peer.link.address} dev ${out.name} nud permanent`;
    throw new Stop(
      `neighbour ${hop} dev ${out.name} has ${entry.address}, but the other end is ${peer.link.address}: it drops what is not its own`,
      commandAt(place, remedy),
    );
  }
  if (peer.link.mtu! < mtu) {
    const remedy = commandAt(peer.place, `ip link set dev ${peer.link.name} mtu ${mtu}`);
    throw new Stop(
      `mtu: ${out.name} sends up to ${mtu} bytes, and its peer ${peer.link.name} (${there}) drops what is larger than ${peer.link.mtu}`,
      remedy,
    );
  }
  note(`through the pair ${out.name} ── ${peer.link.name} to ${there}`);
  return { place: peer.place, from: peer.link };
}

/** The bridge that a link is a port of. */
function bridgeOf({ place, link: { master } }: { place: Place; link: Link }): Bridge | undefined {
  const found = master === undefined ? undefined : place.rtnetlink.execute(link.get({ index: master }));
  return found && { place, link: found };
}

/** From one port of a bridge to whom the packet is addressed to: who has the bridge, or who is behind another port. */
function acrossBridge(
  places: Places,
  bridge: Bridge,
  hop: string,
  entry: Neighbour | undefined,
  port: Link,
): Arrival | undefined {
  if (isLocal(bridge.place, hop)) return { place: bridge.place, from: bridge.link };
  // Elsewhere it stands for a LAN, on which is more than shows: a macvlan of a machine's shares its port.
  const behind = bridge.place === places.node ? behindBridge(places, bridge, hop, entry, port) : undefined;
  return behind && { place: behind.place, from: behind.link, bridge };
}

/** Out by the port that the bridge has learned the hardware address on. */
function crossBridge(
  places: Places,
  { place, out, hop }: Departure,
  entry: Neighbour | undefined,
  note: (text: string) => void,
): Arrival | undefined {
  if (entry?.state === 'failed' || entry?.state === 'incomplete')
    throw new Stop(`neighbour ${hop} dev ${out.name} does not answer (${entry.state})`);
  const behind = behindBridge(places, { place, link: out }, hop, entry);
  if (behind) {
    note(`through the bridge ${out.name} and its port ${behind.port.name} to ${behind.place.name}`);
    return { place: behind.place, from: behind.link };
  }
  note(`leaves by ${out.name}, bridge, for ${hop}; what is behind cannot be seen from here`);
  return undefined;
}

/** Who has the address behind one of the bridge's ports, but for the one that the packet came in by. */
function behindBridge(
  places: Places,
  { place, link: { index } }: Bridge,
  hop: string,
  entry: Neighbour | undefined,
  from?: Link,
): { place: Place; link: Link; port: Link } | undefined {
  const ports = place.rtnetlink.execute(link.list()).filter(({ master }) => master === index);
  for (const port of ports) {
    const peer = port.index === from?.index ? undefined : places.peerOf(place, port);
    if (!peer || peer.place === place) continue;
    if (entry?.address ? peer.link.address === entry.address : isLocal(peer.place, hop)) return { ...peer, port };
  }
  return undefined;
}

function isLocal(place: Place, address: string): boolean {
  return wayTo(place, address)?.type === 'local';
}

/**
 * A reply that a bridge passes on is seen by no rule, unless br_netfilter shows it to them: it keeps the source that nobody
 * asked.
 */
function untranslate(packet: Packet, { from, to }: Translation, { place, link: { name } }: Bridge): Packet {
  const key = `net/bridge/bridge-nf-call-${familyOf(packet.dst) === 'inet' ? 'iptables' : 'ip6tables'}`;
  const value = settingOf(place.namespace, key);
  if (value === '1') return { ...packet, src: from };
  const why = value === undefined ? 'br_netfilter is not loaded' : `sysctl ${key} is ${value}`;
  throw new Stop(
    `the bridge ${name} passes the reply on as it is (${why}): it comes from ${to}, and ${packet.dst} asked ${from}`,
    value === undefined ? 'modprobe br_netfilter' : commandAt(place, `sysctl --write ${key}=1`),
  );
}

/** A macvlan and its parent never talk. */
function refuseParent({ node }: Places, { out, hop }: Departure): void {
  if (isLocal(node, hop))
    throw new Stop(
      `${hop} is the node's, and ${out.name}, ${out.info!.kind === 'ipvlan' ? 'an' : 'a'} ${out.info!.kind}, never reaches the machine that it is on: a route through veth0 is missing`,
    );
}
