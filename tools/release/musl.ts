// Provides what an executable for musl needs: musl's loader, which Debian has a package of, and libstdc++, of which Debian
// has only an archive for glibc. The few parts of it that Bun uses are linked against musl here.
import { execFileSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Path of the loader on every system with musl. */
export const loader = '/lib/ld-musl-x86_64.so.1';

// Symbols that the archive needs from glibc and that musl does not have. An empty constant means "not single-threaded".
// Functions that only C++ exceptions need are replaced by one that ends the process.
const substitutes = {
  __libc_single_threaded: '_ZSt7nothrow',
  _dl_find_object: '_ZSt9terminatev',
  arc4random: '_ZSt9terminatev',
};

/** Creates a root directory in which an executable for musl can run. */
export function createMuslRoot(directory: string, executable: string): void {
  for (const part of ['lib', 'bin', 'proc']) mkdirSync(join(directory, part), { recursive: true });
  copyFileSync(loader, join(directory, loader));
  linkLibstdcxx(executable, join(directory, 'lib/libstdc++.so.6'));
}

/** Links a libstdc++.so.6 with everything that the executable uses of it. */
export function linkLibstdcxx(executable: string, file: string): void {
  const [gcc = ''] = globSync('/usr/lib/gcc/x86_64-linux-gnu/*/libstdc++.a').map(archive => join(archive, '..'));
  const wanted = cxxSymbols(executable).concat(Object.values(substitutes));
  execFileSync('ld', [
    '-shared',
    '-soname=libstdc++.so.6',
    `--output=${file}`,
    ...wanted.map(symbol => `--undefined=${symbol}`),
    ...['crtbeginS.o', 'libstdc++.a', 'libgcc_eh.a', 'libgcc.a', 'crtendS.o'].map(part => join(gcc, part)),
    ...Object.entries(substitutes).map(([name, substitute]) => `--defsym=${name}=${substitute}`),
  ]);
}

/** Symbols of C++ and its runtime that a program imports from libraries (U), or copies from them (B). */
function cxxSymbols(executable: string): string[] {
  const symbols = execFileSync('nm', ['--dynamic', '--format=posix', executable], { encoding: 'utf8' });
  return [...symbols.matchAll(/^((?:_Z|__cxa|__dynamic_cast|__once)\S*) [UB]/gm)].map(([, symbol = '']) => symbol);
}
