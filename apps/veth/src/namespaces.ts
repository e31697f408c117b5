// Paths that open the network namespaces of a node: a pod's is known to the kernel by a number only.
import { readdirSync, statSync } from 'node:fs';
import { NetNs } from '@spider/netns';
import { nsid, type Rtnetlink } from '@spider/rtnetlink';

/** The namespaces that this process can see: those with a name, and those of its processes. */
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

/** Paths by the numbers that the node's namespace knows them by (RTM_GETNSID). */
export function pathsByNsid(node: Rtnetlink): Map<number, string> {
  const found = new Map<number, string>();
  for (const path of visibleNamespaces()) {
    const number = nsidOf(node, path);
    if (number !== undefined) found.set(number, path);
  }
  return found;
}

/** The number of the namespace at a path; undefined where it has none here, or is none. */
export function nsidOf(socket: Rtnetlink, path: string): number | undefined {
  try {
    using namespace = NetNs.open(path);
    const number = socket.execute(nsid.get({ fd: namespace.fd }))?.nsid;
    return number === -1 ? undefined : number;
  } catch {
    // Gone meanwhile, or a name on which nothing is mounted any more.
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

function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
