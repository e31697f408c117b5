// A pod, made as a container runtime makes it: a namespace, and a chain of CNI plugins that attach it to a network.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type PerFamily, perFamily } from './family.ts';
import type { Host } from './lan.ts';
import { createNamespace, inside, type Namespace } from './namespace.ts';
import type { Network } from './networks.ts';
import { type Result, Runtime } from './runtime.ts';

/** Our plugin, as it was last built, and the reference plugins where Debian installs them. */
const path = [join(import.meta.dirname, '../../apps/veth/dist'), '/usr/lib/cni'];

export interface Pod extends Host {
  /** As the runtime knows it. */
  readonly containerId: string;
}

/** The container runtime of a node: plugins run in the node's namespace. */
export function runtime(node: Namespace): Runtime {
  return new Runtime({ path, prefix: inside(node, []) });
}

/** Makes a pod on a node; its eth0 is attached to the network. */
export async function createPod(node: Namespace, name: string, network: Network): Promise<Pod> {
  const namespace = createNamespace(name);
  const containerId = createHash('sha256').update(name).digest('hex');
  const result = await runtime(node).add(network, { containerId, netns: namespace.path, ifname: 'eth0' });
  return { ...namespace, containerId, addresses: addressesIn(result) };
}

function addressesIn(result: Result): PerFamily<string> {
  const addresses = result.ips.map(({ address }) => address.replace(/\/.*/, ''));
  return perFamily(family => addresses.find(address => address.includes(':') === (family === 'IPv6')));
}
