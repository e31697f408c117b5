// Network namespaces by name, and programs that run in them.
import { spawnSync } from 'node:child_process';

/** A named network namespace, as ip-netns(8) makes them. */
export interface Namespace {
  readonly name: string;
  readonly path: string;
}

/** Runs a program, feeds it `input` and returns what it printed. Throws what it said on stderr when it fails. */
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

/** What ip(8) shows in a namespace, in the JSON objects that it prints: `show(node, '-6', 'route', 'show')`. */
export function show<T extends object = Record<string, unknown>>(
  namespace: Namespace,
  ...args: readonly string[]
): T[] {
  return JSON.parse(run(['ip', '-netns', namespace.name, '-json', '-details', ...args]) || '[]');
}

/** Writes sysctls in a namespace; keys as sysctl(8) spells them. */
export function sysctl(namespace: Namespace, settings: Readonly<Record<string, number>>): void {
  const assignments = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  run(inside(namespace, ['sysctl', '--quiet', '--write', ...assignments]));
}

/**
 * Makes a namespace. Whatever this machine's defaults are, it filters strictly by reverse path, as many nodes do, and its
 * IPv6 addresses are usable at once, as nobody else has them.
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

/** What still runs in it keeps it alive, without its name. */
export function removeNamespace(namespace: Namespace): void {
  run(['ip', 'netns', 'delete', namespace.name]);
}
