// A network namespace for one test file, with a loopback interface only.
import { execFileSync } from 'node:child_process';
import { CLONE_NEWNET, unshare } from '@spider/libc';
import { link, Rtnetlink } from '../src/index.ts';

unshare(CLONE_NEWNET);

export const kernel = Rtnetlink.open();
kernel.execute(link.set({ index: 1, up: true }));

/** Runs ip(8) with JSON output and all details. */
export function ip(...args: string[]): Record<string, unknown>[] {
  const output = execFileSync('ip', ['-json', '-details', ...args], { encoding: 'utf8' });
  return output === '' ? [] : JSON.parse(output);
}

/**
 * Creates a veth pair whose ends are up, and returns their indexes. The ends generate no addresses of their own, because
 * the kernel would add those at an unpredictable time.
 */
export function veth(name: string, peerName: string): [index: number, peerIndex: number] {
  const info = { kind: 'veth', data: { peer: { name: peerName } } } as const;
  const [, near] = kernel.batch([link.add({ name, info }), link.get({ name })]);
  const pair: [number, number] = [near!.index, near!.link!];
  kernel.batch(pair.map(index => link.set({ index, up: true, afSpec: { inet6: { addrGenMode: 'none' } } })));
  // The kernel reports carrier a moment after the second end is up.
  const end = Date.now() + 30_000;
  while (pair.some(index => kernel.execute(link.get({ index }))!.operstate !== 'up'))
    if (Date.now() > end) throw new Error(`${name} and ${peerName} do not come up`);
  return pair;
}
