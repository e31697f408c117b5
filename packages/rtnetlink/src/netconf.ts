// What an interface is set to do with packets: struct netconfmsg and NETCONFA_* of <linux/netconf.h>, ip-netconf(8). To set
// it, write the sysctls of net.ipv4.conf and net.ipv6.conf.
import { attribute, header } from './codec/field.ts';
import { message } from './codec/message.ts';
import type { Output } from './codec/schema.ts';
import { s32 } from './codec/type.ts';
import { family } from './names.ts';
import { verbs } from './request.ts';

/** What stands in the place of an interface's index: the values of `all`, and those that new interfaces get. */
export const netconfIndex = { all: -1, default: -2 } as const;

/** struct netconfmsg and its attributes. */
export const netconfMessage = message({
  kind: 'netconf',
  types: { add: 80, delete: 81, get: 82 },
  // struct netconfmsg is one byte; attributes start aligned.
  headerSize: 4,
  fields: () => ({
    family: header(0, family),
    /** The interface, or one of `netconfIndex`. */
    index: attribute(1, s32),
    /** 1 where packets for others are passed on. */
    forwarding: attribute(2, s32),
    /** 0 any source, 1 only such as would be answered by the same interface, 2 by any (RFC 3704). IPv4. */
    rpFilter: attribute(3, s32),
    multicastForwarding: attribute(4, s32),
    /** 1 where ARP or neighbour solicitations are answered for others. */
    proxyNeighbour: attribute(5, s32),
    ignoreRoutesWithLinkdown: attribute(6, s32),
    /** MPLS: 1 where labelled packets are taken. */
    input: attribute(7, s32),
    /** IPv4. */
    broadcastForwarding: attribute(8, s32),
  }),
});

/** What an interface is set to do, as the kernel tells it. */
export type Netconf = Output<typeof netconfMessage.fields>;

// The kernel lists by family alone.
const plain = verbs(netconfMessage, ({ family }) => ({ family }));

/** Questions about the settings of interfaces (ip-netconf(8)). */
export const netconf: Pick<typeof plain, 'get' | 'list'> = { get: plain.get, list: plain.list };
