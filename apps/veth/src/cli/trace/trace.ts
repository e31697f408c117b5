// Traces a packet to a destination, and the reply to it.
import { link } from '@spider/rtnetlink';
import { podEnd } from '../../datapath.ts';
import { unattached } from '../unattached.ts';
import { Connections } from './connections.ts';
import { isLocal } from './lookup.ts';
import type { Place } from './place.ts';
import { Places } from './places.ts';
import { long } from './rules/bytes.ts';
import { type Step, Stop, type Trace } from './step.ts';
import { type End, walk } from './walk.ts';

/** An ephemeral port (ip-sysctl, ip_local_port_range). */
const clientPort = 40_000;

interface Query {
  readonly dst: string;
  readonly src: string | undefined;
  /** TCP port. */
  readonly port: number;
  /** The mark that the packet has when it is sent. */
  readonly mark: number | undefined;
}

/** @throws NetNsError if `netns` is no network namespace */
export function trace(netns: string, { dst: destination, src: from, port, mark }: Query): Trace {
  using places = new Places(netns);
  if (from !== undefined) requirePodAddress(places.pod, from);
  const steps: Step[] = [];
  const pairEnd = places.pod.rtnetlink.execute(link.get({ name: podEnd }));
  if (!pairEnd?.up) {
    const text = pairEnd ? `${podEnd} is down, and so has no routes` : `there is no ${podEnd}: ${unattached}`;
    steps.push({ direction: 'there', place: 'pod', text, doubtful: true });
  }
  const connections = new Connections();
  let there: End | undefined;
  try {
    there = walk(
      places,
      {
        place: places.pod,
        from: undefined,
        packet: {
          src: from,
          dst: destination,
          sourcePort: clientPort,
          port,
          mark: mark === undefined ? undefined : long(mark),
        },
      },
      { direction: 'there', steps },
      connections,
    );
    traceReply(places, there, connections, steps);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const [where] = steps.slice(-1);
    const way = there ? 'the reply stops' : 'stops';
    const verdict = `${way} ${where ? preposition(where.place) : ''}: ${error.message}`;
    return { netns, destination, source: there ? sourceOf(connections) : from, works: false, verdict, steps };
  }
  const sight = there.how === 'wire' ? ', as far as can be seen from here' : '';
  const size = there.mtu === undefined ? '' : `, in packets of up to ${there.mtu} bytes`;
  const doubts = steps.flatMap(({ doubtful }, i) => (doubtful ? [i + 1] : []));
  const but = doubts.length > 0 ? `; but see step ${doubts.join(' and ')}` : '';
  return {
    netns,
    destination,
    source: sourceOf(connections),
    works: true,
    verdict: `works${sight}${size}${but}`,
    steps,
  };
}

/** The address from which the pod sends, whatever it is translated to on the way. */
function sourceOf({ first }: Connections): string | undefined {
  return first?.original.src;
}

function requirePodAddress(pod: Place, address: string): void {
  if (isLocal(pod, address)) return;
  throw new Error(`--from ${address} is no address of the pod, so nothing in it can bind to that`);
}

function preposition(place: string): string {
  return place === 'node' ? 'on the node' : place === 'pod' ? 'in the pod' : `in ${place}`;
}

/** The reply starts where the packet was delivered, or comes in by the link that the packet left by. */
function traceReply(places: Places, there: End, connections: Connections, steps: Step[]): void {
  const { place, by, packet } = there;
  const reply = { src: packet.dst, dst: packet.src!, sourcePort: packet.port, port: packet.sourcePort };
  const journal = { direction: 'back', steps } as const;
  const stop = (end: End, text: string) => {
    steps.push({ direction: 'back', place: end.place.name, text, stops: { remedy: undefined } });
    return new Stop(text);
  };
  const end = walk(places, { place, from: by, packet: reply }, journal, connections);
  if (end.place !== places.pod || end.how !== 'delivered')
    throw stop(
      end,
      `the reply to ${reply.dst} comes to ${end.place.name}${end.by ? ` and leaves by ${end.by.name}` : ''}, not to the pod`,
    );
  const asked = connections.first!.original;
  if (end.packet.src !== asked.dst || end.packet.sourcePort !== asked.port)
    throw stop(
      end,
      `the reply comes from ${end.packet.src}, TCP port ${end.packet.sourcePort}, and the pod asked ${asked.dst}, TCP port ${asked.port}: nothing translates it back`,
    );
}
