// A sandbox is a private network, mount and PID namespace (and a user namespace where we are not root). Every kernel test,
// lab and benchmark runs in one: it plays the node, so the machine's own interfaces, routes and sysctls are out
// of reach, and all that was made in it (links, named namespaces, processes) vanishes with its last process.
import { type SpawnSyncOptions, type SpawnSyncReturns, spawnSync } from 'node:child_process';

/** Set inside a sandbox. */
const marker = 'SPIDER_SANDBOX';

/** True when this process already runs in a sandbox. */
export const inSandbox = process.env[marker] === '1';

const isRoot = process.getuid?.() === 0;

// A fresh /run keeps `ip netns` and the like from leaving files on the machine; /proc must show the new PID namespace;
// /sys must show the new network namespace.
const enter = `mount -t tmpfs -o mode=0755 tmpfs /run && mkdir -p /run/netns /run/lock && mount -t sysfs sysfs /sys && ip link set lo up && exec "$@"`;

/** Runs a program in a new sandbox and waits for it. Throws, saying what to do, where this machine allows no sandbox. */
export function runInSandbox(
  program: string,
  args: readonly string[],
  options: SpawnSyncOptions = {},
): SpawnSyncReturns<Buffer> {
  const trial = spawnSync('unshare', sandboxed('true', []), { encoding: 'utf8' });
  if (trial.status !== 0) throw new Error(`${trial.error?.message ?? trial.stderr.trim()}\n${remedy}`);
  return spawnSync('unshare', sandboxed(program, args), {
    stdio: 'inherit',
    ...options,
    env: { ...(options.env ?? process.env), [marker]: '1' },
  }) as SpawnSyncReturns<Buffer>;
}

/** The arguments of unshare(1). */
function sandboxed(program: string, args: readonly string[]): string[] {
  return [
    ...(isRoot ? [] : ['--user', '--map-root-user']),
    '--net',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    '--propagation',
    'private',
    ...['sh', '-ec', enter, 'sandbox', program, ...args],
  ];
}

const remedy = isRoot
  ? 'This root may not make namespaces. In a container it takes more, for example: docker run --privileged.'
  : `Ordinary users may not make namespaces here, see user_namespaces(7). Be root, or allow it with those of these that exist:
  sudo sysctl -w user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0`;
