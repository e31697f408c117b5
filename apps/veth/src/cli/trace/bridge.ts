// How a bridge passes a packet on: from port to port, and between a port and the namespace that has the bridge.
import { familyOf, type Link, link, type Neighbour } from '@spider/rtnetlink';
import { readSysctl } from '../../sysctl.ts';
import { commandAt } from '../command-at.ts';
import { type Add, type Arrival, type Departure, fit, noteSilence } from './hop.ts';
import { isLocal } from './lookup.ts';
import type { PassedInterface, Place, Position } from './place.ts';
import type { Places } from './places.ts';
import { Stop } from './step.ts';

/** The bridge that a link is a port of. */
export function bridgeOf({ place, link: { master } }: Position): Position | undefined {
  const found = master === undefined ? undefined : place.rtnetlink.execute(link.get({ index: master }));
  return found && { place, link: found };
}

/**
 * From a port of a bridge to the destination: the namespace that has the bridge, or an interface behind another port.
 */
export function crossFromPort(
  places: Places,
  departure: Departure,
  { port, ...bridge }: Position & { readonly port: Link },
  entry: Neighbour | undefined,
  add: Add,
): Arrival | undefined {
  const { hop, out } = departure;
  const { place } = bridge;
  const through = (to: Place) => add({ text: `through the bridge ${bridge.link.name} to ${to.name}` });
  const entered: PassedInterface = { place, link: port, direction: 'ingress' };
  const enter = () => {
    requireForwardingPort(bridge, port);
    return fit(departure, out, { place, link: port }, add);
  };
  // A packet for the port's own hardware address is for the namespace that has the bridge, too.
  if (isLocal(place, hop) || entry?.address === port.address) {
    const mtu = enter();
    through(place);
    return { place, from: bridge.link, mtu, ports: [entered] };
  }
  // In other namespaces a bridge stands for a LAN, which may have more hosts than its ports show: a macvlan shares a port.
  const behind = place === places.node ? behindBridge(places, bridge, hop, entry, port)[0] : undefined;
  if (!behind) return undefined;
  enter();
  if (isIsolated(port) && isIsolated(behind.port))
    throw new Stop(
      `the ports ${port.name} and ${behind.port.name} of the bridge ${bridge.link.name} are isolated: neither reaches the other`,
      commandAt(place, `bridge link set dev ${port.name} isolated off`),
    );
  const mtu = leave(departure, bridge, behind, add);
  through(behind.place);
  const left: PassedInterface = { place, link: behind.port, direction: 'egress' };
  return { place: behind.place, from: behind.link, mtu, bridge, ports: [entered, left] };
}

/** From the namespace that has the bridge to the interface with the packet's hardware address behind one of its ports. */
export function crossFromBridge(
  places: Places,
  departure: Departure,
  entry: Neighbour | undefined,
  add: Add,
): Arrival | undefined {
  const { place, out, hop } = departure;
  const bridge = { place, link: out };
  const [behind] = behindBridge(places, bridge, hop, entry);
  if (behind) {
    noteSilence(departure, entry, add);
    const owners = behindBridge(places, bridge, hop, undefined);
    if (owners.length > 1) {
      const all = owners.map(({ place, link, port }) => `${place.name} (${link.address}, behind ${port.name})`);
      add({
        text: `${hop} is an address of ${all.join(' and of ')}: who answers first gets the packet`,
        doubtful: true,
      });
    }
    const mtu = leave(departure, bridge, behind, add);
    add({ text: `through the bridge ${out.name} and its port ${behind.port.name} to ${behind.place.name}` });
    const left: PassedInterface = { place, link: behind.port, direction: 'egress' };
    return { place: behind.place, from: behind.link, mtu, ports: [left] };
  }
  if (entry?.state === 'failed' || entry?.state === 'incomplete')
    throw new Stop(`neighbour ${hop} dev ${out.name} does not answer (${entry.state})`);
  const [owner] = entry?.address ? behindBridge(places, bridge, hop, undefined) : [];
  if (owner && !owner.place.rtnetlink.execute(link.list()).some(({ address }) => address === entry?.address))
    throw new Stop(
      `neighbour ${hop} dev ${out.name} has ${entry?.address}, but who has the address is ${owner.link.address}, behind ${owner.port.name}`,
      commandAt(place, `ip neighbour delete ${hop} dev ${out.name}`),
    );
  add({ text: `leaves by ${out.name}, bridge, for ${hop}; what is behind cannot be seen from here` });
  if (!entry?.address && portsOf(bridge).every(port => places.peerOf(place, port)))
    add({ text: `nobody behind the ports of ${out.name} has the address ${hop}`, doubtful: true });
  return undefined;
}

/** The sysctl by which br_netfilter shows rules what bridges pass on. Its value is undefined without the module. */
export function bridgeFilter({ namespace }: Place, dst: string): { key: string; value: string | undefined } {
  const key = `net/bridge/bridge-nf-call-${familyOf(dst) === 'inet' ? 'iptables' : 'ip6tables'}`;
  return { key, value: readSysctl(namespace, key) };
}

/**
 * What br_netfilter translates to an address behind the same bridge is not routed, but passed on by the bridge.
 * @throws Stop if the packet would leave by the port that it came in by
 */
export function requireHairpin(place: Place, dst: string, entered: Link, left: Link): void {
  if (left.index !== entered.index || portOf(left)?.hairpin || bridgeFilter(place, dst).value !== '1') return;
  throw new Stop(
    `${dst} is behind the bridge's port ${left.name}, by which the packet came in, and which sends nothing back (hairpin is off)`,
    commandAt(place, `bridge link set dev ${left.name} hairpin on`),
  );
}

/** An interface behind a port of a bridge, and that port. */
interface Behind extends Position {
  readonly port: Link;
}

/** Out by a port, to the interface behind it. Returns the size of packet that gets through. */
function leave(departure: Departure, bridge: Position, behind: Behind, add: Add): number {
  const { port } = behind;
  requireForwardingPort(bridge, port);
  const { dst, mtu } = departure;
  // TCP sends no larger packets to an endpoint than that one's MTU.
  const sent = isLocal(behind.place, dst) ? Math.min(mtu, behind.link.mtu!) : mtu;
  if (port.mtu! < sent)
    throw new Stop(
      `mtu: up to ${sent} bytes are sent, and the port ${port.name} of the bridge ${bridge.link.name} drops what is larger than ${port.mtu}`,
      commandAt(bridge.place, `ip link set dev ${port.name} mtu ${sent}`),
    );
  return fit(departure, port, behind, add);
}

/** @throws Stop if the bridge is down, or the port is not in the state `forwarding` */
function requireForwardingPort({ place, link: { name, up } }: Position, port: Link): void {
  if (!up) throw new Stop(`the bridge ${name} is down`, commandAt(place, `ip link set dev ${name} up`));
  const state = portOf(port)?.state;
  if (state === undefined || state === 'forwarding') return;
  throw new Stop(
    `the port ${port.name} of the bridge ${name} is ${state}: nothing comes through it`,
    state === 'disabled' ? commandAt(place, `bridge link set dev ${port.name} state 3`) : undefined,
  );
}

function isIsolated(port: Link): boolean {
  return portOf(port)?.isolated === true;
}

function portOf({ info }: Link) {
  return info?.slaveKind === 'bridge' ? info.slaveData : undefined;
}

function portsOf({ place, link: { index } }: Position): Link[] {
  return place.rtnetlink.execute(link.list()).filter(({ master }) => master === index);
}

/**
 * The interfaces behind the bridge's ports, except the one that the packet came in by, that have the neighbour's hardware
 * address, or without one the IP address.
 */
function behindBridge(
  places: Places,
  bridge: Position,
  hop: string,
  entry: Neighbour | undefined,
  from?: Link,
): Behind[] {
  const { place } = bridge;
  const isOwner = (peer: Position) => (entry?.address ? peer.link.address === entry.address : isLocal(peer.place, hop));
  return portsOf(bridge).flatMap(port => {
    const peer = port.index === from?.index ? undefined : places.peerOf(place, port);
    return peer && peer.place !== place && isOwner(peer) ? [{ ...peer, port }] : [];
  });
}
