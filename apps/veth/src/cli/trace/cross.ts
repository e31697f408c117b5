// From a link of one namespace to the namespace at its other end.
import { type Link, type Neighbour, neighbour } from '@spider/rtnetlink';
import { gateways } from '../../datapath.ts';
import { isHostEnd } from '../../names.ts';
import { commandAt } from '../command-at.ts';
import { bridgeOf, crossFromBridge, crossFromPort } from './bridge.ts';
import { type Add, type Arrival, type Departure, fit, noteSilence } from './hop.ts';
import { isLocal } from './lookup.ts';
import type { Place, Position } from './place.ts';
import type { Places } from './places.ts';
import { Stop } from './step.ts';

/** @throws Stop if the link is down or has no carrier, and says why */
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

/** Where the packet arrives; undefined if that cannot be seen from here. */
export function cross(places: Places, departure: Departure, add: Add): Arrival | undefined {
  const { place, out, hop } = departure;
  const kind = out.info?.kind;
  if (out.loopback) return { place, from: out };
  const entry = place.rtnetlink.execute(neighbour.list({ index: out.index })).find(({ dst }) => dst === hop);
  if (kind === 'bridge') return crossFromBridge(places, departure, entry, add);
  if (kind === 'veth') {
    const peer = places.peerOf(place, out);
    if (peer && peer.link.master === undefined) return crossPair(departure, entry, peer, add);
    const bridge = peer && bridgeOf(peer);
    if (bridge && isHostEnd(peer.link))
      add({
        text: `${peer.link.name} (${peer.place.name}) is a port of the bridge ${bridge.link.name}`,
        doubtful: true,
      });
    const arrival = bridge && crossFromPort(places, departure, { ...bridge, port: peer.link }, entry, add);
    if (arrival) return arrival;
  }
  if (kind === 'macvlan' || kind === 'ipvlan') refuseParent(places, departure);
  if (entry?.state === 'failed' || entry?.state === 'incomplete')
    throw new Stop(`neighbour ${hop} dev ${out.name} does not answer (${entry.state})`);
  add({
    text: `leaves by ${out.name}${kind ? `, ${kind},` : ''} for ${hop}${entry ? '' : ', whose hardware address is still to be asked for'}; what is behind cannot be seen from here`,
  });
  return undefined;
}

/** To the peer of a veth, if it takes packets of this size and the packet has its hardware address. */
function crossPair(departure: Departure, entry: Neighbour | undefined, peer: Position, add: Add): Arrival {
  const { place, out, hop } = departure;
  const there = peer.place.name;
  // An entry without a hardware address is one that did not answer. The kernel solicits it again for the next packet.
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
  noteSilence(departure, entry, add);
  const fitting = fit(departure, out, peer, add);
  add({ text: `through the pair ${out.name} ── ${peer.link.name} to ${there}` });
  return { place: peer.place, from: peer.link, mtu: fitting };
}

/** A macvlan or ipvlan never reaches the machine that has its parent. */
function refuseParent({ node }: Places, { out, hop }: Departure): void {
  if (isLocal(node, hop))
    throw new Stop(
      `${hop} is the node's, and ${out.name}, ${out.info!.kind === 'ipvlan' ? 'an' : 'a'} ${out.info!.kind}, never reaches the machine that it is on: a route through veth0 is missing`,
    );
}
