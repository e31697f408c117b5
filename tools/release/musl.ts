// What an executable for musl needs beside itself: musl's loader, of which Debian has a package, and a libstdc++, of
// which Debian has only the archive made for glibc. The few parts of it that Bun uses are linked against musl here.
import { execFileSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Its name is the same in every system with musl. */
export const loader = '/lib/ld-musl-x86_64.so.1';

// What the archive takes from glibc and musl lacks. An empty constant stands for "not single-threaded", and what only a
// C++ exception would need ends the process.
const substitutes = {
  __libc_single_threaded: '_ZSt7nothrow',
  _dl_find_object: '_ZSt9terminatev',
  arc4random: '_ZSt9terminatev',
};

/** Makes a root directory in which an executable for musl can run. */
export function createMuslRoot(directory: string, executable: string): void {
  for (const part of ['lib', 'bin', 'proc']) mkdirSync(join(directory, part), { recursive: true });
  copyFileSync(loader, join(directory, loader));
  linkLibstdcxx(executable, join(directory, 'lib/libstdc++.so.6'));
}

/** Links a libstdc++.so.6 that has all that an executable takes from it. */
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

/** The symbols of C++ and its runtime that a program leaves to its libraries (U), or copies from them (B). */
function cxxSymbols(executable: string): string[] {
  const symbols = execFileSync('nm', ['--dynamic', '--format=posix', executable], { encoding: 'utf8' });
  return [...symbols.matchAll(/^((?:_Z|__cxa|__dynamic_cast|__once)\S*) [UB]/gm)].map(([, symbol = '']) => symbol);
}
