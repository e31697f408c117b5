// Whether an ADD could be served on this node now.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { NetNs } from '@spider/netns';
import { link, NetlinkError, Rtnetlink } from '@spider/rtnetlink';
import type { Config } from './config/config.ts';
import { settingOf } from './setting.ts';

/**
 * @throws CNIError code 50 where nothing can be made: no permission, or a kernel without what it takes; 51 where the node
 *   forwards nothing, so that the pods that are there suffer too (SPEC section 2, STATUS).
 */
export async function status({ cidrs, replyMark }: Pick<Config, 'cidrs' | 'replyMark'>): Promise<void> {
  try {
    refusePair();
    if (replyMark !== undefined) await listTables();
  } catch (error) {
    throw new CNIError(ErrorCode.PluginNotAvailable, (error as Error).message, { cause: error });
  }
  const switches = { 4: 'net/ipv4/conf/all/forwarding', 6: 'net/ipv6/conf/all/forwarding' } as const;
  using namespace = NetNs.current();
  for (const family of new Set(cidrs.map(cidr => cidr.family))) {
    const key = switches[family];
    // A kernel without IPv6 has no such setting, and its pods no such addresses.
    if ((settingOf(namespace, key) ?? '1') !== '1')
      throw new CNIError(ErrorCode.LimitedConnectivity, `sysctl ${key} is 0: the node forwards nothing for its pods`);
  }
}

/** Asks for a pair as no kernel makes it: one that could make pairs refuses nothing but the address. */
function refusePair(): void {
  const multicast = '01:00:00:00:00:00';
  using node = Rtnetlink.open();
  const [{ error }] = node.settle([link.add({ name: 'veth-status', address: multicast, info: { kind: 'veth' } })]);
  if (error instanceof NetlinkError && error.code === 'EADDRNOTAVAIL') return;
  throw new Error(error ? `links of kind veth: ${error.message}` : 'links of kind veth: any address is taken');
}

async function listTables(): Promise<void> {
  const { Netfilter, table } = await import('@spider/netfilter');
  try {
    using netfilter = Netfilter.open();
    netfilter.execute(table.list());
  } catch (error) {
    throw new Error(`nf_tables, for reply_path: ${(error as Error).message}`, { cause: error });
  }
}
