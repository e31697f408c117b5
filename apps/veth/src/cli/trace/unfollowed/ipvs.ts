// Services of IPVS, which kube-proxy uses in ipvs mode to send ClusterIPs to endpoints: /proc/net/ip_vs, ipvsadm(8).
import { Address } from '@spider/ip';

export interface IpvsService {
  /** Undefined for a service that takes all packets with its mark. */
  readonly address: string | undefined;
  /** TCP port; 0 is all of them. */
  readonly port: number;
  /** 0 for a service with an address. */
  readonly mark: number;
  /** The real servers: `10.244.0.2:8080`. */
  readonly servers: readonly string[];
}

/** The TCP services, and those by mark. */
export function parseIpvs(text: string): IpvsService[] {
  const services: (IpvsService & { servers: string[] })[] = [];
  let isKnown = false;
  for (const line of text.split('\n')) {
    const [first = '', what = ''] = line.trim().split(/\s+/);
    if (first === '->') {
      if (isKnown && what.includes(':')) services.at(-1)!.servers.push(serverOf(what));
      continue;
    }
    isKnown = first === 'TCP' || first === 'FWM';
    if (first === 'TCP') services.push({ ...endOf(what), mark: 0, servers: [] });
    if (first === 'FWM') services.push({ address: undefined, port: 0, mark: Number.parseInt(what, 16), servers: [] });
  }
  return services;
}

function serverOf(text: string): string {
  const { address, port } = endOf(text);
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `0A600001:0050`, or `[fd00:0010:0096:0000:0000:0000:0000:0001]:0050`. */
function endOf(text: string): { address: string; port: number } {
  const colon = text.lastIndexOf(':');
  const address = text.slice(0, colon);
  const bytes = Uint8Array.from(address.match(/../g) ?? [], byte => Number.parseInt(byte, 16));
  return {
    address: (address.startsWith('[') ? Address.parse(address.slice(1, -1)) : Address.fromBytes(bytes)).toString(),
    port: Number.parseInt(text.slice(colon + 1), 16),
  };
}
