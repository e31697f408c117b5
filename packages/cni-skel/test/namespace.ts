import { execFileSync } from 'node:child_process';

let count = 0;

/** Makes a network namespace that lasts as long as the sandbox, or until it is removed; returns its path. */
export function createNamespace(): string {
  const name = `cni-skel-${process.pid}-${++count}`;
  execFileSync('ip', ['netns', 'add', name]);
  return `/run/netns/${name}`;
}

export function removeNamespace(path: string): void {
  execFileSync('ip', ['netns', 'delete', path.slice(path.lastIndexOf('/') + 1)]);
}
