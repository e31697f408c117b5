// A pod, made as a container runtime makes it: a namespace, and a chain of CNI plugins that attach it to a network.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type NetworkConfList, Runtime, type RuntimeConf } from '@spider/cni-skel/testing';
import { type PerFamily, perFamily } from './family.ts';
import type { Host } from './lan.ts';
import { createNamespace, inside, type Namespace, show } from './namespace.ts';

/** Our plugin, as it was last built, and the reference plugins where Debian installs them. */
const pluginDirs = [join(import.meta.dirname, '../../apps/veth/dist'), '/usr/lib/cni'];

export interface Pod extends Host {
  /** What the runtime says of its eth0. */
  readonly attachment: Required<Pick<RuntimeConf, 'containerID' | 'netns' | 'ifName'>>;
}

/** The container runtime of a node: plugins run in the node's namespace. */
export function runtime(node: Namespace): Runtime {
  return new Runtime({ pluginDirs, exec: inside(node, []), cacheDir: `/run/cni/${node.name}/results` });
}

/** Makes a pod on a node, and attaches its eth0 to a network. */
export async function createPod(node: Namespace, name: string, network: NetworkConfList): Promise<Pod> {
  const namespace = createNamespace(name);
  const containerID = createHash('sha256').update(name).digest('hex');
  const attachment = { containerID, netns: namespace.path, ifName: 'eth0' };
  try {
    await runtime(node).add(network, attachment);
  } catch (cause) {
    throw new Error(`${name}: ADD to the network ${network.name} failed: ${(cause as Error).message}`, { cause });
  }
  return { ...namespace, attachment, addresses: addressesOf(namespace) };
}

function addressesOf(namespace: Namespace): PerFamily<string> {
  return perFamily(family => {
    const [eth0] = show<{ addr_info: { local: string }[] }>(
      namespace,
      { IPv4: '-4', IPv6: '-6' }[family],
      ...['address', 'show', 'dev', 'eth0', 'scope', 'global'],
    );
    return eth0?.addr_info[0]?.local;
  });
}
