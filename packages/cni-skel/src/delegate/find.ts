import { fs } from '../fs.ts';

/**
 * The path of a plugin's executable: the first regular file of that name, links followed, in the directories.
 * Execute permission is not looked at, as in the reference implementation.
 * @throws Error where it is not found
 */
export function findInPath(type: string, directories: readonly string[]): string {
  if (!type) throw new Error('no plugin name provided');
  if (type.includes('/')) throw new Error(`invalid plugin name: ${type}`);
  if (directories.length === 0) throw new Error('no paths provided');
  for (const directory of directories) {
    const path = `${directory}/${type}`;
    if (isFile(path)) return path;
  }
  throw new Error(`failed to find plugin ${JSON.stringify(type)} in path [${directories.join(' ')}]`);
}

function isFile(path: string): boolean {
  try {
    return fs().statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The directories of CNI_PATH. An empty element would mean the working directory, and is skipped. */
export function splitPath(path: string): string[] {
  return path.split(':').filter(directory => directory !== '');
}
