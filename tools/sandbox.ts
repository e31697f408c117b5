// A sandbox is a private network, mount and PID namespace (and a user namespace, unless the user is root). All kernel
// tests, labs and benchmarks run in one. It takes the role of the node, so that the machine's own interfaces, routes and
// sysctls are out of reach. Everything that was created in it (links, named namespaces, processes) disappears with its last
// process.
import { type SpawnSyncOptions, type SpawnSyncReturns, spawnSync } from 'node:child_process';

/** Set inside a sandbox. */
const marker = 'SPIDER_SANDBOX';

/** Whether this process runs in a sandbox. */
export const inSandbox = process.env[marker] === '1';

const isRoot = process.getuid?.() === 0;

// An empty /run keeps `ip netns` and others from leaving files on the machine. /proc must show the new PID namespace, /sys
// the new network namespace.
const enter = `mount -t tmpfs -o mode=0755 tmpfs /run && mkdir -p /run/netns /run/lock && mount -t sysfs sysfs /sys && ip link set lo up && exec "$@"`;

/**
 * Runs a program in a new sandbox and waits for its end.
 * @throws Error this machine does not allow a sandbox; the message says what to do
 */
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

/** Arguments of unshare(1). */
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
  ? 'Root may not create namespaces here. In a container this requires more rights, for example: docker run --privileged.'
  : `Users other than root may not create namespaces here, see user_namespaces(7). Run this as root, or set those of these sysctls that exist:
  sudo sysctl -w user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0`;
