// IFLA_AF_SPEC: settings of a link per address family: IFLA_INET_* and IFLA_INET6_* of <linux/if_link.h>.
import { walkAttributes } from '../codec/extent.ts';
import { asked, attribute, NLA_F_NESTED } from '../codec/field.ts';
import { nest, schema } from '../codec/schema.ts';
import { checkObject, ip, named, s32, struct, type Type, u8, u32 } from '../codec/type.ts';

/** The sysctls of a link in net.ipv4.conf, in the order of IPV4_DEVCONF_* of <linux/ip.h>, which starts at 1. */
const inetNames = [
  'forwarding',
  'mcForwarding',
  'proxyArp',
  'acceptRedirects',
  'secureRedirects',
  'sendRedirects',
  'sharedMedia',
  'rpFilter',
  'acceptSourceRoute',
  'bootpRelay',
  'logMartians',
  'tag',
  'arpFilter',
  'mediumId',
  'disableXfrm',
  'disablePolicy',
  'forceIgmpVersion',
  'arpAnnounce',
  'arpIgnore',
  'promoteSecondaries',
  'arpAccept',
  'arpNotify',
  'acceptLocal',
  'srcValidMark',
  'proxyArpPvlan',
  'routeLocalnet',
  'igmpv2UnsolicitedReportInterval',
  'igmpv3UnsolicitedReportInterval',
  'ignoreRoutesWithLinkdown',
  'dropUnicastInL2Multicast',
  'dropGratuitousArp',
  'bcForwarding',
  'arpEvictNocarrier',
] as const;

type InetConf = { readonly [Name in (typeof inetNames)[number]]?: number };

/**
 * Sysctls as a request names them. The kernel reports all of them with every link, in another form, which is not read
 * because it would cost too much.
 */
const inetConf: Type<InetConf> = {
  read(memory, at, length) {
    if (!(memory.view.getUint16(at - 2, true) & NLA_F_NESTED)) throw new RangeError('the kernel tells all');
    const conf: Record<string, number> = {};
    walkAttributes(memory, at, at + length, (id, start, size) => {
      const name = inetNames[id - 1];
      if (name) conf[name] = s32.read(memory, start, size);
    });
    return conf;
  },
  write(writer, conf) {
    checkObject(conf);
    for (const [name, value] of Object.entries(conf)) {
      const index = (inetNames as readonly string[]).indexOf(name);
      if (index < 0) throw new RangeError(`no sysctl ${name}; there are ${inetNames.join(', ')}`);
      writer.attribute(index + 1, s32, value);
    }
  },
};

const inetSchema = schema(0, () => ({
  /** Sets sysctls of net.ipv4.conf. */
  conf: asked(1 | NLA_F_NESTED, inetConf),
}));

const inet6Schema = schema(0, () => ({
  /** IF_RA_* and IF_READY: 0x20 managed, 0x40 other configuration, 0x80000000 ready. */
  flags: attribute(1, u32),
  /**
   * `maxReassembly` is in bytes, `updated` in hundredths of a second since boot, `reachableTime` and `retransTime` in
   * milliseconds.
   */
  cacheInfo: attribute(5, struct({ maxReassembly: u32, updated: u32, reachableTime: u32, retransTime: u32 })),
  /** The lower 64 bits of addresses that are formed from advertised prefixes; `::` for none. */
  token: attribute(7, ip),
  /** How the interface identifier of link-local addresses is generated. */
  addrGenMode: attribute(8, named(u8, { eui64: 0, none: 1, stablePrivacy: 2, random: 3 })),
  /** MTU that a router advertised, in bytes. */
  raMtu: attribute(9, u32),
}));

/** Settings of a link per address family. */
export const afSpecType = () =>
  nest(
    schema(0, () => ({
      /** Settings of IPv4. */
      inet: attribute(2, nest(inetSchema)),
      /** Settings of IPv6. */
      inet6: attribute(10, nest(inet6Schema)),
    })),
  );
