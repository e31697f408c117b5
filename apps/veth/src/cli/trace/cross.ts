// From a link of one place to the place behind it.
import { type Link, link, type Neighbour, neighbour } from '@spider/rtnetlink';
import { gateways, isHostEnd } from '../../identity.ts';
import { wayTo } from './lookup.ts';
import type { Passed, Place, Places } from './place.ts';
import { commandAt, Stop } from './step.ts';

/** @throws Stop where nothing gets out by the link, and says what it waits for. */
export function requireUp(places: Places, place: Place, out: Link): void {
  const { name, up, running } = out;
  if (!up) throw new Stop(`link ${name} is down`, commandAt(place, `ip link set dev ${name} up`));
  if (running) return;
  const [peer, parent] = [places.peerOf(place, out), places.parentOf(place, out)];
  const needed = peer ?? parent;
  if (needed && !needed.link.up) {
    const what = `its ${peer ? 'other end,' : 'parent,'} ${needed.link.name} (${needed.place.name}),`;
    const remedy = commandAt(needed.place, `ip link set dev ${needed.link.name} up`);
    throw new Stop(`link ${name} has no carrier: ${what} is down`, remedy);
  }
  const why = out.info?.kind === 'bridge' ? 'no port of it is up' : 'its other end is down, or the cable is out';
  throw new Stop(`link ${name} has no carrier: ${why}`);
}

export interface Departure {
  readonly place: Place;
  readonly out: Link;
  /** Whose hardware address the packet needs. */
  readonly hop: string;
  readonly mtu: number;
}

export interface Arrival {
  readonly place: Place;
  readonly from: Link;
  /** The bridge that passed the packet on, where it did not come up to the place that the bridge is in. */
  readonly bridge?: Bridge;
  /** Those of bridges that it passed, in this order. */
  readonly ports?: readonly Passed[];
}

export interface Bridge {
  readonly place: Place;
  readonly link: Link;
}

/** The place behind the link; undefined where that is out of sight. */
export function cross(
  places: Places,
  departure: Departure,
  add: (step: { text: string; doubtful?: true }) => void,
): Arrival | undefined {
  const note = (text: string) => add({ text });
  const { place, out, hop } = departure;
  const kind = out.info?.kind;
  if (out.loopback) return { place, from: out };
  const entry = place.rtnetlink.execute(neighbour.list({ index: out.index })).find(({ dst }) => dst === hop);
  if (kind === 'bridge') return crossBridge(places, departure, entry, note);
  if (kind === 'veth') {
    const peer = places.peerOf(place, out);
    if (peer && peer.link.master === undefined) return crossPair(departure, entry, peer, note);
    const bridge = peer && bridgeOf(peer);
    if (bridge && isHostEnd(peer.link))
      add({
        text: `${peer.link.name} (${peer.place.name}) is a port of the bridge ${bridge.link.name}`,
        doubtful: true,
      });
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
  // What is for the port itself is for who has the bridge, too.
  const entered: Passed = { place: bridge.place, link: port, direction: 'ingress' };
  if (isLocal(bridge.place, hop) || entry?.address === port.address)
    return { place: bridge.place, from: bridge.link, ports: [entered] };
  // Elsewhere it stands for a LAN, on which is more than shows: a macvlan of a machine's shares its port.
  const behind = bridge.place === places.node ? behindBridge(places, bridge, hop, entry, port) : undefined;
  if (!behind) return undefined;
  const left: Passed = { place: bridge.place, link: behind.port, direction: 'egress' };
  return { place: behind.place, from: behind.link, bridge, ports: [entered, left] };
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
    return { place: behind.place, from: behind.link, ports: [{ place, link: behind.port, direction: 'egress' }] };
  }
  const owner = entry?.address && behindBridge(places, { place, link: out }, hop, undefined);
  if (owner && !owner.place.rtnetlink.execute(link.list()).some(({ address }) => address === entry.address))
    throw new Stop(
      `neighbour ${hop} dev ${out.name} has ${entry.address}, but who has the address is ${owner.link.address}, behind ${owner.port.name}`,
      commandAt(place, `ip neighbour delete ${hop} dev ${out.name}`),
    );
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

export function isLocal(place: Place, address: string): boolean {
  return wayTo(place, address)?.type === 'local';
}

/** A macvlan and its parent never talk. */
function refuseParent({ node }: Places, { out, hop }: Departure): void {
  if (isLocal(node, hop))
    throw new Stop(
      `${hop} is the node's, and ${out.name}, ${out.info!.kind === 'ipvlan' ? 'an' : 'a'} ${out.info!.kind}, never reaches the machine that it is on: a route through veth0 is missing`,
    );
}
