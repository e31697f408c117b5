// Constants of netlink(7) for the header of every message.

/** Bytes of struct nlmsghdr: length, type, flags, sequence number, port. */
export const headerSize = 16;

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
/** Types below this are control messages of netlink itself. */
export const NLMSG_MIN_TYPE = 16;

export const NLM_F_REQUEST = 0x1;
/** Part of a multipart answer, which NLMSG_DONE ends. */
export const NLM_F_MULTI = 0x2;
export const NLM_F_ACK = 0x4;
/** Objects changed while the kernel listed them, so some may be missing. */
export const NLM_F_DUMP_INTR = 0x10;
/** The kernel applied the filter of the list. */
export const NLM_F_DUMP_FILTERED = 0x20;
export const NLM_F_DUMP = 0x300;

export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;

/** In an error: the request is repeated without its payload. */
export const NLM_F_CAPPED = 0x100;
/** In an error: attributes of an extended acknowledgement follow. */
export const NLM_F_ACK_TLVS = 0x200;
