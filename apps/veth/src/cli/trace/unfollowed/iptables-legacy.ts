// The tables of iptables-legacy, in the modules ip_tables and ip6_tables: the socket options IPT_SO_* and IP6T_SO_* of
// <linux/netfilter_ipv4/ip_tables.h> and <linux/netfilter_ipv6/ip6_tables.h>. Their rules are not evaluated.
import { AF_INET, AF_INET6, close, getsockopt, SOCK_RAW } from '@spider/libc';
import type { NetNs } from '@spider/netns';
import type { IPFamily } from '@spider/rtnetlink';
import type { Hook } from '../rules/chain.ts';
import { readProcNet } from './proc-net.ts';

/** A table, and the hooks at which it has a rule, or a policy that drops. */
export interface LegacyTable {
  readonly name: string;
  readonly hooks: readonly Hook[];
}

/** NF_INET_*, in this order. */
const hooks: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/** How to read the tables of a family. `matchSize`: of struct ipt_ip or struct ip6t_ip6, with which an entry begins. */
const families = {
  inet: { names: 'ip_tables_names', domain: AF_INET, level: 0, matchSize: 84 },
  inet6: { names: 'ip6_tables_names', domain: AF_INET6, level: 41, matchSize: 136 },
} as const;

const IPPROTO_RAW = 255;
const [getInfo, getEntries] = [64, 65];
/** Bytes of a table's name. */
const nameSize = 32;
/** The verdict of a standard target that stands for NF_ACCEPT. */
const accept = -2;

/**
 * The tables, with the hooks at which each does anything. Listing a table creates it, empty and with the policy accept.
 * @throws LinuxError
 */
export function legacyTables(namespace: NetNs, family: IPFamily): LegacyTable[] {
  const { names, domain } = families[family];
  const known = readProcNet(namespace, names).split('\n').filter(Boolean);
  if (known.length === 0) return [];
  const fd = namespace.socket(domain, SOCK_RAW, IPPROTO_RAW);
  try {
    return known.map(name => ({ name, hooks: busyHooks(fd, family, name) }));
  } finally {
    close(fd);
  }
}

/**
 * struct ipt_getinfo: name, valid hooks, for each hook the offsets of its chain and of its policy, number of entries, size.
 */
function busyHooks(fd: number, family: IPFamily, name: string): Hook[] {
  const { level, matchSize } = families[family];
  const info = named(name, nameSize + 52);
  getsockopt(fd, level, getInfo, new Uint8Array(info.buffer));
  const u32 = (at: number) => info.getUint32(nameSize + at, true);
  const [valid, size] = [u32(0), u32(48)];
  // struct ipt_get_entries: name, size, and the entries, aligned.
  const table = named(name, nameSize + 8 + size);
  table.setUint32(nameSize, size, true);
  getsockopt(fd, level, getEntries, new Uint8Array(table.buffer));
  return hooks.filter((_, i) => {
    if ((valid & (1 << i)) === 0) return false;
    const [begin, policy] = [u32(4 + 4 * i), u32(24 + 4 * i)];
    if (begin !== policy) return true;
    const entry = nameSize + 8 + policy;
    const target = entry + table.getUint16(entry + matchSize + 4, true);
    // struct xt_standard_target: the header of all targets, then the verdict.
    return table.getInt32(target + 32, true) !== accept;
  });
}

function named(name: string, size: number): DataView {
  const bytes = new Uint8Array(new ArrayBuffer(size));
  new TextEncoder().encodeInto(name, bytes);
  return new DataView(bytes.buffer);
}
