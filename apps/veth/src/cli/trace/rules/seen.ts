// What rules look at of a packet: a TCP segment that begins a connection, or the first reply to it.
import { Address } from '@spider/ip';
import { type Family, familyOf } from '../../../family.ts';
import { type Bytes, long, short, unknown } from './bytes.ts';

export interface Seen {
  readonly src: string | undefined;
  readonly dst: string;
  readonly sourcePort: number;
  readonly port: number;
  readonly mark: Bytes;
  /** Names of interfaces; undefined where the packet has none, or none yet. */
  readonly iif: string | undefined;
  readonly oif: string | undefined;
  /** The packet is the reply to one that came through. */
  readonly isReply: boolean;
  /** A rule gave it another destination. */
  readonly isTranslated: boolean;
}

const tcp = 6;
const nfproto = { inet: 2, inet6: 10 } as const;
const etherType = { inet: 0x0800, inet6: 0x86dd } as const;
/** NF_CT_STATE_BIT of nft(8): established 2, new 8. */
const state = { reply: 2, new: 8 } as const;

/** By what meta of nf_tables calls it; undefined for what is not known here. */
export function metaOf(seen: Seen, key: unknown): Bytes | undefined {
  const family = familyOf(seen.dst);
  switch (key) {
    case 'l4proto':
      return [tcp];
    case 'nfproto':
      return [nfproto[family]];
    case 'protocol':
      return short(etherType[family]);
    case 'mark':
      return seen.mark;
    case 'iifname':
      return nameBytes(seen.iif);
    case 'oifname':
      return nameBytes(seen.oif);
    default:
      return undefined;
  }
}

/** By what ct of nf_tables calls it. */
export function connectionOf({ isReply }: Seen, key: unknown): Bytes | undefined {
  if (key === 'state') return long(isReply ? state.reply : state.new);
  if (key === 'direction') return [isReply ? 1 : 0];
  return undefined;
}

/** Bytes of the packet itself. */
export function payloadOf(seen: Seen, base: unknown, offset: number, length: number): Bytes {
  const all = base === 'network' ? networkHeader(seen) : base === 'transport' ? ports(seen) : [];
  return [...all.slice(offset, offset + length), ...unknown(length)].slice(0, length);
}

function networkHeader({ src, dst }: Seen): Bytes {
  const family: Family = familyOf(dst);
  return family === 'inet'
    ? [0x45, ...unknown(8), tcp, ...unknown(2), ...addressBytes(src, 4), ...addressBytes(dst, 4)]
    : [...unknown(6), tcp, undefined, ...addressBytes(src, 16), ...addressBytes(dst, 16)];
}

function ports({ sourcePort, port }: Seen): Bytes {
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
