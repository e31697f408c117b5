// Calls the compiled executable as a person does.
import { type Namespace, run } from '../../../../tools/lab/namespace.ts';
import { type Answer, executable, runIn } from '../call.ts';

/** `veth ARGS` on a node. */
export function veth(node: Namespace, args: readonly string[], input = ''): Answer {
  return runIn(node, [executable, ...args], { env: {}, input });
}

/** What it prints as JSON. */
export function vethJson<T>(node: Namespace, args: readonly string[], input?: string): T {
  const { stdout, stderr } = veth(node, [...args, '--json'], input);
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

/** Runs a line of shell, as somebody would who follows advice. */
export function sh(node: Namespace, line: string): void {
  run(['nsenter', `--net=${node.path}`, '--', 'sh', '-ec', line]);
}
