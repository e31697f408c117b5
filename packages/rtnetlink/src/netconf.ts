// Forwarding settings of interfaces: struct netconfmsg and NETCONFA_* of <linux/netconf.h>, ip-netconf(8). They can only be
// read here: set them by the sysctls of net.ipv4.conf and net.ipv6.conf.
import { attribute, header } from './codec/field.ts';
import { message } from './codec/message.ts';
import type { Output } from './codec/schema.ts';
import { s32 } from './codec/type.ts';
import { family } from './names.ts';
import { verbs } from './request.ts';

/** Values of `index` that are no interface: the settings `all`, and the defaults of new interfaces. */
export const netconfIndex = { all: -1, default: -2 } as const;

/** struct netconfmsg and its attributes. */
export const netconfMessage = message({
  kind: 'netconf',
  types: { add: 80, delete: 81, get: 82 },
  // struct netconfmsg is one byte, and attributes start at a multiple of 4.
  headerSize: 4,
  fields: () => ({
    /** `inet`, `inet6` or `mpls`. */
    family: header(0, family),
    /** Index of the interface, or one of `netconfIndex`. */
    index: attribute(1, s32),
    /** 1 if packets for other hosts are forwarded. */
    forwarding: attribute(2, s32),
    /** Reverse path filter (RFC 3704): 0 off, 1 strict, 2 loose. IPv4. */
    rpFilter: attribute(3, s32),
    /** 1 if multicast packets are forwarded, which a multicast routing daemon switches on. */
    multicastForwarding: attribute(4, s32),
    /** 1 if the interface answers ARP requests or neighbour solicitations for other hosts. */
    proxyNeighbour: attribute(5, s32),
    /** 1 if routes through the interface are ignored while it has no carrier. */
    ignoreRoutesWithLinkdown: attribute(6, s32),
    /** MPLS: 1 if the interface accepts labelled packets. */
    input: attribute(7, s32),
    /** 1 if directed broadcasts are forwarded. IPv4. */
    broadcastForwarding: attribute(8, s32),
  }),
});

/** The settings of an interface, as the kernel reports them. */
export type Netconf = Output<typeof netconfMessage.fields>;

// The kernel filters a list by family only.
const plain = verbs(netconfMessage, ({ family }) => ({ family }));

/** Requests for the settings of interfaces (ip-netconf(8)). */
export const netconf: Pick<typeof plain, 'get' | 'list'> = { get: plain.get, list: plain.list };
