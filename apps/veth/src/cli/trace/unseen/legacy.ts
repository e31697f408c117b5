// Tables of iptables-legacy, which the modules ip_tables and ip6_tables keep: the options IPT_SO_* and IP6T_SO_* of
// <linux/netfilter_ipv4/ip_tables.h> and <linux/netfilter_ipv6/ip6_tables.h>. Their rules are not run here.
import { AF_INET, AF_INET6, close, getsockopt, SOCK_RAW } from '@spider/libc';
import type { NetNs } from '@spider/netns';
import type { Family } from '../../../family.ts';
import type { Hook } from '../rules/ruleset.ts';
import { readProcNet } from './proc-net.ts';

/** A table, and at which hooks it does anything: by a rule, or by a policy that drops. */
export interface LegacyTable {
  readonly name: string;
  readonly hooks: readonly Hook[];
}

/** NF_INET_*, in this order. */
const hooks: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/** Where the kernel keeps them. An entry begins with what it matches: struct ipt_ip, struct ip6t_ip6. */
const families = {
  inet: { names: 'ip_tables_names', domain: AF_INET, level: 0, matchSize: 84 },
  inet6: { names: 'ip6_tables_names', domain: AF_INET6, level: 41, matchSize: 136 },
} as const;

const IPPROTO_RAW = 255;
const [getInfo, getEntries] = [64, 65];
/** Of a table's name. */
const nameSize = 32;
/** NF_ACCEPT as a target has it. */
const accept = -2;

/**
 * The tables that do anything. One that was merely looked at is empty, and accepts.
 * @throws LinuxError
 */
export function legacyTables(namespace: NetNs, family: Family): LegacyTable[] {
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

/** struct ipt_getinfo: name, valid hooks, and of each hook where its chain begins and where its policy stands; entries, size. */
function busyHooks(fd: number, family: Family, name: string): Hook[] {
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
    // struct xt_standard_target: the header of all targets, and what becomes of the packet.
    return table.getInt32(target + 32, true) !== accept;
  });
}

function named(name: string, size: number): DataView {
  const bytes = new Uint8Array(new ArrayBuffer(size));
  new TextEncoder().encodeInto(name, bytes);
  return new DataView(bytes.buffer);
}
