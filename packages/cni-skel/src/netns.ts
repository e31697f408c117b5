import { CNIError, ErrorCode, messageOf } from './error.ts';
import type { FileIdentity, System } from './system.ts';

/** What the path in CNI_NETNS refers to. */
export type NetNS =
  /** Nothing. */
  | 'absent'
  /** A file that is not a namespace. */
  | 'foreign'
  /** The network namespace that the plugin itself runs in. */
  | 'own'
  /** Another namespace, or a file that cannot be examined. */
  | 'other';

/**
 * Compares the namespace at `path` with the plugin's own. It is synchronous, because threads of the thread pool may be in
 * another namespace.
 * @throws CNIError code 8 if the plugin's own namespace cannot be read
 */
export function inspectNetNS(system: System, path: string): NetNS {
  if (process.platform !== 'linux') return 'other';
  const there = identify(system, path);
  if (there instanceof Error) return isAbsence(there) ? 'absent' : 'other';
  const own = identify(system, '/proc/thread-self/ns/net');
  if (own instanceof Error) {
    throw new CNIError(ErrorCode.InvalidNetNS, "get plugin's netns failed", { details: own.message, cause: own });
  }
  // All namespaces are files of one file system, nsfs (namespaces(7)).
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
