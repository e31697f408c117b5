// Packs the published packages as npm does, and creates projects that have installed them.
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Their dependencies from npm, in the versions of the workspace. */
const taken = ['ipaddr.js', 'koffi', `@koromix/koffi-linux-${process.arch}`];

interface Manifest {
  readonly name: string;
  readonly exports: object;
}

/** A published package, after `npm run build`. */
export interface Packed {
  readonly name: string;
  readonly directory: string;
  /** Its modules: `@spider/rtnetlink`, `@spider/rtnetlink/codec`. */
  readonly modules: readonly string[];
  readonly readme: string;
  readonly tarball: string;
}

export function packAll(destination: string): Packed[] {
  const directories = globSync('packages/*', { cwd: root }).sort();
  return pack(directories, destination).map((tarball, i) => {
    const directory = join(root, directories[i]!);
    const { name, exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
    const modules = Object.keys(exports).flatMap(path => (path.endsWith('.json') ? [] : [join(name, path)]));
    return { name, directory, modules, tarball, readme: readFileSync(join(directory, 'README.md'), 'utf8') };
  });
}

/** Packs directories below the root, and returns the tarballs. */
export function pack(directories: readonly string[], destination: string): string[] {
  const npm = ['pack', ...directories.map(directory => `./${directory}`), '--ignore-scripts', '--json'];
  const printed = execFileSync('npm', [...npm, `--pack-destination=${destination}`], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const packed = JSON.parse(printed) as readonly { readonly filename: string }[];
  return packed.map(({ filename }) => join(destination, filename));
}

/** Creates a project and installs packages in it as a user would, but from tarballs, because a sandbox has no network. */
export function createProject(directory: string, tarballs: readonly string[]): void {
  mkdirSync(directory);
  writeFileSync(join(directory, 'package.json'), '{}');
  const others = pack(
    taken.map(name => `node_modules/${name}`),
    directory,
  );
  const npm = ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs, ...others];
  execFileSync('npm', npm, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
}
