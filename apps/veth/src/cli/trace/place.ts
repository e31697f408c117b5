// The network namespaces that a packet comes through.
import { NetNs } from '@spider/netns';
import { type Link, link, nsid, Rtnetlink } from '@spider/rtnetlink';
import { pathsByNsid } from '../../namespaces.ts';
import { openPod } from '../pod-namespace.ts';

/** A network namespace on the way. */
export interface Place {
  /** `pod`, `node`, or the path of another. */
  readonly name: string;
  /** Undefined for the node, where the command runs. */
  readonly netns: string | undefined;
  readonly namespace: NetNs;
  readonly rtnetlink: Rtnetlink;
}

/** All that a trace opens. */
export class Places implements Disposable {
  readonly #open: Place[] = [];
  readonly pod: Place;
  readonly node: Place;

  /** @throws NetNsError where `netns` is no network namespace, Refusal where it is the node's */
  constructor(netns: string) {
    this.pod = this.#add('pod', netns, openPod(netns));
    this.node = this.#add('node', undefined, NetNs.current());
  }

  /**
   * Where the other end of a veth is, and that end; undefined where that namespace is not to be found, and for any other
   * kind: what IFLA_LINK names is the parent of a VLAN or a macvlan, not another end of it.
   */
  peerOf(place: Place, { link: index, linkNetnsid, info }: Link): { place: Place; link: Link } | undefined {
    if (index === undefined || info?.kind !== 'veth') return undefined;
    const there = linkNetnsid === undefined ? place : this.#numbered(place, linkNetnsid);
    const peer = there?.rtnetlink.execute(link.get({ index }));
    return there && peer && { place: there, link: peer };
  }

  #numbered(from: Place, number: number): Place | undefined {
    const numberOf = ({ namespace }: Place) => from.rtnetlink.execute(nsid.get({ fd: namespace.fd }))?.nsid;
    const known = this.#open.find(place => numberOf(place) === number);
    if (known) return known;
    const path = pathsByNsid(from.rtnetlink).get(number);
    return path === undefined ? undefined : this.#add(path, path, NetNs.open(path));
  }

  #add(name: string, netns: string | undefined, namespace: NetNs): Place {
    const place = { name, netns, namespace, rtnetlink: Rtnetlink.openIn(namespace) };
    this.#open.push(place);
    return place;
  }

  [Symbol.dispose](): void {
    for (const { namespace, rtnetlink } of this.#open) {
      rtnetlink.close();
      namespace.close();
    }
  }
}
