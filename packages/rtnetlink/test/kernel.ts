// A network namespace for one test file, empty but for its loopback interface.
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

/** Makes a pair of veth links that are up, and returns their indexes. */
export function veth(name: string, peerName: string): [index: number, peerIndex: number] {
  const info = { kind: 'veth', data: { peer: { name: peerName } } } as const;
  const [, near] = kernel.batch([link.add({ name, info }), link.get({ name })]);
  kernel.batch([link.set({ index: near!.link!, up: true }), link.set({ index: near!.index, up: true })]);
  return [near!.index, near!.link!];
}
