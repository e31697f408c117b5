// The xtables extensions that iptables-nft puts into rules of nf_tables: <linux/netfilter/xt_*.h>.
import { Address } from '@spider/ip';
import { familyOf, type IPFamily } from '@spider/rtnetlink';
import { type Bytes, equal, long, masked, not, type Truth, unknown, xor } from './bytes.ts';
import { type Effect, redirection } from './effect.ts';
import { type Marks, type PacketInfo, stateOf } from './packet-info.ts';

/** A match or a target. */
export interface Extension {
  readonly name?: string;
  readonly revision?: number;
  readonly info?: Uint8Array;
}

const XT_TCP_INV_SRCPT = 1;
const XT_TCP_INV_DSTPT = 2;
const XT_RECENT_SET = 2;
const XT_CONNTRACK_STATE = 1;
const XT_ADDRTYPE_LOCAL = 4;
const [XT_CONNMARK_SET, XT_CONNMARK_SAVE] = [0, 1];

type Matcher = (info: DataView, packet: PacketInfo, revision: number, isLocal: (address: string) => boolean) => Truth;

/** Numbers are in host order, which is little-endian on all machines that Bun runs on. */
const matchers: Readonly<Record<string, Matcher>> = {
  comment: () => true,
  // A random choice among the pods behind a service. The trace takes the first.
  statistic: () => true,
  // struct xt_tcp: ranges of source and destination ports, an option, two masks of flags, what is inverted.
  tcp(info, { sourcePort, port }) {
    const inverted = info.getUint8(11);
    const from = inRange(sourcePort, info.getUint16(0, true), info.getUint16(2, true), inverted & XT_TCP_INV_SRCPT);
    const to = inRange(port, info.getUint16(4, true), info.getUint16(6, true), inverted & XT_TCP_INV_DSTPT);
    const looksAtFlags = info.getUint8(8) !== 0 || info.getUint8(9) !== 0;
    return from && to && (looksAtFlags ? undefined : true);
  },
  udp: () => false,
  icmp: () => false,
  icmp6: () => false,
  sctp: () => false,
  // struct xt_multiport_v1: which ports, their number, the ports, which of them begin a range, whether inverted.
  multiport(info, { sourcePort, port }, revision) {
    const [which, count] = [info.getUint8(0), info.getUint8(1)];
    const wanted = which === 0 ? [sourcePort] : which === 1 ? [port] : [sourcePort, port];
    let isHit = false;
    for (let i = 0; i < count; i++) {
      const first = info.getUint16(2 + 2 * i, true);
      const isRange = revision > 0 && info.getUint8(32 + i) !== 0;
      const last = isRange ? info.getUint16(2 + 2 * ++i, true) : first;
      isHit ||= wanted.some(port => inRange(port, first, last, 0));
    }
    return isHit !== (revision > 0 && info.getUint8(47) !== 0);
  },
  mark: (info, { mark }) => isMarked(info, mark),
  connmark: (info, { connectionMark, isTracked }) => isTracked && isMarked(info, connectionMark),
  // struct xt_state_info.
  state: (info, packet) => (info.getUint32(0, true) & stateOf(packet)) !== 0,
  // struct xt_conntrack_mtinfo2 and 3: addresses and ports, then what of it counts, what is inverted, the states.
  conntrack(info, packet, revision) {
    if (revision < 2 || info.getUint16(146, true) !== XT_CONNTRACK_STATE) return undefined;
    const inverted = (info.getUint16(148, true) & XT_CONNTRACK_STATE) !== 0;
    const states = info.getUint16(150, true);
    const hit = (states & stateOf(packet)) !== 0 || ((states & 128) !== 0 && packet.isTranslated);
    // Whether the connection of a reply was translated is not known here.
    if (!hit && (states & (64 | 128)) !== 0 && packet.isReply) return undefined;
    return hit !== inverted;
  },
  // struct xt_recent_mtinfo. Adding to the list always matches. For look-ups the list is taken to be empty.
  recent: info => (info.getUint8(8) & XT_RECENT_SET) !== 0,
  // struct xt_addrtype_info_v1: types of source and destination, flags.
  addrtype(info, { dst }, revision, isLocal) {
    const [source, destination, flags] = [0, 2].map(at => info.getUint16(at, true)).concat(info.getUint32(4, true));
    if (revision !== 1 || source !== 0 || destination !== XT_ADDRTYPE_LOCAL || (flags! & ~2) !== 0) return undefined;
    return isLocal(dst) !== ((flags! & 2) !== 0);
  },
};

/** Undefined if it depends on something that is not known of the packet. */
export function matches(
  { name = '', revision = 0, info = new Uint8Array() }: Extension,
  packet: PacketInfo,
  isLocal: (address: string) => boolean,
): Truth {
  const matcher = Object.hasOwn(matchers, name) ? matchers[name] : undefined;
  return matcher?.(viewOf(info), packet, revision, isLocal);
}

/** struct xt_mark_mtinfo1 and xt_connmark_mtinfo1: value, mask, whether inverted. */
function isMarked(info: DataView, mark: Bytes): Truth {
  const mask = long(info.getUint32(4, true));
  const equals = equal(masked(mark, mask, []), long(info.getUint32(0, true)));
  return info.getUint8(8) !== 0 ? not(equals) : equals;
}

function inRange(port: number, first: number, last: number, inverted: number): boolean {
  return (first <= port && port <= last) !== (inverted !== 0);
}

/** The effect of a target; undefined if it leaves the packet as it is. */
export function effectOf(
  { name, revision = 0, info = new Uint8Array() }: Extension,
  packet: PacketInfo,
): Effect | undefined {
  const family = familyOf(packet.dst);
  switch (name) {
    case 'DNAT':
      return { kind: 'destination', ...rangeIn(info, revision, family) };
    case 'SNAT':
      return { kind: 'source', to: rangeIn(info, revision, family).to };
    case 'REDIRECT':
      // struct nf_nat_ipv4_multi_range_compat, or nf_nat_range2.
      return redirection(packet, viewOf(info).getUint16(family === 'inet' ? 16 : 36) || undefined);
    case 'MASQUERADE':
      return { kind: 'source', to: undefined };
    case 'REJECT':
      return { kind: 'verdict', code: 'reject', chain: undefined };
    default:
      return undefined;
  }
}

/** The marks after a target. */
export function markedBy({ name, revision = 0, info = new Uint8Array() }: Extension, packet: PacketInfo): Marks {
  const view = viewOf(info);
  const [first, second, third] = [0, 4, 8].map(at => long(view.getUint32(at, true))) as [Bytes, Bytes, Bytes];
  const cleared = (mark: Bytes, mask: Bytes) => masked(mark, xor(mask, long(0xffff_ffff)), []);
  const { mark, connectionMark, isTracked } = packet;
  const marks = { mark, connectionMark };
  // struct xt_mark_tginfo2: value, mask.
  if (name === 'MARK') return { ...marks, mark: xor(cleared(mark, second), first) };
  if (name !== 'CONNMARK' || !isTracked) return marks;
  // struct xt_connmark_tginfo1 and 2: value, mask of the connection's mark, that of the packet's, and how the second one
  // shifts. The mode comes last.
  const mode = view.getUint8(revision < 2 ? 12 : 14);
  if (mode === XT_CONNMARK_SET) return { ...marks, connectionMark: xor(cleared(connectionMark, second), first) };
  const isShifted = revision > 1 && view.getUint8(13) !== 0;
  const copied = (from: Bytes, mask: Bytes) => (isShifted ? unknown(4) : masked(from, mask, []));
  return mode === XT_CONNMARK_SAVE
    ? { ...marks, connectionMark: xor(cleared(connectionMark, second), copied(mark, third)) }
    : { ...marks, mark: xor(cleared(mark, third), copied(connectionMark, second)) };
}

/** struct nf_nat_range2 begins with flags. In revision 0 the number of ranges comes before them. */
function rangeIn(info: Uint8Array, revision: number, family: IPFamily): { to: string; port: number | undefined } {
  const at = revision === 0 ? 8 : 4;
  const to = Address.fromBytes(info.slice(at, at + (family === 'inet' ? 4 : 16))).toString();
  // After the first and the last address, of 16 bytes each, or 4 in revision 0.
  const port = viewOf(info).getUint16(revision === 0 ? 16 : 36);
  return { to, port: port || undefined };
}

function viewOf(info: Uint8Array): DataView {
  // Fields beyond the end of a shorter revision read as 0.
  const bytes = new Uint8Array(Math.max(info.length, 160));
  bytes.set(info);
  return new DataView(bytes.buffer);
}
