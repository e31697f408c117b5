// Calls the compiled plugin as a container runtime does, in a node's namespace.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inside, type Namespace } from '../../../tools/lab/namespace.ts';

export const executable = join(import.meta.dirname, '../dist/veth');
if (!existsSync(executable)) throw new Error(`${executable} is not built: run "npm run build -w apps/veth"`);

export const referencePlugins = '/usr/lib/cni';

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in a node's namespace, with exactly this environment. */
export function runIn(
  node: Namespace,
  command: readonly string[],
  options: { env: Readonly<Record<string, string>>; input: string; cwd?: string | undefined },
): Answer {
  const [program = '', ...args] = inside(node, command);
  const { status, stdout, stderr, error } = spawnSync(program, args, { ...options, encoding: 'utf8' });
  // A program may end before it has read its input.
  if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  return { status, stdout, stderr };
}

/** One call of the plugin. */
export function call(node: Namespace, env: Readonly<Record<string, string>>, stdin: string | object): Answer {
  return runIn(node, [executable], { env, input: typeof stdin === 'string' ? stdin : JSON.stringify(stdin) });
}

/** The CNI variables of a call about a pod's eth0. */
export function variables(
  command: string,
  containerID: string,
  netns: string,
  ifName = 'eth0',
): Record<string, string> {
  return {
    CNI_COMMAND: command,
    CNI_CONTAINERID: containerID,
    CNI_NETNS: netns,
    CNI_IFNAME: ifName,
    CNI_PATH: referencePlugins,
  };
}
