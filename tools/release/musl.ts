// Provides what an executable for musl needs: musl's loader, which Debian has a package of, and libstdc++, of which Debian
// has only an archive for glibc. The few parts of it that Bun uses are linked against musl here.
//
// Run as a program, this file fetches musl for the other architecture. That is done before the tests, whose sandboxes have
// no network.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, globSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

interface Architecture {
  /** Path of the loader on every system with musl. */
  readonly loader: string;
  /** Program that links for the architecture, and where GCC's archives for it are. */
  readonly ld: string;
  readonly gcc: string;
}

export const architectures = {
  x64: { loader: '/lib/ld-musl-x86_64.so.1', ld: 'ld', gcc: '/usr/lib/gcc/x86_64-linux-gnu/*' },
  arm64: {
    loader: '/lib/ld-musl-aarch64.so.1',
    ld: 'aarch64-linux-gnu-ld',
    gcc: '/usr/lib/gcc-cross/aarch64-linux-gnu/*',
  },
} as const satisfies Readonly<Record<string, Architecture>>;

// Symbols that the archives need from glibc and that musl does not have. An empty constant means "not single-threaded", and
// a function that returns 0 means a processor without features. Functions that only C++ exceptions need are replaced by one
// that ends the process.
const substitutes = {
  __libc_single_threaded: '_ZSt7nothrow',
  __getauxval: '_ZSt15get_new_handlerv',
  _dl_find_object: '_ZSt9terminatev',
  arc4random: '_ZSt9terminatev',
};

/**
 * Creates a root directory in which an executable for musl can run.
 * @param musl where musl's package is unpacked
 */
export function createMuslRoot(
  directory: string,
  executable: string,
  { loader, ...tools }: Architecture,
  musl = '/',
): void {
  for (const part of ['lib', 'bin', 'proc']) mkdirSync(join(directory, part), { recursive: true });
  copyFileSync(join(musl, loader), join(directory, loader));
  linkLibstdcxx(executable, join(directory, 'lib/libstdc++.so.6'), tools);
}

/** Links a libstdc++.so.6 with everything that the executable uses of it. */
export function linkLibstdcxx(executable: string, file: string, { ld, gcc }: Pick<Architecture, 'ld' | 'gcc'>): void {
  const [archives = ''] = globSync(`${gcc}/libstdc++.a`).map(archive => join(archive, '..'));
  const wanted = cxxSymbols(executable).concat(Object.values(substitutes));
  execFileSync(ld, [
    '-shared',
    '-soname=libstdc++.so.6',
    `--output=${file}`,
    ...wanted.map(symbol => `--undefined=${symbol}`),
    ...['crtbeginS.o', 'libstdc++.a', 'libgcc_eh.a', 'libgcc.a', 'crtendS.o'].map(part => join(archives, part)),
    ...Object.entries(substitutes).map(([name, substitute]) => `--defsym=${name}=${substitute}`),
  ]);
}

/** Symbols of C++ and its runtime that a program imports from libraries (U), or copies from them (B). */
function cxxSymbols(executable: string): string[] {
  const symbols = execFileSync('nm', ['--dynamic', '--format=posix', executable], { encoding: 'utf8' });
  return [...symbols.matchAll(/^((?:_Z|__cxa|__dynamic_cast|__once)\S*) [UB]/gm)].map(([, symbol = '']) => symbol);
}

/**
 * The directory with the files of Debian's musl for arm64. Its package lists are kept apart, so the machine's package manager
 * remains as it is.
 */
export function fetchMuslForArm64(): string {
  const directory = join(root, 'node_modules/.cache/debian/musl-arm64');
  const files = join(directory, 'files');
  if (existsSync(files)) return files;
  const parts = ['state/lists/partial', 'cache/archives/partial'];
  for (const part of parts) mkdirSync(join(directory, part), { recursive: true });
  const settings = {
    'APT::Architecture': 'arm64',
    'APT::Architectures': 'arm64',
    'APT::Sandbox::User': 'root',
    'Dir::State': join(directory, 'state'),
    'Dir::Cache': join(directory, 'cache'),
  };
  const options = Object.entries(settings).map(([name, value]) => `--option=${name}=${value}`);
  const run = (program: string, ...args: readonly string[]) =>
    execFileSync(program, args, { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
  run('apt-get', ...options, 'update');
  run('apt-get', ...options, 'download', 'musl');
  for (const archive of globSync('musl_*.deb', { cwd: directory })) run('dpkg-deb', '--extract', archive, files);
  return files;
}

if (import.meta.main) fetchMuslForArm64();
