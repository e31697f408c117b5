import { readdirSync, readlinkSync } from 'node:fs';

/** The files that this process has open, each with its descriptor. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      return `${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`;
    } catch {
      // The one by which the directory was read.
      return [];
    }
  });
}

/**
 * From now on tells which files are open that are not open now. It does not count them: meanwhile the runtime closes what it
 * kept of programs that have ended.
 */
export function opened(): () => string[] {
  const before = new Set(openFiles());
  return () => openFiles().filter(file => !before.has(file));
}
