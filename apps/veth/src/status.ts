// Whether an ADD could be served on this node now. What it takes is asked of the kernel by requests that are refused even
// where all is well, and in a network namespace that is thrown away: the node stays as it is.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { NetNs, NetNsError } from '@spider/netns';
import { altName, link, NetlinkError, type Outcome, Rtnetlink, rule } from '@spider/rtnetlink';
import type { Config } from './config/config.ts';
import { podEnd } from './datapath.ts';
import type { Nftables } from './nftables.ts';
import { readSysctl } from './sysctl.ts';

/** Who is asked. In tests it is another kernel than that of the machine. */
export interface Kernel {
  openRtnetlink(namespace: NetNs): Rtnetlink;
  openNftables(namespace: NetNs): Promise<Nftables>;
}

const ownKernel: Kernel = {
  openRtnetlink: namespace => Rtnetlink.openIn(namespace),
  openNftables: async namespace => (await import('./nftables.ts')).Nftables.openIn(namespace),
};

/**
 * @throws CNIError code 50 where no new pod can be served: no permission, a kernel without what it takes, or a node that
 *   forwards nothing for new links; 51 where it forwards nothing at all, so that the pods that are there suffer too (SPEC
 *   section 2, STATUS). Its details say what to do.
 */
export async function status({ cidrs, replyMark }: Pick<Config, 'cidrs' | 'replyMark'>, kernel = ownKernel) {
  using namespace = NetNs.current();
  requireRoutes(kernel, namespace);
  if (replyMark !== undefined) await requireNftables(kernel, replyMark);
  // A kernel without IPv6 has no such setting, and its pods no such addresses.
  for (const { family, key, whose, code } of switches)
    if (cidrs.some(cidr => cidr.family === family) && (readSysctl(namespace, key) ?? '1') !== '1')
      throw new CNIError(code, `sysctl ${key} is 0: the node forwards nothing for ${whose}`, {
        details: `sysctl --write ${key}=1, and the same in a file of /etc/sysctl.d, so that it stays`,
      });
}

const { LimitedConnectivity, PluginNotAvailable } = ErrorCode;
/** Of IPv6 one switch decides about all links. */
const switches = [
  { family: 4, key: 'net/ipv4/conf/all/forwarding', whose: 'its pods', code: LimitedConnectivity },
  { family: 6, key: 'net/ipv6/conf/all/forwarding', whose: 'its pods', code: LimitedConnectivity },
  { family: 4, key: 'net/ipv4/conf/default/forwarding', whose: 'new pods', code: PluginNotAvailable },
] as const;

const newer = 'Linux 5.5 or newer is needed';

/** What rtnetlink(7) must have. */
function requireRoutes(kernel: Kernel, namespace: NetNs): void {
  // As pods are: entering a namespace takes a permission of its own, even that of the caller.
  using node = attempt('rtnetlink', newer, () => kernel.openRtnetlink(namespace));
  const [multicast, nowhere] = ['01:00:00:00:00:00', 0x7fff_ffff];
  const [pair, name, rules] = node.settle([
    link.add({ name: 'veth-status', address: multicast, info: { kind: 'veth' } }),
    altName.add({ index: nowhere, altNames: ['veth-status'] }),
    rule.list(),
  ]);
  attempt('links of kind veth', 'load the kernel module veth', () => expectRefusal(pair, 'EADDRNOTAVAIL'));
  attempt('further names of links', newer, () => expectRefusal(name, 'ENODEV'));
  attempt('rules', newer, () => {
    if (rules.error) throw rules.error;
    // By it DEL and CHECK know ours.
    if (rules.value.some(({ protocol }) => protocol === undefined))
      throw new Error('the kernel keeps no protocol of them');
  });
}

/** A request that cannot succeed: where the kernel knows what it is about, it refuses it for this reason. */
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
