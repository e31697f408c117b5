// What rules can match of a packet: a TCP segment that begins a connection, or the first reply to it.
import { Address } from '@spider/ip';
import { familyOf, type IPFamily, type Link } from '@spider/rtnetlink';
import { type Bytes, long, short, unknown } from './bytes.ts';

type Interface = Pick<Link, 'name' | 'index'>;

export interface PacketInfo {
  readonly src: string | undefined;
  readonly dst: string;
  readonly sourcePort: number;
  readonly port: number;
  readonly mark: Bytes;
  /** The mark of its connection. */
  readonly connectionMark: Bytes;
  /** Interfaces; undefined if the packet has none, or none yet. */
  readonly iif: Interface | undefined;
  readonly oif: Interface | undefined;
  /** Conntrack has seen it. Rules that come before do not know its connection. */
  readonly isTracked: boolean;
  /** The packet is a reply. */
  readonly isReply: boolean;
  /** Chains of type nat see it: the first packet of a connection, until it passed them once for its source or destination. */
  readonly mayBeTranslated: boolean;
  /** A rule has translated its destination. */
  readonly isTranslated: boolean;
}

/** The mark of a packet, and that of its connection. */
export type Marks = Pick<PacketInfo, 'mark' | 'connectionMark'>;

const tcp = 6;
const nfproto = { inet: 2, inet6: 10 } as const;
const etherType = { inet: 0x0800, inet6: 0x86dd } as const;
/** NF_CT_STATE_BIT of nft(8), and XT_CONNTRACK_STATE_BIT. */
const states = { invalid: 1, established: 2, new: 8 } as const;

/** The value that the expression `meta` of nf_tables loads; undefined if it is not known. */
export function metaOf(packet: PacketInfo, key: unknown): Bytes | undefined {
  const family = familyOf(packet.dst);
  switch (key) {
    case 'l4proto':
      return [tcp];
    case 'nfproto':
      return [nfproto[family]];
    case 'protocol':
      return short(etherType[family]);
    case 'mark':
      return packet.mark;
    case 'iif':
      return packet.iif && long(packet.iif.index);
    case 'oif':
      return packet.oif && long(packet.oif.index);
    case 'iifname':
      return nameBytes(packet.iif?.name);
    case 'oifname':
      return nameBytes(packet.oif?.name);
    default:
      return undefined;
  }
}

/** The state of its connection. */
export function stateOf({ isTracked, isReply }: PacketInfo): number {
  return isTracked ? (isReply ? states.established : states.new) : states.invalid;
}

/** The value that the expression `ct` of nf_tables loads; undefined if it is not known. */
export function connectionOf(packet: PacketInfo, key: unknown): Bytes | undefined {
  const { isReply, connectionMark } = packet;
  if (key === 'mark') return connectionMark;
  if (key === 'state') return long(stateOf(packet));
  if (key === 'direction') return [isReply ? 1 : 0];
  return undefined;
}

/** Bytes of the packet, as the expression `payload` of nf_tables loads them. */
export function payloadOf(packet: PacketInfo, base: unknown, offset: number, length: number): Bytes {
  const all = base === 'network' ? networkHeader(packet) : base === 'transport' ? ports(packet) : [];
  return [...all.slice(offset, offset + length), ...unknown(length)].slice(0, length);
}

function networkHeader({ src, dst }: PacketInfo): Bytes {
  const family: IPFamily = familyOf(dst);
  return family === 'inet'
    ? [0x45, ...unknown(8), tcp, ...unknown(2), ...addressBytes(src, 4), ...addressBytes(dst, 4)]
    : [...unknown(6), tcp, undefined, ...addressBytes(src, 16), ...addressBytes(dst, 16)];
}

function ports({ sourcePort, port }: PacketInfo): Bytes {
  return [...short(sourcePort), ...short(port)];
}

function addressBytes(address: string | undefined, length: number): Bytes {
  return address === undefined ? unknown(length) : [...Address.parse(address).toBytes()];
}

function nameBytes(name: string | undefined): Bytes {
  if (name === undefined) return unknown(16);
  const bytes = new Uint8Array(16);
  new TextEncoder().encodeInto(name, bytes);
  return [...bytes];
}
