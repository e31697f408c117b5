// Whether an ADD could be served on this node now.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { NetNs } from '@spider/netns';
import { link, Rtnetlink } from '@spider/rtnetlink';
import type { Config } from './config/config.ts';

/** @throws CNIError code 50 where the node cannot carry the pods' traffic, or its routing socket cannot be used. */
export function status({ cidrs }: Pick<Config, 'cidrs'>): void {
  try {
    using node = Rtnetlink.open();
    node.execute(link.get({ name: 'lo' }));
  } catch (error) {
    throw new CNIError(ErrorCode.PluginNotAvailable, `routing socket: ${(error as Error).message}`, { cause: error });
  }
  const switches = { 4: 'net/ipv4/conf/all/forwarding', 6: 'net/ipv6/conf/all/forwarding' } as const;
  using namespace = NetNs.current();
  for (const family of new Set(cidrs.map(cidr => cidr.family))) {
    const key = switches[family];
    if (namespace.readSysctl(key) !== '1')
      throw new CNIError(ErrorCode.PluginNotAvailable, `sysctl ${key} is 0: the node forwards nothing for its pods`);
  }
}
