// Objects that a node has when many pods run on it.
import { createNamespace, ip, type Namespace } from '../lab/namespace.ts';

/** Number of objects of each kind that `crowd` adds to a node. */
export const crowded = { interfaces: 500, routes: 2000, neighbours: 500 } as const;

/**
 * Adds the host ends of 500 pods' veth pairs to a node. All are up, and each has an IPv4 and an IPv6 route and a neighbour
 * entry. Adds as many routes to the pods of other nodes.
 */
export function crowd(node: Namespace, gateway: { readonly IPv4: string; readonly IPv6: string }): void {
  // One namespace represents all pods.
  const pods = createNamespace(`${node.name}-pods`);
  const each = (commands: (i: number) => string[]) => Array.from({ length: crowded.interfaces }, (_, i) => commands(i));
  ip(node, each(i => [`link add name pod${i} up type veth peer name eth${i} netns ${pods.name}`]).flat());
  ip(pods, each(i => [`link set eth${i} up`]).flat());
  ip(
    node,
    each(i => {
      const [high, low] = [i >> 8, i & 255];
      return [
        `route add 10.100.${high}.${low}/32 dev pod${i}`,
        `route add fd00:100::${i.toString(16)}/128 dev pod${i}`,
        `neighbour add 10.100.${high}.${low} lladdr 0a:00:00:00:0${high}:${low.toString(16).padStart(2, '0')} dev pod${i} nud permanent`,
        `route add 10.${101 + high}.${low}.0/24 via ${gateway.IPv4}`,
        `route add fd00:101:0:${i.toString(16)}::/64 via ${gateway.IPv6}`,
      ];
    }).flat(),
  );
}
