import { readdirSync, readlinkSync } from 'node:fs';

/** The open files of this process, each with its descriptor. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      return `${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`;
    } catch {
      // The descriptor by which the directory was read.
      return [];
    }
  });
}

/**
 * Returns a function that lists the files that are open when it is called but are not open now. It does not compare numbers
 * of files, because the runtime also closes files that belong to programs that have ended.
 */
export function opened(): () => string[] {
  const before = new Set(openFiles());
  return () => openFiles().filter(file => !before.has(file));
}
