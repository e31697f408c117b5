// A service of the cluster, as kube-proxy makes it: an address that exists nowhere, translated to that of a pod.
import { type PerFamily, perFamily } from './family.ts';
import { inside, type Namespace, run } from './namespace.ts';

/** Makes a node translate what it forwards or sends to the service's port 80. */
export function createService(node: Namespace, addresses: PerFamily<string>, backend: PerFamily<string>): void {
  const translations = perFamily(family => {
    const protocol = { IPv4: 'ip', IPv6: 'ip6' }[family];
    const [service, pod] = [addresses[family], backend[family]];
    return service && pod && `${protocol} daddr ${service} tcp dport 80 dnat ${protocol} to ${pod}`;
  });
  const ruleset = `
    table inet services {
      chain translate {
        ${Object.values(translations).join('\n')}
      }
      chain prerouting {
        type nat hook prerouting priority dstnat
        jump translate
      }
      chain output {
        type nat hook output priority -100
        jump translate
      }
    }`;
  run(inside(node, ['nft', '--file', '-']), ruleset);
}
