// Finds paths that open the network namespaces of a node's pods. The kernel identifies them only by a number.
import { readdirSync, statSync } from 'node:fs';
import { NetNs } from '@spider/netns';
import { nsid, type Rtnetlink } from '@spider/rtnetlink';

/** Paths of the namespaces that are visible to this process, one for each: of named ones, and of processes. */
function visibleNamespaces(): string[] {
  const named = list('/run/netns').map(name => `/run/netns/${name}`);
  const processes = list('/proc').filter(name => /^\d+$/.test(name));
  const paths = new Map<string, string>();
  for (const path of [...named, ...processes.map(pid => `/proc/${pid}/ns/net`)]) {
    const id = identityOf(path);
    if (id !== undefined && !paths.has(id)) paths.set(id, path);
  }
  return [...paths.values()];
}

/** Paths by the numbers by which the node's namespace knows them (RTM_GETNSID). */
export function pathsByNsid(node: Rtnetlink): Map<number, string> {
  const found = new Map<number, string>();
  for (const path of visibleNamespaces()) {
    const number = nsidOf(node, path);
    if (number !== undefined) found.set(number, path);
  }
  return found;
}

/** The number of the namespace at a path; undefined if it has none in the socket's namespace, or is no namespace. */
export function nsidOf(socket: Rtnetlink, path: string): number | undefined {
  try {
    using namespace = NetNs.open(path);
    const number = socket.execute(nsid.get({ fd: namespace.fd }))?.nsid;
    return number === -1 ? undefined : number;
  } catch {
    // The process has ended, or nothing is mounted on the name any more.
    return undefined;
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** What all paths to one namespace have in common; undefined if nothing is at the path. */
export function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
