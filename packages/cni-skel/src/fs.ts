type FileSystem = typeof import('node:fs');

/**
 * Node's file functions. Loaded at their first use, as that takes a compiled program a third of the time that it needs to
 * start; an ES import would load fs.promises with them, too.
 */
export function fs(): FileSystem {
  return process.getBuiltinModule('node:fs');
}
