import { release } from 'node:os';

/** Whether this kernel is that release of Linux, such as `6.12`, or a newer one, and so must have what came with it. */
export function since(version: `${number}.${number}`): boolean {
  const [major, minor] = numbers(version);
  const [here, minorHere] = numbers(release());
  return here > major || (here === major && minorHere >= minor);
}

function numbers(version: string): [major: number, minor: number] {
  const [major, minor] = version.split('.').map(part => Number.parseInt(part, 10));
  return [major!, minor!];
}
