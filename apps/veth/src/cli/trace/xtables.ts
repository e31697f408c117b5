// The extensions of xtables that kube-proxy uses for services, where iptables-nft keeps them in rules of nf_tables.
import { Address } from '@spider/ip';

/** A match or a target. */
export interface Extension {
  readonly name?: string;
  readonly revision?: number;
  readonly info?: Uint8Array;
}

const XT_TCP_INV_DSTPT = 2;
const XT_RECENT_SET = 2;

/** Whether a connection to the port matches; false too where that depends on more than is known of it. */
export function matches({ name, info = new Uint8Array() }: Extension, port: number): boolean {
  switch (name) {
    case 'comment':
    // One of the pods behind a service, by chance: here it is the first.
    case 'statistic':
      return true;
    case 'tcp': {
      // struct xt_tcp: two source ports, two destination ports, an option, two masks of flags, what is inverted.
      const [, , first = 0, last = 0] = new Uint16Array(info.slice(0, 8).buffer);
      return (first <= port && port <= last) !== ((info[11]! & XT_TCP_INV_DSTPT) !== 0);
    }
    case 'recent':
      // struct xt_recent_mtinfo. What it only remembers goes on; whom it remembers is not known.
      return (info[8]! & XT_RECENT_SET) !== 0;
    default:
      return false;
  }
}

/** What a target makes of a destination; undefined where it leaves it. */
export function destinationOf({ name, revision = 0, info }: Extension, family: 'inet' | 'inet6'): string | undefined {
  if (name !== 'DNAT' || !info) return undefined;
  // struct nf_nat_range2 begins with flags; before revision 1 the number of ranges stood before them.
  const at = revision === 0 ? 8 : 4;
  return Address.fromBytes(info.slice(at, at + (family === 'inet' ? 4 : 16))).toString();
}
