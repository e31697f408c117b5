// The numbers (nsid) that one network namespace has for others: NETNSA_* of <linux/net_namespace.h>, ip-netns(8).
import { asked, attribute, header } from './codec/field.ts';
import { message } from './codec/message.ts';
import type { Output } from './codec/schema.ts';
import { s32, u8, u32 } from './codec/type.ts';
import { verbs } from './request.ts';

/** struct rtgenmsg and its attributes. */
export const nsidMessage = message({
  kind: 'nsid',
  types: { add: 88, delete: 89, get: 90 },
  // struct rtgenmsg is one byte, and attributes start at a multiple of 4.
  headerSize: 4,
  fields: () => ({
    /** Address family; always 0. */
    family: header(0, u8),
    /** The number; -1 if the namespace has no number here. */
    nsid: attribute(1, s32),
    /** A process in the namespace. */
    pid: attribute(2, u32),
    /** A file descriptor of the namespace. */
    fd: attribute(3, u32),
    /** Executes the request in the namespace with this number. */
    targetNsid: asked(4, s32),
    /** In an answer for another namespace: the number in the socket's own namespace. */
    currentNsid: attribute(5, s32),
  }),
});

/** The number of a network namespace. */
export type Nsid = Output<typeof nsidMessage.fields>;

// The kernel takes no other field in the request for a list.
const plain = verbs(nsidMessage, ({ targetNsid }) => ({ targetNsid }));

/** Requests about the numbers of network namespaces (ip-netns(8)). */
export const nsid: Pick<typeof plain, 'add' | 'get' | 'list'> = { add: plain.add, get: plain.get, list: plain.list };
