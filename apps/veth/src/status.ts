// STATUS: whether an ADD could succeed on this node now. The kernel is probed by requests that it must refuse in any case,
// and in a temporary network namespace, so the node stays as it is.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { NetNs, NetNsError } from '@spider/netns';
import { altName, link, NetlinkError, type Outcome, Rtnetlink, rule } from '@spider/rtnetlink';
import type { Config } from './config/config.ts';
import { podEnd } from './datapath.ts';
import type { Nftables } from './nftables.ts';
import { readSysctl } from './sysctl.ts';

/** Opens the sockets to the kernel. Tests replace it. */
export interface Kernel {
  openRtnetlink(namespace: NetNs): Rtnetlink;
  openNftables(namespace: NetNs): Promise<Nftables>;
}

const ownKernel: Kernel = {
  openRtnetlink: namespace => Rtnetlink.openIn(namespace),
  openNftables: async namespace => (await import('./nftables.ts')).Nftables.openIn(namespace),
};

/**
 * @throws CNIError whose details say what to do (SPEC section 2, STATUS). Code 50: no ADD can succeed, for lack of a
 *   permission or of a part of the kernel. Code 51: the node does not forward, so existing pods are affected too.
 */
export async function status({ cidrs, replyMark }: Pick<Config, 'cidrs' | 'replyMark'>, kernel = ownKernel) {
  using namespace = NetNs.current();
  requireRoutes(kernel, namespace);
  if (replyMark !== undefined) await requireNftables(kernel, replyMark);
  // A kernel without IPv6 does not have the sysctl, and needs no forwarding of it.
  for (const { family, key } of switches)
    if (cidrs.some(cidr => cidr.family === family) && (readSysctl(namespace, key) ?? '1') !== '1')
      throw new CNIError(ErrorCode.LimitedConnectivity, `sysctl ${key} is 0: the node forwards nothing for its pods`, {
        details: `sysctl --write ${key}=1, and the same in a file of /etc/sysctl.d, so that it stays`,
      });
}

const switches = [
  { family: 4, key: 'net/ipv4/conf/all/forwarding' },
  { family: 6, key: 'net/ipv6/conf/all/forwarding' },
] as const;

const newer = 'Linux 5.5 or newer is needed';

/** Checks what `veth` needs of rtnetlink(7). */
function requireRoutes(kernel: Kernel, namespace: NetNs): void {
  // Opened by entering the namespace, as for a pod: that needs a permission of its own, even for the current namespace.
  using node = attempt('rtnetlink', newer, () => kernel.openRtnetlink(namespace));
  const [multicastAddress, unusedIndex] = ['01:00:00:00:00:00', 0x7fff_ffff];
  const [pair, name, rules] = node.settle([
    link.add({ name: 'veth-status', address: multicastAddress, info: { kind: 'veth' } }),
    altName.add({ index: unusedIndex, altNames: ['veth-status'] }),
    rule.list(),
  ]);
  attempt('links of kind veth', 'load the kernel module veth', () => expectRefusal(pair, 'EADDRNOTAVAIL'));
  attempt('further names of links', newer, () => expectRefusal(name, 'ENODEV'));
  attempt('rules', newer, () => {
    if (rules.error) throw rules.error;
    // DEL and CHECK recognise our rules by it.
    if (rules.value.some(({ protocol }) => protocol === undefined))
      throw new Error('the kernel keeps no protocol of them');
  });
}

/** For a request that cannot succeed: a kernel that supports it refuses it with this errno. */
function expectRefusal({ error }: Outcome<void>, code: string): void {
  if (!error) throw new Error('anything is taken');
  if (!(error instanceof NetlinkError) || error.code !== code) throw error;
}

async function requireNftables(kernel: Kernel, mark: number): Promise<void> {
  const remedy = 'load the kernel modules nf_tables and nft_ct, or leave out reply_path';
  const namespace = attempt('nf_tables, for reply_path', remedy, () => NetNs.create());
  try {
    using nftables = await kernel.openNftables(namespace);
    nftables.ensure({ kind: 'ruleset', place: 'pod', dev: podEnd, mark });
  } catch (error) {
    throw unavailable('nf_tables, for reply_path', remedy, error);
  } finally {
    namespace.close();
  }
}

function attempt<T>(what: string, remedy: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unavailable(what, remedy, error);
  }
}

const privileges = 'the runtime must call plugins with CAP_NET_ADMIN and CAP_SYS_ADMIN';

function unavailable(what: string, remedy: string, error: unknown): CNIError {
  const details = isDenied(error) ? privileges : remedy;
  return new CNIError(ErrorCode.PluginNotAvailable, `${what}: ${(error as Error).message}`, { details, cause: error });
}

function isDenied(error: unknown): boolean {
  return error instanceof NetNsError
    ? error.reason === 'no-permission'
    : (error as { code?: unknown }).code === 'EPERM';
}
