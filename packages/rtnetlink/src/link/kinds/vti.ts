// Virtual tunnel interfaces of IPsec: IFLA_VTI_* of <linux/if_tunnel.h>, for vti and vti6, and IFLA_XFRM_* of
// <linux/if_link.h>, for xfrm; ip-link(8).
import { attribute } from '../../codec/field.ts';
import { be32, flag, ip, u32 } from '../../codec/type.ts';

export const vti = () => ({
  /** Index of the lower link. */
  link: attribute(1, u32),
  /** Mark of received packets, by which IPsec policies select them. */
  inputKey: attribute(2, be32),
  /** Mark of sent packets, by which IPsec policies select them. */
  outputKey: attribute(3, be32),
  /** Address of this end. */
  local: attribute(4, ip),
  /** Address of the other end. */
  remote: attribute(5, ip),
  /** Mark of outer packets, for their routing. */
  fwmark: attribute(6, u32),
});

export const xfrm = () => ({
  /** Index of the lower link. */
  link: attribute(1, u32),
  /** Identifier in the IPsec policies and states that belong to the link. */
  ifId: attribute(2, u32),
  /** Each packet carries its own parameters: `external` of ip-link(8). */
  collectMetadata: attribute(3, flag),
});
