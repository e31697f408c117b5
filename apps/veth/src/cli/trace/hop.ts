// From one end of a wire to the other.
import type { Link, Neighbour } from '@spider/rtnetlink';
import { commandAt } from '../command-at.ts';
import { isLocal } from './lookup.ts';
import type { Passed, Place, Position } from './place.ts';
import { Stop } from './step.ts';

/** A packet that leaves a place. */
export interface Departure {
  readonly place: Place;
  readonly out: Link;
  readonly dst: string;
  /** Whose hardware address the packet needs. */
  readonly hop: string;
  /** Bytes: how large it may be. */
  readonly mtu: number;
}

/** Where it comes in. */
export interface Arrival {
  readonly place: Place;
  readonly from: Link;
  /** Bytes: what comes through whole, where that is not known before. */
  readonly mtu?: number;
  /** The bridge that passed the packet on, where it did not come up to the place that the bridge is in. */
  readonly bridge?: Position;
  /** Those of bridges that it passed, in this order. */
  readonly ports?: readonly Passed[];
}

/** Writes a step down. */
export type Add = (step: { text: string; doubtful?: true }) => void;

/** Who did not answer is asked again with the next packet. That it has the address does not say that it will answer. */
export function noteSilence({ hop, out }: Departure, entry: Neighbour | undefined, add: Add): void {
  if (entry?.state !== 'failed' && entry?.state !== 'incomplete') return;
  add({ text: `neighbour ${hop} dev ${out.name} has not answered so far (${entry.state})`, doubtful: true });
}

/**
 * A veth drops what is larger than its peer's MTU, and tells nobody. TCP that ends at the peer begins by telling how much it
 * takes. Returns what comes through.
 * @throws Stop
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
