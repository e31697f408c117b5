// A network namespace for one test file.
import { execFileSync } from 'node:child_process';
import { CLONE_NEWNET, unshare } from '@spider/libc';
import { Netfilter } from '../src/index.ts';

unshare(CLONE_NEWNET);

export const kernel = Netfilter.open();

/** Runs nft(8). */
export function nft(...args: string[]): string {
  return execFileSync('nft', args, { encoding: 'utf8' });
}

/** Loads a ruleset with nft(8). */
export function load(ruleset: string): void {
  execFileSync('nft', ['--file', '-'], { input: ruleset });
}
