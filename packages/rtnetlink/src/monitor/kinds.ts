// The kinds of objects that can be followed: their messages, the multicast groups that report them (RTNLGRP_* of
// <linux/rtnetlink.h>), and the requests that list existing objects.
import { address, addressMessage } from '../address.ts';
import type { Message } from '../codec/message.ts';
import type { Fields, Output } from '../codec/schema.ts';
import { link, linkMessage } from '../link/link.ts';
import { neighbour, neighbourMessage } from '../neighbour.ts';
import { netconf, netconfMessage } from '../netconf.ts';
import type { ListRequest } from '../request.ts';
import { route, routeMessage } from '../route/route.ts';
import { rule, ruleMessage } from '../rule.ts';

const kinds = {
  link: {
    message: linkMessage,
    groups: [1],
    lists: () => [link.list()],
    listsElsewhere: (targetNetnsid: number) => [link.list({ targetNetnsid })],
  },
  address: {
    message: addressMessage,
    groups: [5, 9],
    lists: () => [address.list()],
    listsElsewhere: (targetNetnsid: number) => [address.list({ targetNetnsid })],
  },
  route: { message: routeMessage, groups: [7, 11], lists: () => [route.list()] },
  rule: { message: ruleMessage, groups: [8, 19], lists: () => [rule.list()] },
  // Entries of bridges' forwarding tables have a list of their own.
  neighbour: {
    message: neighbourMessage,
    groups: [3],
    lists: () => [neighbour.list(), neighbour.list({ family: 'bridge' })],
  },
  netconf: {
    message: netconfMessage,
    groups: [24, 25],
    lists: () => [netconf.list({ family: 'inet' }), netconf.list({ family: 'inet6' })],
  },
} as const;

/** A kind of object that can be followed. */
export type Kind = keyof typeof kinds;

/** An object of a kind, as the kernel reports it. */
export type ObjectOf<K extends Kind> = Output<(typeof kinds)[K]['message']['fields']>;

/** A kind, without its static type. */
export interface Followed {
  readonly kind: Kind;
  readonly message: Message<Fields>;
  readonly groups: readonly number[];
  /** Requests that list the objects in the socket's own namespace. */
  readonly lists: () => readonly ListRequest<Fields>[];
  /** Requests that list the objects in the namespace with this number, if the kernel supports that. */
  readonly listsElsewhere?: (nsid: number) => readonly ListRequest<Fields>[];
}

/**
 * The kinds with these names; all kinds if unset.
 * @throws TypeError there is no such kind.
 */
export function followed(names: readonly Kind[] = Object.keys(kinds) as Kind[]): readonly Followed[] {
  return names.map(kind => {
    if (!Object.hasOwn(kinds, kind))
      throw new TypeError(`${String(kind)} cannot be followed: it is not one of ${Object.keys(kinds).join(', ')}`);
    return { kind, ...(kinds[kind] as unknown as Omit<Followed, 'kind'>) };
  });
}
