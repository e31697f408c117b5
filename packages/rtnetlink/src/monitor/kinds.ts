// What can be followed: the messages that tell of a kind of object, the multicast groups they come by (RTNLGRP_* of
// <linux/rtnetlink.h>), and the lists of what is there.
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
  // What bridges forward stands in a list of its own.
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

/** What can be followed. */
export type Kind = keyof typeof kinds;

/** Objects of a kind, as the kernel tells them. */
export type ObjectOf<K extends Kind> = Output<(typeof kinds)[K]['message']['fields']>;

/** A kind, for those who follow any. */
export interface Followed {
  readonly kind: Kind;
  readonly message: Message<Fields>;
  readonly groups: readonly number[];
  /** Lists what is in the namespace of the socket. */
  readonly lists: () => readonly ListRequest<Fields>[];
  /** Lists what is in a namespace that has a number in that of the socket, where the kernel does that. */
  readonly listsElsewhere?: (nsid: number) => readonly ListRequest<Fields>[];
}

/** The kinds of these names; all where there are none. */
export function followed(names: readonly Kind[] = Object.keys(kinds) as Kind[]): readonly Followed[] {
  return names.map(kind => {
    if (!Object.hasOwn(kinds, kind))
      throw new TypeError(`${String(kind)} cannot be followed: it is not one of ${Object.keys(kinds).join(', ')}`);
    return { kind, ...(kinds[kind] as unknown as Omit<Followed, 'kind'>) };
  });
}
