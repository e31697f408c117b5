import { CNIError, ErrorCode, messageOf } from './error.ts';
import type { FileIdentity, System } from './system.ts';

/** What lies at the path in CNI_NETNS. */
export type NetNS =
  /** Nothing. */
  | 'absent'
  /** Something that is no namespace. */
  | 'foreign'
  /** The network namespace that the plugin itself runs in. */
  | 'own'
  /** Another namespace, or something that cannot be looked at. */
  | 'other';

/**
 * Compares the namespace at `path` with the plugin's. Synchronous, for the thread pool's threads may be in another.
 * @throws CNIError code 8 where the plugin's own namespace cannot be read
 */
export function inspectNetNS(system: System, path: string): NetNS {
  if (process.platform !== 'linux') return 'other';
  const there = identify(system, path);
  if (there instanceof Error) return isAbsence(there) ? 'absent' : 'other';
  const own = identify(system, '/proc/thread-self/ns/net');
  if (own instanceof Error) {
    throw new CNIError(ErrorCode.InvalidNetNS, "get plugin's netns failed", { details: own.message, cause: own });
  }
  // All namespaces are files of the kernel's one nsfs.
  if (there.device !== own.device) return 'foreign';
  return there.inode === own.inode ? 'own' : 'other';
}

function identify(system: System, path: string): FileIdentity | Error {
  try {
    return system.identify(path);
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

function isAbsence({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}
