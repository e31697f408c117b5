// The network namespaces that a packet comes through, and what is asked of each.
import { NetNs } from '@spider/netns';
import { type Link, link, nsid, Rtnetlink } from '@spider/rtnetlink';
import { pathsByNsid } from '../../namespaces.ts';
import { openPod } from '../pod-namespace.ts';
import { Hooks } from './hooks.ts';
import type { Passed, Place, Position } from './place.ts';
import { Unseen } from './unseen/unseen.ts';

/** All that a trace opens. */
export class Places implements Disposable {
  readonly #open: Place[] = [];
  /** By the numbers that a place knows them by. */
  readonly #paths = new Map<Place, Map<number, string>>();
  readonly #hooks = new Map<Place, Hooks>();
  readonly #unseen = new Map<Place, Unseen>();
  readonly pod: Place;
  readonly node: Place;

  /** @throws NetNsError where `netns` is no network namespace, Error where it is the node's */
  constructor(netns: string) {
    this.pod = this.#add('pod', netns, openPod(netns));
    this.node = this.#add('node', undefined, NetNs.current());
  }

  /** Where the other end of a veth is, and that end; undefined where that namespace is not to be found. */
  peerOf(place: Place, end: Link): Position | undefined {
    return end.info?.kind === 'veth' ? this.#linkOf(place, end) : undefined;
  }

  /** What a VLAN or a macvlan stands on, and where that is; undefined where that is not to be found. */
  parentOf(place: Place, child: Link): Position | undefined {
    return child.info?.kind === 'veth' ? undefined : this.#linkOf(place, child);
  }

  #linkOf(place: Place, { link: index, linkNetnsid }: Link): Position | undefined {
    // Of a tunnel that is bound to no interface it is 0.
    if (!index) return undefined;
    const there = linkNetnsid === undefined ? place : this.#numbered(place, linkNetnsid);
    const found = there?.rtnetlink.execute(link.get({ index }));
    return there && found && { place: there, link: found };
  }

  /** The rules of a place, as they are when they are first asked for. */
  hooksOf(place: Place): Hooks {
    const hooks = this.#hooks.get(place) ?? new Hooks(place);
    this.#hooks.set(place, hooks);
    return hooks;
  }

  /** What is unseen in a place. */
  unseenIn(place: Place): Unseen {
    const unseen = this.#unseen.get(place) ?? new Unseen(place, this.hooksOf(place));
    this.#unseen.set(place, unseen);
    return unseen;
  }

  /** What is unseen on an interface, and on what that stands on, in whatever place. */
  unseenOn({ place, link, direction }: Passed): { place: Place; text: string }[] {
    const parent = this.parentOf(place, link);
    return [{ place, link }, ...(parent ? [parent] : [])].flatMap(({ place, link }) =>
      this.unseenIn(place)
        .onLink(link, direction)
        .map(text => ({ place, text })),
    );
  }

  #numbered(from: Place, number: number): Place | undefined {
    const numberOf = ({ namespace }: Place) => from.rtnetlink.execute(nsid.get({ fd: namespace.fd }))?.nsid;
    const own = [this.pod, this.node].find(place => numberOf(place) === number);
    if (own) return own;
    const paths = this.#paths.get(from) ?? pathsByNsid(from.rtnetlink);
    this.#paths.set(from, paths);
    const path = paths.get(number);
    if (path === undefined) return undefined;
    return this.#open.find(({ netns }) => netns === path) ?? this.#add(path, path, NetNs.open(path));
  }

  #add(name: string, netns: string | undefined, namespace: NetNs): Place {
    const place = { name, netns, namespace, rtnetlink: Rtnetlink.openIn(namespace) };
    this.#open.push(place);
    return place;
  }

  [Symbol.dispose](): void {
    for (const hooks of this.#hooks.values()) hooks[Symbol.dispose]();
    for (const { namespace, rtnetlink } of this.#open) {
      rtnetlink.close();
      namespace.close();
    }
  }
}
