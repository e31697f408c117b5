// Network namespaces by name, and programs that run in them.
import { spawnSync } from 'node:child_process';

/** A named network namespace: ip-netns(8). */
export interface Namespace {
  readonly name: string;
  readonly path: string;
}

/** Runs a program with `input`, and returns its output. Throws an error with its stderr if it fails. */
export function run(command: readonly string[], input = ''): string {
  const [program = '', ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (error) throw new Error(`${command.join(' ')}: ${error.message}`);
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr.trim() || `exit status ${status}`}\n${input}`);
  return stdout;
}

/** The command that runs `command` in a namespace. */
export function inside(namespace: Namespace, command: readonly string[]): string[] {
  return ['nsenter', `--net=${namespace.path}`, '--', ...command];
}

/** Runs ip(8) commands in a namespace, one per line. */
export function ip(namespace: Namespace, commands: readonly string[]): void {
  run(['ip', '-netns', namespace.name, '-batch', '-'], commands.join('\n'));
}

/** Output of ip(8) in a namespace, parsed from JSON: `show(node, '-6', 'route', 'show')`. */
export function show<T extends object = Record<string, unknown>>(
  namespace: Namespace,
  ...args: readonly string[]
): T[] {
  return JSON.parse(run(['ip', '-netns', namespace.name, '-json', '-details', ...args]) || '[]');
}

/** Writes sysctls in a namespace; keys are those of sysctl(8). */
export function sysctl(namespace: Namespace, settings: Readonly<Record<string, number>>): void {
  const assignments = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  run(inside(namespace, ['sysctl', '--quiet', '--write', ...assignments]));
}

/**
 * Creates a namespace. Independently of this machine's defaults, its reverse path filter is strict, as on many nodes, and
 * its IPv6 addresses are usable at once, without duplicate address detection.
 */
export function createNamespace(name: string): Namespace {
  run(['ip', 'netns', 'add', name]);
  const namespace = { name, path: `/run/netns/${name}` };
  sysctl(namespace, {
    'net.ipv4.conf.all.rp_filter': 1,
    'net.ipv4.conf.default.rp_filter': 1,
    'net.ipv6.conf.default.accept_dad': 0,
  });
  ip(namespace, ['link set lo up']);
  return namespace;
}

/** Removes the name. Processes that run in the namespace keep it alive. */
export function removeNamespace(namespace: Namespace): void {
  run(['ip', 'netns', 'delete', namespace.name]);
}
