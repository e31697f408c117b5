// Kernels from Debian packages.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from '../lab/namespace.ts';

/** An unpacked kernel. */
export interface Kernel {
  /** Release, as in uname(2). */
  readonly release: string;
  readonly image: string;
  /** Directory that contains `lib/modules/RELEASE`, for modprobe(8). */
  readonly root: string;
}

const cache = join(import.meta.dirname, '.cache');

/**
 * Downloads the current kernel of this Debian release, unless that has been done, and returns the path of its package.
 */
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

/** Unpacks a package, unless that has been done. */
export function unpack(deb: string): Kernel {
  const root = join(cache, basename(deb, '.deb'));
  if (!existsSync(root)) {
    const unfinished = join(cache, 'unfinished');
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    run(['dpkg-deb', '--extract', deb, unfinished]);
    // Since Debian 13 packages have modules in /usr/lib, which /lib is a link to.
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
