import { fs } from '../fs.ts';

/**
 * Path of a plugin's executable: the first regular file with that name in the directories; symbolic links are followed.
 * Like the reference implementation, it does not check the execute permission.
 * @throws Error there is none
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

/** The directories of CNI_PATH. Empty elements, which would mean the working directory, are skipped. */
export function splitPath(path: string): string[] {
  return path.split(':').filter(directory => directory !== '');
}
