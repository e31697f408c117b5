// Objects as ip(8) would write them.
import { anywhere, type IPFamily } from '@spider/rtnetlink';
import type { DesiredObject, Kind, Kinds, NetlinkObject, Place } from './object.ts';
import { extrasOf } from './rule.ts';

const texts: { readonly [K in Kind]: (object: Kinds[K], dev: string) => string } = {
  link: ({ up, address, mtu, alias, txqueuelen, master }, dev) =>
    words(
      'link',
      dev,
      up && 'up',
      address && `address ${address}`,
      mtu !== undefined && `mtu ${mtu}`,
      txqueuelen !== undefined && `txqueuelen ${txqueuelen}`,
      alias && `alias "${alias}"`,
      master === 0 && 'nomaster',
    ),
  altName: ({ name }, dev) => words('link', dev, `altname ${name}`),
  address: ({ address, peer, broadcast, scope }, dev) =>
    words('address', address, peer && `peer ${peer}`, broadcast && `brd ${broadcast}`, `scope ${scope}`, `dev ${dev}`),
  neighbour: ({ dst, address }, dev) => words('neighbour', dst, `lladdr ${address}`, `dev ${dev}`),
  route: ({ type, dst, src, tos, gateway, onlink, prefsrc, priority, metrics, table, nexthops, nexthopId }, dev) =>
    words(
      'route',
      type !== 'unicast' && String(type ?? ''),
      dst,
      src && `from ${src}`,
      tos ? `tos ${hexadecimal(tos)}` : undefined,
      gateway && `via ${gateway}`,
      nexthopId !== undefined && `nhid ${nexthopId}`,
      ...(nexthops ?? []).map(({ gateway, hops = 0 }) =>
        words('nexthop', gateway && `via ${gateway}`, `weight ${hops + 1}`),
      ),
      !nexthops && nexthopId === undefined && dev !== '' && `dev ${dev}`,
      onlink && 'onlink',
      prefsrc && `src ${prefsrc}`,
      priority !== undefined && `metric ${priority}`,
      metrics?.mtu !== undefined && `mtu ${metrics.mtu}`,
      table !== 254 && `table ${table}`,
    ),
  rule: wanted => {
    const { family, priority, src, dst, mark, mask, table, suppressPrefixLength } = wanted;
    return words(
      'rule',
      `priority ${priority}`,
      src ? `from ${src}` : !dst && family !== undefined && `from ${anywhere[family as IPFamily]}`,
      dst && `to ${dst}`,
      mark !== undefined && `fwmark ${hexadecimal(mark)}/${hexadecimal(mask!)}`,
      ...extrasOf(wanted).map(name => `${name} ${valueText(wanted[name as keyof typeof wanted])}`),
      table !== 0 && `lookup ${table === 254 ? 'main' : table}`,
      suppressPrefixLength !== undefined && `suppress_prefixlength ${suppressPrefixLength}`,
    );
  },
};

function words(...parts: (string | false | undefined)[]): string {
  return parts.filter(part => part).join(' ');
}

/** A mark in hexadecimal: `0x20000000`. */
export function hexadecimal(mark: number): string {
  return `0x${mark.toString(16)}`;
}

const placeText: Record<Place, string> = { pod: 'in the pod', node: 'on the node' };

/** The object and its namespace: `route 10.233.0.0/18 via 169.254.1.1 dev veth0 onlink in the pod`. */
export function describe(object: DesiredObject): string {
  if (object.kind === 'sysctl') return `sysctl ${object.key} = ${object.value} ${placeText[object.place]}`;
  const text =
    object.kind === 'ruleset' ? `nftables inet ${object.dev} mark ${hexadecimal(object.mark)}` : textOf(object);
  return `${object.absent ? 'no ' : ''}${text} ${placeText[object.place]}`;
}

/** The object without its namespace: `route 10.233.0.0/18 via 169.254.1.1 dev veth0 onlink`. */
export function textOf({ kind, wanted, dev, rival }: NetlinkObject): string {
  const text = (texts[kind] as (object: Kinds[Kind], dev: string) => string)(wanted, dev);
  return rival && 'protocol' in wanted ? `${text} proto ${wanted.protocol}` : text;
}

/** The value of a field as text: `{mtu: 1280}`. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([name, inner]) => `${name}: ${valueText(inner)}`)
    .join(', ')}}`;
}
