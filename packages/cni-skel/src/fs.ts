/** Node's synchronous file functions. An ES import of node:fs would load fs.promises with it, which costs Node 3 ms. */
export const { appendFileSync, readSync, statSync, writeSync } = process.getBuiltinModule('node:fs');
