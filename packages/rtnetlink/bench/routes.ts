// The routes of the benchmark.
import { address, link, type RouteInput, Rtnetlink, route } from '../src/index.ts';

const name = 'bench0';
const gateway = '192.0.2.2';

/** Number of routes to list, and number of routes to add. */
export const sizes = { listed: 100_000, added: 1000 } as const;

/** Interface of all routes. */
export function interfaceIndex(nl: Rtnetlink): number {
  return nl.execute(link.get({ name }))!.index;
}

/** Creates the interface and the routes to list. */
export function prepare(): void {
  const nl = Rtnetlink.open();
  nl.execute(link.add({ name, info: { kind: 'veth', data: { peer: { name: 'bench1' } } } }));
  const oif = interfaceIndex(nl);
  nl.batch([
    link.set({ index: nl.execute(link.get({ name: 'bench1' }))!.index, up: true }),
    link.set({ index: oif, up: true }),
    address.add({ index: oif, address: '192.0.2.1/24' }),
  ]);
  nl.batch(numbered(10, sizes.listed, oif).map(route.add));
  nl.close();
}

/** The routes to add. */
export function adds(oif: number): RouteInput[] {
  return numbered(100, sizes.added, oif);
}

/** The same for `ip -batch`. */
export function ipBatch(verb: 'add' | 'delete'): string {
  return adds(0)
    .map(({ dst }) => `route ${verb} ${dst} via ${gateway} dev ${name}\n`)
    .join('');
}

function numbered(first: number, count: number, oif: number): RouteInput[] {
  const dst = (i: number) => `${first}.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`;
  return Array.from({ length: count }, (_, i) => ({ dst: dst(i), gateway, oif }));
}
