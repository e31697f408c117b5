// A node and a pod whose NICs no plugin made: for nodes and NICs such as the reference plugins do not make.
import { createNamespace, ip, type Namespace, removeNamespace } from '../../../tools/lab/namespace.ts';
import { settle } from '../../../tools/lab/state.ts';
import { namesOf } from '../src/names.ts';
import { type Answer, call, variables } from './call.ts';

export interface Stand extends Disposable {
  readonly node: Namespace;
  readonly pod: Namespace;
  /** The name of the pair's end on the node. */
  readonly host: string;
  /** Calls the plugin about a NIC of the pod, with more keys in its configuration. */
  call(command: string, keys?: object, ifName?: string): Answer;
  /** Calls it about eth0, and tells what it said to the kernel and what the kernel answered, a line for each message. */
  trace(command: string): { readonly status: number | null; readonly trace: readonly string[] };
}

/** `wire` connects the two before the plugin is called; it is told the name of the pod's namespace. */
export function createStand(name: string, wire: (pod: string) => { node: string[]; pod: string[] }): Stand {
  const node = createNamespace(`${name}-node`);
  const pod = createNamespace(`${name}-pod`);
  const commands = wire(pod.name);
  ip(node, commands.node);
  ip(pod, commands.pod);
  // The plugin leaves out addresses of the node that are tentative.
  for (const namespace of [node, pod]) settle(namespace);
  const containerID = `id-of-${name}`;
  const confOf = (ifName: string, keys: object) => ({
    cniVersion: '1.0.0',
    name: 'underlay',
    type: 'veth',
    prevResult: { cniVersion: '1.0.0', interfaces: [{ name: ifName, sandbox: pod.path }] },
    ...keys,
  });
  return {
    node,
    pod,
    host: namesOf(containerID).hostName,
    call: (command, keys = {}, ifName = 'eth0') =>
      call(node, variables(command, containerID, pod.path, ifName), confOf(ifName, keys)),
    trace(command) {
      const env = { ...variables(command, containerID, pod.path), SPIDER_NL_DEBUG: '1' };
      const { status, stderr } = call(node, env, confOf('eth0', {}));
      return { status, trace: stderr.split('\n').filter(line => line.startsWith('netlink ')) };
    },
    [Symbol.dispose]() {
      removeNamespace(pod);
      removeNamespace(node);
    },
  };
}

export const succeeded = { status: 0 };
