// Properties of each kind of link, ip-link(8): IFLA_INFO_DATA by IFLA_INFO_KIND, and for ports, IFLA_INFO_SLAVE_DATA by
// IFLA_INFO_SLAVE_KIND.
import { bareudp } from './kinds/bareudp.ts';
import { bond, bondPort } from './kinds/bond.ts';
import { bridge, bridgePort } from './kinds/bridge.ts';
import { geneve } from './kinds/geneve.ts';
import { gre } from './kinds/gre.ts';
import { gtp } from './kinds/gtp.ts';
import { hsr } from './kinds/hsr.ts';
import { ipoib } from './kinds/ipoib.ts';
import { ipvlan } from './kinds/ipvlan.ts';
import { macsec } from './kinds/macsec.ts';
import { macvlan } from './kinds/macvlan.ts';
import { netkit } from './kinds/netkit.ts';
import { rmnet } from './kinds/rmnet.ts';
import { tun } from './kinds/tun.ts';
import { ip6tnl, ipip, sit } from './kinds/tunnel.ts';
import { veth } from './kinds/veth.ts';
import { vlan } from './kinds/vlan.ts';
import { vrf, vrfPort } from './kinds/vrf.ts';
import { vti, xfrm } from './kinds/vti.ts';
import { vxlan } from './kinds/vxlan.ts';

/**
 * The fields of each kind, made when a link of that kind is first read or written. For other kinds the data are bytes.
 */
export const kinds = {
  bareudp,
  bond,
  bridge,
  erspan: gre,
  geneve,
  gre,
  gretap: gre,
  gtp,
  hsr,
  ip6erspan: gre,
  ip6gre: gre,
  ip6gretap: gre,
  ip6tnl,
  ipip,
  ipoib,
  ipvlan,
  ipvtap: ipvlan,
  macsec,
  macvlan,
  macvtap: macvlan,
  netkit,
  rmnet,
  sit,
  tun,
  veth,
  vlan,
  vrf,
  vti,
  vti6: vti,
  vxcan: veth,
  vxlan,
  xfrm,
} as const;

/** The fields that a port has, by the kind of link that it is a port of. */
export const ports = { bond: bondPort, bridge: bridgePort, vrf: vrfPort } as const;
