// Compiles a program and the Bun runtime into one file.
import { spawnSync } from 'node:child_process';
import { basename, dirname, resolve } from 'node:path';
import { align } from './align.ts';

/** The runtime of another platform: its name in Bun, and its executable. */
export interface Target {
  readonly name: string;
  readonly runtime: string;
}

// Each flag makes start-up measurably faster, or protects the process at start-up.
const flags = [
  '--compile',
  '--minify',
  // Avoids parsing at start-up.
  '--bytecode',
  '--format=esm',
  // Dynamic imports are loaded on use.
  '--splitting',
  // Delays JIT compilation: such short runs do not benefit from it, and start fewer helper threads without it.
  '--compile-jit-policy=1000',
  // A bunfig.toml or .env in the working directory must not run code as root.
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  '--conditions=@spider/source',
];

/** Compiles for this machine, or for `target`. Writes a description of the bundle to `metafile`, if given. */
export function compile(
  source: string,
  outfile: string,
  { target, metafile }: { readonly target?: Target; readonly metafile?: string } = {},
): void {
  const args = ['build', basename(source), ...flags, `--outfile=${resolve(outfile)}`];
  if (target) args.push(`--target=bun-${target.name}`, `--compile-executable-path=${target.runtime}`);
  if (metafile) args.push(`--metafile=${metafile}`);
  // Names of chunks depend on their contents and on paths relative to the working directory, so that they are the same
  // wherever the sources are.
  const { status, error } = spawnSync('bun', args, { cwd: dirname(source), stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
  align(outfile);
}
