// Whether an ADD could be served on this node now.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { link, Rtnetlink } from '@spider/rtnetlink';
import type { Config } from './config/config.ts';
import { readSysctl } from './sysctl.ts';

/** @throws CNIError code 50 where the node cannot carry the pods' traffic, or its routing socket cannot be used. */
export function status({ cidrs }: Pick<Config, 'cidrs'>): void {
  try {
    using node = Rtnetlink.open();
    node.execute(link.get({ name: 'lo' }));
  } catch (error) {
    throw new CNIError(ErrorCode.PluginNotAvailable, `routing socket: ${(error as Error).message}`, { cause: error });
  }
  const switches = { 4: 'ipv4/conf/all/forwarding', 6: 'ipv6/conf/all/forwarding' } as const;
  for (const family of new Set(cidrs.map(cidr => cidr.family))) {
    const path = switches[family];
    if (readSysctl(path) !== '1')
      throw new CNIError(
        ErrorCode.PluginNotAvailable,
        `sysctl net/${path} is 0: the node forwards nothing for its pods`,
      );
  }
}
