// A sandbox is a private network, mount and PID namespace (and a user namespace where we are not root). Every kernel test,
// lab and benchmark runs in one: it plays the node, so the machine's own interfaces, routes and sysctls are out
// of reach, and all that was made in it (links, named namespaces, processes) vanishes with its last process.
import { type SpawnSyncOptions, type SpawnSyncReturns, spawnSync } from 'node:child_process';

/** Set inside a sandbox. */
const marker = 'SPIDER_SANDBOX';

/** True when this process already runs in a sandbox. */
export const inSandbox = process.env[marker] === '1';

// A fresh /run keeps `ip netns` and the like from leaving files on the machine; /proc must show the new PID namespace;
// /sys must show the new network namespace.
const enter = `mount -t tmpfs -o mode=0755 tmpfs /run && mkdir -p /run/netns /run/lock && mount -t sysfs sysfs /sys && ip link set lo up && exec "$@"`;

/** Runs a program in a new sandbox and waits for it. */
export function runInSandbox(
  program: string,
  args: readonly string[],
  options: SpawnSyncOptions = {},
): SpawnSyncReturns<Buffer> {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const unshare = [
    ...user,
    '--net',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    '--propagation',
    'private',
  ];
  return spawnSync('unshare', [...unshare, 'sh', '-ec', enter, 'sandbox', program, ...args], {
    stdio: 'inherit',
    ...options,
    env: { ...(options.env ?? process.env), [marker]: '1' },
  }) as SpawnSyncReturns<Buffer>;
}
