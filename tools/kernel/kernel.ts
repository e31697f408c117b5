// Kernels as Debian packages them.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from '../lab/namespace.ts';

/** A kernel, unpacked. */
export interface Kernel {
  /** As uname(2) reports it. */
  readonly release: string;
  readonly image: string;
  /** The directory that has `lib/modules/RELEASE`, for modprobe(8). */
  readonly root: string;
}

const cache = join(import.meta.dirname, '.cache');

/** Fetches this Debian's current kernel, unless that was done before, and returns the path of its package. */
export function download(): string {
  const [name] = run(['apt-cache', 'depends', '--important', 'linux-image-amd64']).match(/linux-image-\d\S+/) ?? [];
  if (!name)
    throw new Error('apt-cache(8) knows no linux-image-amd64: run `apt-get update`, or name a package with --deb');
  const directory = join(cache, 'packages');
  mkdirSync(directory, { recursive: true });
  const fetched = () => readdirSync(directory).find(file => file.startsWith(`${name}_`));
  if (!fetched()) {
    console.error(`» downloading ${name}`);
    run(['env', `--chdir=${directory}`, 'apt-get', 'download', '-qq', name]);
  }
  return join(directory, fetched()!);
}

/** Unpacks a package, unless that was done before. */
export function unpack(deb: string): Kernel {
  const root = join(cache, basename(deb, '.deb'));
  if (!existsSync(root)) {
    const unfinished = join(cache, 'unfinished');
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    run(['dpkg-deb', '--extract', deb, unfinished]);
    // Since Debian 13 the modules are in /usr/lib, to which every machine's /lib leads.
    if (!existsSync(join(unfinished, 'lib'))) renameSync(join(unfinished, 'usr/lib'), join(unfinished, 'lib'));
    run(['depmod', '--basedir', unfinished, releaseIn(unfinished)]);
    renameSync(unfinished, root);
  }
  const release = releaseIn(root);
  return { release, image: join(root, `boot/vmlinuz-${release}`), root };
}

function releaseIn(root: string): string {
  const [release] = existsSync(join(root, 'lib/modules')) ? readdirSync(join(root, 'lib/modules')) : [];
  if (!release) throw new Error(`${root} has no lib/modules/RELEASE: is the package that of a kernel (linux-image-…)?`);
  return release;
}
