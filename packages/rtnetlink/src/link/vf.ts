// Virtual functions of an SR-IOV device: IFLA_VFINFO_LIST of <linux/if_link.h>, `vf` of ip-link(8). Each attribute contains
// the number of its function.
import { attribute } from '../codec/field.ts';
import { list } from '../codec/list.ts';
import { type Input, nest, schema } from '../codec/schema.ts';
import { formatLinkAddress, parseLinkAddress } from '../codec/text.ts';
import { be16, checkObject, named, type SizedType, struct, type Type, u32, u64 } from '../codec/type.ts';

/** A virtual function of an SR-IOV device. */
export interface VirtualFunction {
  /** Number of the function, from 0. */
  readonly vf: number;
  /** Its hardware address. */
  readonly address?: string | undefined;
  /** Its VLAN: `id` 0 for none, to 4095; `qos` the priority, 0 to 7; `protocol` 0x8100 or 0x88a8. */
  readonly vlan?:
    | { readonly id: number; readonly qos?: number | undefined; readonly protocol?: number | undefined }
    | undefined;
  /** Maximum transmit rate in megabits per second; 0 is no limit. The older form of `rate`. */
  readonly txRate?: number | undefined;
  /** Minimum and maximum transmit rate in megabits per second; 0 is no limit. */
  readonly rate?: { readonly min: number; readonly max: number } | undefined;
  /** Drops packets that it sends from another hardware address. */
  readonly spoofCheck?: boolean | undefined;
  /** State of its link: that of the device (`auto`), always up, or always down. */
  readonly linkState?: 'auto' | 'enable' | 'disable' | undefined;
  /** It may read the configuration of receive-side scaling. */
  readonly rssQuery?: boolean | undefined;
  /** It may change settings that affect others, such as promiscuous mode. */
  readonly trust?: boolean | undefined;
  /** InfiniBand: its node GUID. */
  readonly nodeGuid?: bigint | undefined;
  /** InfiniBand: its port GUID. */
  readonly portGuid?: bigint | undefined;
  /** Counters. Set by the kernel. */
  readonly statistics?: Input<typeof statisticsSchema.fields> | undefined;
}

const statisticsSchema = schema(0, () => ({
  /** Packets received. */
  rxPackets: attribute(0, u64),
  /** Packets sent. */
  txPackets: attribute(1, u64),
  /** Bytes received. */
  rxBytes: attribute(2, u64),
  /** Bytes sent. */
  txBytes: attribute(3, u64),
  /** Broadcast packets received. */
  broadcast: attribute(4, u64),
  /** Multicast packets received. */
  multicast: attribute(5, u64),
  /** Packets dropped on receipt. */
  rxDropped: attribute(7, u64),
  /** Packets dropped before they were sent. */
  txDropped: attribute(8, u64),
}));

/** struct ifla_vf_mac has 32 bytes for an address, of which Ethernet uses six. */
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

/** The value that drivers report for a switch that they do not have. */
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
      // Every attribute contains the number. The kernel reports the address of every function.
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

/** The object without undefined properties. */
function compact<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

/** All virtual functions of a device. */
export const virtualFunctions: Type<readonly VirtualFunction[]> = list(1, virtualFunction);
