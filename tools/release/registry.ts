// Fetches packages that `npm ci` does not install, such as those for other platforms, with npm, and verifies their
// checksums.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
/** Removed together with node_modules when the lock file changes. */
const cache = join(root, 'node_modules/.cache/packages');

/** A version of a package, with the checksum of its tarball. */
export interface Release {
  readonly name: string;
  readonly version: string;
  /** As in package-lock.json: `sha512-…`. */
  readonly integrity: string;
}

export interface Locked extends Release {
  /** SPDX licence identifier. */
  readonly license?: string;
}

/** The release of a package in the lock file, whether or not it is installed here. */
export function locked(name: string): Locked {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Omit<Locked, 'name'>>>;
  };
  const entry = lock.packages[`node_modules/${name}`];
  if (!entry) throw new Error(`package-lock.json has no ${name}`);
  return { ...entry, name };
}

/** Directory with the files of a release. */
export function fetchRelease({ name, version, integrity }: Release): string {
  const directory = join(cache, `${name.replace('/', '+')}@${version}`);
  if (existsSync(directory)) return directory;
  mkdirSync(cache, { recursive: true });
  const fetched = mkdtempSync(join(cache, 'fetching-'));
  try {
    const npm = ['pack', `${name}@${version}`, '--prefer-offline', '--silent', `--pack-destination=${fetched}`];
    const tarball = join(fetched, execFileSync('npm', npm, { cwd: root, encoding: 'utf8' }).trim());
    const actual = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
    if (actual !== integrity) throw new Error(`${name}@${version} is ${actual}, not ${integrity}`);
    execFileSync('tar', ['--extract', '--gzip', `--file=${tarball}`, `--directory=${fetched}`]);
    try {
      renameSync(join(fetched, 'package'), directory);
    } catch (error) {
      // Another process may have fetched it in the meantime.
      if (!existsSync(directory)) throw error;
    }
  } finally {
    rmSync(fetched, { recursive: true });
  }
  return directory;
}
