// Virtual functions of an SR-IOV device: IFLA_VFINFO_LIST of <linux/if_link.h>, `vf` of ip-link(8). Each attribute repeats
// which function it is about.
import { attribute } from '../codec/field.ts';
import { list } from '../codec/list.ts';
import { type Input, nest, schema } from '../codec/schema.ts';
import { formatLinkAddress, parseLinkAddress } from '../codec/text.ts';
import { be16, checkObject, named, type SizedType, struct, type Type, u32, u64 } from '../codec/type.ts';

/** A virtual function. */
export interface VirtualFunction {
  /** Which one, from 0. */
  readonly vf: number;
  /** Its hardware address. */
  readonly address?: string | undefined;
  /** The VLAN that it is in, 0 for none to 4095; priority; protocol, 0x8100 or 0x88a8. */
  readonly vlan?:
    | { readonly id: number; readonly qos?: number | undefined; readonly protocol?: number | undefined }
    | undefined;
  /** Megabits per second that it may send; 0 is without limit. The older one, which `rate` replaces. */
  readonly txRate?: number | undefined;
  /** Megabits per second that it may send at least and at most; 0 is without limit. */
  readonly rate?: { readonly min: number; readonly max: number } | undefined;
  /** Refuses what it sends with another's hardware address. */
  readonly spoofCheck?: boolean | undefined;
  readonly linkState?: 'auto' | 'enable' | 'disable' | undefined;
  /** It may ask for the configuration of receive-side scaling. */
  readonly rssQuery?: boolean | undefined;
  /** It may do what concerns others, such as to become promiscuous. */
  readonly trust?: boolean | undefined;
  /** InfiniBand: its node's and its port's identifier. */
  readonly nodeGuid?: bigint | undefined;
  readonly portGuid?: bigint | undefined;
  /** Counters. The kernel tells them. */
  readonly statistics?: Input<typeof statisticsSchema.fields> | undefined;
}

const statisticsSchema = schema(0, () => ({
  rxPackets: attribute(0, u64),
  txPackets: attribute(1, u64),
  rxBytes: attribute(2, u64),
  txBytes: attribute(3, u64),
  broadcast: attribute(4, u64),
  multicast: attribute(5, u64),
  rxDropped: attribute(7, u64),
  txDropped: attribute(8, u64),
}));

/** struct ifla_vf_mac: room for the longest address, of which Ethernet takes six bytes. */
const address: SizedType<{ readonly vf: number; readonly address: string }> = {
  size: 36,
  read: (memory, at, length) => ({
    vf: u32.read(memory, at, length),
    address: formatLinkAddress(memory.bytes, at + 4, Math.min(6, length - 4)),
  }),
  write(writer, value) {
    u32.write(writer, value.vf);
    const bytes = parseLinkAddress(value.address);
    if (bytes.length > 32) throw new RangeError(`an address has at most 32 bytes, not ${bytes.length}`);
    writer.append(bytes);
    writer.reserve(32 - bytes.length);
  },
};

const IFLA_VF_VLAN_INFO = 1;

const attributes = schema(0, () => {
  const setting = struct({ vf: u32, setting: u32 });
  const linkState = struct({ vf: u32, setting: named(u32, { auto: 0, enable: 1, disable: 2 }) });
  return {
    address: attribute(1, address),
    vlan: attribute(2, struct({ vf: u32, id: u32, qos: u32 })),
    txRate: attribute(3, setting),
    spoofCheck: attribute(4, setting),
    linkState: attribute(5, linkState),
    rate: attribute(6, struct({ vf: u32, min: u32, max: u32 })),
    rssQuery: attribute(7, setting),
    statistics: attribute(8, nest(statisticsSchema)),
    trust: attribute(9, setting),
    nodeGuid: attribute(10, struct({ vf: u32, pad: u32, guid: u64 })),
    portGuid: attribute(11, struct({ vf: u32, pad: u32, guid: u64 })),
    vlans: attribute(12, list(IFLA_VF_VLAN_INFO, struct({ vf: u32, id: u32, qos: u32, protocol: be16, pad: be16 }))),
  };
});

/** Said by drivers that have no such switch. */
const unsupported = 0xffff_ffff;

const virtualFunction: Type<VirtualFunction> = {
  schemaAt: () => attributes,
  read(memory, at, length) {
    const told = attributes.read(memory, at, at + length);
    const onOff = (name: 'spoofCheck' | 'rssQuery' | 'trust') => {
      const setting = told[name]?.setting;
      return setting === undefined || setting === unsupported ? undefined : setting !== 0;
    };
    const state = told.linkState?.setting;
    return compact({
      // Each tells it; the kernel tells this one of every function.
      vf: told.address?.vf ?? told.vlan?.vf ?? told.vlans?.[0]?.vf ?? told.rate?.vf ?? settingOf(told) ?? 0,
      address: told.address?.address,
      vlan: vlanOf(told.vlans?.[0] ?? told.vlan),
      txRate: told.txRate?.setting,
      rate: told.rate && { min: told.rate.min ?? 0, max: told.rate.max ?? 0 },
      spoofCheck: onOff('spoofCheck'),
      linkState: typeof state === 'string' ? state : undefined,
      rssQuery: onOff('rssQuery'),
      trust: onOff('trust'),
      nodeGuid: told.nodeGuid?.guid,
      portGuid: told.portGuid?.guid,
      statistics: told.statistics,
    });
  },
  write(writer, value) {
    checkObject(value);
    const { vf, vlan, txRate, rate, spoofCheck, linkState, rssQuery, trust, nodeGuid, portGuid } = value;
    const setting = (on: boolean | undefined) => (on === undefined ? undefined : { vf, setting: Number(on) });
    attributes.write(writer, {
      address: value.address === undefined ? undefined : { vf, address: value.address },
      vlan: vlan && vlan.protocol === undefined ? { vf, ...vlan } : undefined,
      vlans: vlan?.protocol === undefined ? undefined : [{ vf, ...vlan }],
      txRate: txRate === undefined ? undefined : { vf, setting: txRate },
      rate: rate && { vf, ...rate },
      spoofCheck: setting(spoofCheck),
      linkState: linkState && { vf, setting: linkState },
      rssQuery: setting(rssQuery),
      trust: setting(trust),
      nodeGuid: nodeGuid === undefined ? undefined : { vf, guid: nodeGuid },
      portGuid: portGuid === undefined ? undefined : { vf, guid: portGuid },
    });
  },
};

function settingOf(told: ReturnType<typeof attributes.read>): number | undefined {
  const settings = [
    told.txRate,
    told.spoofCheck,
    told.linkState,
    told.rssQuery,
    told.trust,
    told.nodeGuid,
    told.portGuid,
  ];
  return settings.find(setting => setting !== undefined)?.vf;
}

function vlanOf(
  told: { id?: number | undefined; qos?: number | undefined; protocol?: number | undefined } | undefined,
): VirtualFunction['vlan'] {
  return told && compact({ id: told.id ?? 0, qos: told.qos ?? 0, protocol: told.protocol });
}

/** The object without properties that are undefined. */
function compact<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

/** All virtual functions of a device. */
export const virtualFunctions: Type<readonly VirtualFunction[]> = list(1, virtualFunction);
