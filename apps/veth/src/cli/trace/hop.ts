// One hop of a packet: how it leaves a namespace, and where it arrives.
import type { Link, Neighbour } from '@spider/rtnetlink';
import { commandAt } from '../command-at.ts';
import { isLocal } from './lookup.ts';
import type { PassedInterface, Place, Position } from './place.ts';
import { Stop } from './step.ts';

/** A packet that leaves a namespace. */
export interface Departure {
  readonly place: Place;
  readonly out: Link;
  readonly dst: string;
  /** The next hop: the gateway, or the destination itself. */
  readonly hop: string;
  /** Bytes: the largest packet that may be sent. */
  readonly mtu: number;
}

/** Where the packet arrives. */
export interface Arrival {
  readonly place: Place;
  readonly from: Link;
  /** Bytes: the largest packet that gets through, if less than the departure's. */
  readonly mtu?: number;
  /** The bridge that passed the packet on from one port to another, without handing it to the bridge's own namespace. */
  readonly bridge?: Position;
  /** The bridge ports that it passed, in this order. */
  readonly ports?: readonly PassedInterface[];
}

/** Adds a step to the journal. */
export type Add = (step: { text: string; doubtful?: true }) => void;

/** Notes a neighbour that did not answer. The kernel solicits it again for the next packet, and it may answer then. */
export function noteSilence({ hop, out }: Departure, entry: Neighbour | undefined, add: Add): void {
  if (entry?.state !== 'failed' && entry?.state !== 'incomplete') return;
  add({ text: `neighbour ${hop} dev ${out.name} has not answered so far (${entry.state})`, doubtful: true });
}

/**
 * A veth silently drops packets larger than its peer's MTU. Only TCP that ends at the peer avoids that, by its maximum
 * segment size. Returns the size that gets through.
 * @throws Stop if larger packets are sent and do not end at the peer
 */
export function fit({ dst, mtu }: Departure, { name }: Link, peer: Position, add: Add): number {
  if (peer.link.mtu! >= mtu) return mtu;
  const there = peer.place.name;
  const text = `mtu: ${name} sends up to ${mtu} bytes, and its peer ${peer.link.name} (${there}) drops what is larger than ${peer.link.mtu}`;
  if (!isLocal(peer.place, dst))
    throw new Stop(text, commandAt(peer.place, `ip link set dev ${peer.link.name} mtu ${mtu}`));
  add({ text: `${text}, which TCP that ends there heeds, and nothing else`, doubtful: true });
  return peer.link.mtu!;
}
