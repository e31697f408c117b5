// Virtual tunnel interfaces of IPsec: IFLA_VTI_* of <linux/if_tunnel.h>, of vti and vti6; IFLA_XFRM_* of <linux/if_link.h>.
import { attribute } from '../../codec/field.ts';
import { be32, flag, ip, u32 } from '../../codec/type.ts';

export const vti = () => ({
  /** The lower link. */
  link: attribute(1, u32),
  inputKey: attribute(2, be32),
  outputKey: attribute(3, be32),
  local: attribute(4, ip),
  remote: attribute(5, ip),
  fwmark: attribute(6, u32),
});

export const xfrm = () => ({
  /** The lower link. */
  link: attribute(1, u32),
  /** The number by which policies and states know it. */
  ifId: attribute(2, u32),
  /** Where packets go is told by each: `external` of ip-link(8). */
  collectMetadata: attribute(3, flag),
});
