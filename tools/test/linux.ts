import { release } from 'node:os';

/**
 * Whether this kernel is of that release of Linux or a newer one, such as `6.12`. Tests expect of it all that this release
 * has. An older kernel may lack it, but need not, because distributions add some of it to theirs.
 */
export function since(version: `${number}.${number}`): boolean {
  const [major, minor] = numbers(version);
  const [here, minorHere] = numbers(release());
  return here > major || (here === major && minorHere >= minor);
}

function numbers(version: string): [major: number, minor: number] {
  const [major, minor] = version.split('.').map(part => Number.parseInt(part, 10));
  return [major!, minor!];
}
