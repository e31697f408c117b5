// Services of the cluster, as kube-proxy creates them on each node: it translates connections to a service to a pod.
import { type PerFamily, perFamily } from './family.ts';
import { inside, type Namespace, run } from './namespace.ts';

/** Translates packets to port 80 of virtual addresses, whether the node forwards or sends them. */
export function createClusterIP(
  node: Namespace,
  name: string,
  addresses: PerFamily<string>,
  backend: PerFamily<string>,
  masquerade = false,
  transport: 'tcp' | 'udp' = 'tcp',
): void {
  const matches = perFamily(
    family => addresses[family] && `${keyword[family]} daddr ${addresses[family]} ${transport} dport 80`,
  );
  translate(node, name, `service-${name}`, matches, backend, masquerade);
}

/**
 * Translates packets to a port of any of the node's own addresses. The pod sees the node as source, or, with
 * `externalTrafficPolicy: Local`, the client.
 */
export function createNodePort(
  node: Namespace,
  port: number,
  backend: PerFamily<string>,
  policy: 'Cluster' | 'Local' = 'Cluster',
): void {
  const matches = perFamily(family => `meta nfproto ${protocol[family]} fib daddr type local tcp dport ${port}`);
  translate(node, `port${port}`, `external-${port}`, matches, backend, policy === 'Cluster');
}

const keyword = { IPv4: 'ip', IPv6: 'ip6' };
const protocol = { IPv4: 'ipv4', IPv6: 'ipv6' };

/** Mark of packets to masquerade; the number is that of kube-proxy. */
const mark = '0x4000';

function translate(
  node: Namespace,
  table: string,
  chain: string,
  matches: PerFamily<string>,
  backend: PerFamily<string>,
  masquerade: boolean,
): void {
  const rules = perFamily(family => {
    const [match, pod] = [matches[family], backend[family]];
    const host = family === 'IPv6' ? `[${pod}]` : pod;
    const marking = masquerade ? `meta mark set meta mark or ${mark}` : '';
    return match && pod && `${match} ${marking} dnat ${keyword[family]} to ${host}:80`;
  });
  const ruleset = `
    table inet ${table} {
      chain ${chain} {
        ${Object.values(rules).join('\n')}
      }
      chain prerouting {
        type nat hook prerouting priority dstnat
        jump ${chain}
      }
      chain output {
        type nat hook output priority -100
        jump ${chain}
      }
      chain postrouting {
        type nat hook postrouting priority srcnat
        meta mark & ${mark} == ${mark} masquerade
      }
    }`;
  run(inside(node, ['nft', '--file', '-']), ruleset);
}
