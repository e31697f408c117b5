// The npm package `netlink`, whose native part is prebuilt for Node. Only this benchmark uses it, so it is not installed
// with the workspace but fetched here. Bun cannot load it.
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fetchRelease, type Release } from '../../../tools/release/registry.ts';

const releases: readonly Release[] = [
  {
    name: 'netlink',
    version: '0.3.0',
    integrity: 'sha512-rv4E4AAdtzhmltFKdzgOPSrFqM/D5YcJR+t99zwoQ997KMmx0W52AxyUkOILyk+zGZzr7U9M60BXoSTHfkmCPg==',
  },
  {
    name: 'node-gyp-build',
    version: '4.8.4',
    integrity: 'sha512-LA4ZjwlnUblHVgq0oBF3Jl/6h/Nvs5fzBLwdEF4nuxnFdsfajde4WfxtJr3CaiH+F6ewcIB/q4jQ4UzPyid+CQ==',
  },
];

/** Fetches it and its dependencies. This must run outside of the sandbox, which has no network. */
export function fetchNetlink(): readonly string[] {
  return releases.map(fetchRelease);
}

/** A directory for NODE_PATH, made below `folder`. */
export function linkNetlink(folder: string): string {
  const modules = join(folder, 'modules');
  mkdirSync(modules);
  for (const [i, directory] of fetchNetlink().entries()) symlinkSync(directory, join(modules, releases[i]!.name));
  return modules;
}
