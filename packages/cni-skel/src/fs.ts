type FileSystem = typeof import('node:fs');

/**
 * Node's file functions. They are loaded on first use, because that takes a third of a compiled program's start-up time.
 * An ES import would load fs.promises too.
 */
export function fs(): FileSystem {
  return process.getBuiltinModule('node:fs');
}
