// The network namespaces of a trace, opened as the packet reaches them.
import { NetNs } from '@spider/netns';
import { type Link, link, nsid, Rtnetlink } from '@spider/rtnetlink';
import { pathsByNsid } from '../../namespaces.ts';
import { openPod } from '../pod-namespace.ts';
import { Hooks } from './hooks.ts';
import type { PassedInterface, Place, Position } from './place.ts';
import { Unfollowed } from './unfollowed/unfollowed.ts';

/** Opens the namespaces, and closes all of them with the trace. */
export class Places implements Disposable {
  readonly #open: Place[] = [];
  /** For each place, the paths of other namespaces by the numbers that it knows them by (RTM_GETNSID). */
  readonly #paths = new Map<Place, Map<number, string>>();
  readonly #hooks = new Map<Place, Hooks>();
  readonly #unfollowed = new Map<Place, Unfollowed>();
  readonly pod: Place;
  readonly node: Place;

  /** @throws NetNsError if `netns` is no network namespace, Error if it is the node's */
  constructor(netns: string) {
    this.pod = this.#add('pod', netns, openPod(netns));
    this.node = this.#add('node', undefined, NetNs.current());
  }

  /** The other end of a veth; undefined if its namespace is not found. */
  peerOf(place: Place, end: Link): Position | undefined {
    return end.info?.kind === 'veth' ? this.#linkOf(place, end) : undefined;
  }

  /** The parent of a VLAN or a macvlan; undefined if its namespace is not found. */
  parentOf(place: Place, child: Link): Position | undefined {
    return child.info?.kind === 'veth' ? undefined : this.#linkOf(place, child);
  }

  #linkOf(place: Place, { link: index, linkNetnsid }: Link): Position | undefined {
    // A tunnel that is bound to no interface has 0.
    if (!index) return undefined;
    const there = linkNetnsid === undefined ? place : this.#numbered(place, linkNetnsid);
    const found = there?.rtnetlink.execute(link.get({ index }));
    return there && found && { place: there, link: found };
  }

  /** The rules of a place, read when they are first needed. */
  hooksOf(place: Place): Hooks {
    const hooks = this.#hooks.get(place) ?? new Hooks(place);
    this.#hooks.set(place, hooks);
    return hooks;
  }

  unfollowedIn(place: Place): Unfollowed {
    const unfollowed = this.#unfollowed.get(place) ?? new Unfollowed(place, this.hooksOf(place));
    this.#unfollowed.set(place, unfollowed);
    return unfollowed;
  }

  /** What is not followed on an interface, and on its parent. */
  unfollowedOn({ place, link, direction }: PassedInterface): { place: Place; text: string }[] {
    const parent = this.parentOf(place, link);
    return [{ place, link }, ...(parent ? [parent] : [])].flatMap(({ place, link }) =>
      this.unfollowedIn(place)
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
