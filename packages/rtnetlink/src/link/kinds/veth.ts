// Pairs of connected links: VETH_INFO_* of <linux/veth.h>, veth(4).
import { attribute } from '../../codec/field.ts';
import { nest } from '../../codec/schema.ts';
import { baseLink } from '../base.ts';

/** A whole link in an attribute of another one. */
export const peerType = () => nest(baseLink);

export const veth = () => ({
  /**
   * The other end, with any field that a link can have at creation, such as its namespace. Its index can be given only
   * together with that of this end. It cannot be created up.
   */
  peer: attribute(1, peerType()),
});
