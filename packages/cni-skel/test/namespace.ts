import { execFileSync } from 'node:child_process';

let count = 0;

/** Creates a network namespace and returns its path. It exists until it is removed, or until the sandbox ends. */
export function createNamespace(): string {
  const name = `cni-skel-${process.pid}-${++count}`;
  execFileSync('ip', ['netns', 'add', name]);
  return `/run/netns/${name}`;
}

export function removeNamespace(path: string): void {
  execFileSync('ip', ['netns', 'delete', path.slice(path.lastIndexOf('/') + 1)]);
}
