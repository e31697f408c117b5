// The numbers of netlink(7) that every message carries.

/** Bytes of struct nlmsghdr: length, type, flags, sequence number, port. */
export const headerSize = 16;

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
/** Types below this are netlink's own. */
export const NLMSG_MIN_TYPE = 16;

export const NLM_F_REQUEST = 0x1;
/** One of several messages, of which NLMSG_DONE is the last. */
export const NLM_F_MULTI = 0x2;
export const NLM_F_ACK = 0x4;
/** The dump changed underneath the kernel and may lack objects. */
export const NLM_F_DUMP_INTR = 0x10;
/** The kernel understood the dump's filter. */
export const NLM_F_DUMP_FILTERED = 0x20;
export const NLM_F_DUMP = 0x300;

export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;

/** In an error: the request is not echoed beyond its header. */
export const NLM_F_CAPPED = 0x100;
/** In an error: extended attributes follow. */
export const NLM_F_ACK_TLVS = 0x200;
