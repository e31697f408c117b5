// A pair of links, each the other's end: VETH_INFO_* of <linux/veth.h>, veth(4).
import { attribute } from '../../codec/field.ts';
import { nest } from '../../codec/schema.ts';
import { baseLink } from '../base.ts';

/** A whole link in an attribute of another. */
export const peerType = () => nest(baseLink);

export const veth = () => ({
  /**
   * The other end, with all that a link can be given at creation: its namespace, and its index where this end's is given
   * too. It cannot be created up.
   */
  peer: attribute(1, peerType()),
});
