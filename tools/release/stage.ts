// A release is made in a clone, from the latest commit. So failures and dry runs do not change the working tree.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { originOf } from './obstacles.ts';

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A project with a new version. */
export interface Released {
  readonly directory: string;
  readonly name: string;
  readonly from: string;
  readonly version: string;
}

/** A clone of the workspace, in which the next versions are made. */
export class Stage implements Disposable {
  readonly directory: string;
  readonly #root: string;

  private constructor(directory: string, root: string) {
    this.directory = directory;
    this.#root = root;
  }

  static create(root: string): Stage {
    // Below the root, so that the packages installed there are found.
    mkdirSync(join(root, '.nx'), { recursive: true });
    const stage = new Stage(mkdtempSync(join(root, '.nx/release-')), root);
    try {
      stage.run('git', 'clone', '--quiet', root, '.');
      linkWorkspace(join(root, 'node_modules'), join(stage.directory, 'node_modules'));
      return stage;
    } catch (error) {
      stage[Symbol.dispose]();
      throw error;
    }
  }

  /** Runs a program and returns its output. */
  run(program: string, ...args: readonly string[]): string {
    return this.#spawn(program, args, {});
  }

  /** Writes versions and changelogs according to the changesets, commits them, and tags the new versions. */
  version(): Released[] {
    const before = this.projects;
    this.run('changeset', 'version');
    // In the lock file only the workspace's own versions change.
    this.run('npm', 'install', '--package-lock-only', '--offline', '--ignore-scripts');
    this.#versionChart();
    this.run('git', 'add', '--all');
    this.#commit('commit', '--quiet', '--message=Release');
    const released = [...this.projects].flatMap(([directory, { name, version }]) => {
      const from = before.get(directory)!.version;
      return version === from ? [] : [{ directory, name, from, version }];
    });
    for (const { name, version } of released)
      this.#commit('tag', '--annotate', `--message=${name} ${version}`, `${name}@${version}`);
    return released;
  }

  /** Builds all packages and executables, without a cache. */
  build(): void {
    const env = { NX_SKIP_NX_CACHE: 'true' };
    this.#spawn('nx', ['run-many', '--targets=build', '--projects=@spider/*'], env);
    this.#spawn('nx', ['run', 'veth:binaries'], env);
  }

  /** The section of a project's changelog about its newest version. */
  changelogOf(directory: string): string {
    const [, newest = ''] = readFileSync(join(this.directory, directory, 'CHANGELOG.md'), 'utf8').split(/^(?=## )/m);
    return newest.trimEnd();
  }

  /** Makes the tarballs of the released packages, dependencies first. */
  pack(released: readonly Released[]): Tarball[] {
    const origin = originOf(this.#root);
    const directories = released.map(({ directory }) => directory);
    return this.#published().flatMap(directory => {
      if (!directories.includes(directory)) return [];
      const file = join(this.directory, directory, 'package.json');
      const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
      const repository = origin && { type: 'git', url: origin, directory };
      writeFileSync(file, `${JSON.stringify({ ...manifest, repository }, undefined, 2)}\n`);
      const [packed] = JSON.parse(this.run('npm', 'pack', `./${directory}`, '--ignore-scripts', '--json')) as [Tarball];
      return packed;
    });
  }

  /** All projects with a version, by directory. */
  get projects(): Map<string, Manifest> {
    const files = globSync('{packages,apps}/*/package.json', { cwd: this.directory }).sort();
    const read = (file: string) => JSON.parse(readFileSync(join(this.directory, file), 'utf8')) as Manifest;
    return new Map(files.map(file => [file.replace('/package.json', ''), read(file)]));
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }

  /** The chart has the version of the executable. */
  #versionChart(): void {
    const file = join(this.directory, 'deploy/chart/Chart.yaml');
    const version = this.projects.get('apps/veth')!.version;
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/^(version|appVersion): .*$/gm, `$1: ${version}`));
  }

  #published(): string[] {
    const open = new Map([...this.projects].filter(([, manifest]) => !manifest.private));
    const order: string[] = [];
    while (open.size > 0) {
      const names = [...open.values()].map(({ name }) => name);
      const [directory] =
        [...open].find(([, { dependencies = {} }]) => !names.some(name => name in dependencies)) ?? [];
      if (!directory) throw new Error(`packages that stand on each other: ${names.join(', ')}`);
      order.push(directory);
      open.delete(directory);
    }
    return order;
  }

  #commit(...args: readonly string[]): void {
    const author = { name: 'Spider release', email: 'release@localhost' };
    this.run('git', '-c', `user.name=${author.name}`, '-c', `user.email=${author.email}`, ...args);
  }

  #spawn(program: string, args: readonly string[], env: Readonly<Record<string, string>>): string {
    const options = { cwd: this.directory, encoding: 'utf8', env: { ...process.env, ...env } } as const;
    const { status, error, stdout, stderr } = spawnSync(program, args, options);
    if (error) throw error;
    if (status !== 0) throw new Error(`${program} ${args.join(' ')} exited with ${status}\n${stdout}${stderr}`);
    return stdout;
  }
}

/** Makes packages find each other's sources in the clone, and packages from npm in the root. */
function linkWorkspace(from: string, to: string): void {
  mkdirSync(to);
  // Links among the workspace's projects are relative.
  for (const entry of readdirSync(from).filter(entry => lstatSync(join(from, entry)).isSymbolicLink()))
    cpSync(join(from, entry), join(to, entry), { recursive: true, verbatimSymlinks: true });
  cpSync(join(from, '@spider'), join(to, '@spider'), { recursive: true, verbatimSymlinks: true });
  // Copied, because it becomes part of the executable, whose paths must be the same in every build.
  cpSync(join(from, 'ipaddr.js'), join(to, 'ipaddr.js'), { recursive: true });
  // In a new workspace it does not exist yet.
  mkdirSync(join(from, '.cache'), { recursive: true });
  for (const shared of ['.bin', '.cache']) symlinkSync(join(from, shared), join(to, shared));
}

/** Description of a package by `npm pack --json`. */
export interface Tarball {
  readonly id: string;
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}
