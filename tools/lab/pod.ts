// Creates a pod as a container runtime does: a namespace, and a chain of CNI plugins that attach it to a network.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type NetworkConfList, Runtime, type RuntimeConf } from '@spider/cni-skel/testing';
import { type PerFamily, perFamily } from './family.ts';
import type { Host } from './lan.ts';
import { createNamespace, inside, type Namespace, show } from './namespace.ts';

/** Directories of veth, as it was last built, and of Debian's reference plugins. */
export const pluginDirs = [join(import.meta.dirname, '../../apps/veth/dist'), '/usr/lib/cni'];

/** An interface of a pod in a network. */
export interface Nic {
  /** Parameters that the runtime passes to the plugins. */
  readonly attachment: Required<Pick<RuntimeConf, 'containerID' | 'netns' | 'ifName'>>;
  readonly network: NetworkConfList;
  /** Without prefix length. */
  readonly addresses: PerFamily<string>;
}

export interface Pod extends Host {
  readonly nics: readonly Nic[];
}

/** The networks that a pod is attached to, by names of NICs, in this order. */
export type Networks = Readonly<Record<string, NetworkConfList>>;

/** The container runtime of a node: plugins run in the node's namespace. */
export function runtime(node: Namespace): Runtime {
  return new Runtime({ pluginDirs, exec: inside(node, []), cacheDir: `/run/cni/${node.name}/results` });
}

/** Creates a pod on a node: `createPod(node, 'pod', { eth0: overlay(…), net1: underlay(…) })`. */
export function createPod(node: Namespace, name: string, networks: Networks): Promise<Pod> {
  return attach(node, createNamespace(name), networks);
}

/** Attaches a pod's namespace to networks, one after another, as Multus does. */
export async function attach(node: Namespace, namespace: Namespace, networks: Networks): Promise<Pod> {
  const { name, path: netns } = namespace;
  const containerID = createHash('sha256').update(name).digest('hex');
  const nics: Nic[] = [];
  for (const [ifName, network] of Object.entries(networks)) {
    const attachment = { containerID, netns, ifName };
    try {
      await runtime(node).add(network, attachment);
    } catch (cause) {
      throw new Error(`${name}: ADD to the network ${network.name} failed: ${(cause as Error).message}`, { cause });
    }
    nics.push({ attachment, network, addresses: addressesOf(namespace, ifName) });
  }
  return { ...namespace, nics, addresses: nics[0]?.addresses ?? {} };
}

function addressesOf(namespace: Namespace, ifName: string): PerFamily<string> {
  return perFamily(family => {
    const [nic] = show<{ addr_info: { local: string }[] }>(
      namespace,
      { IPv4: '-4', IPv6: '-6' }[family],
      ...['address', 'show', 'dev', ifName, 'scope', 'global'],
    );
    return nic?.addr_info[0]?.local;
  });
}
