// A node of the cluster: a host in a LAN that forwards for the pods of an overlay network of its own.
import { type PerFamily, perFamily } from './family.ts';
import { createHost, forward, type Host, type Lan } from './lan.ts';
import { ip, type Namespace } from './namespace.ts';
import { overlay as overlayNetwork } from './networks.ts';
import { createPod, type Pod } from './pod.ts';

export interface Node extends Host {
  /** CIDRs of the overlay's pods on this node. */
  readonly pods: PerFamily<string>;
}

/** A node, and a pod of its overlay network. */
export interface NodeWithPod {
  readonly node: Node;
  readonly overlay: Pod;
}

export interface NodeOptions {
  /** Names of both namespaces, by their role in the lab. */
  readonly names: { readonly [role in keyof NodeWithPod]: string };
  readonly addresses: PerFamily<string>;
  readonly pods: PerFamily<string>;
  /** The part of `pods` from which the overlay's bridge allocates. */
  readonly bridged: PerFamily<string>;
}

export async function createNode(
  gateway: Namespace,
  lan: Lan,
  { names, addresses, pods, bridged }: NodeOptions,
): Promise<NodeWithPod> {
  const node = { ...createHost(names.node, gateway, lan, addresses), pods };
  forward(node);
  const overlay = await createPod(node, names.overlay, { eth0: overlayNetwork(node, bridged) });
  return { node, overlay };
}

/** Adds routes to the overlay's pods on a node of the host's LAN, as network plugins without tunnels do. */
export function introduce(host: Namespace, { pods, addresses }: Node): void {
  const routes = perFamily(family => pods[family] && `route add ${pods[family]} via ${addresses[family]}`);
  ip(host, Object.values(routes));
}
