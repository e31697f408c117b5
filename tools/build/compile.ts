// Compiles a program and the Bun runtime into one file.
import { spawnSync } from 'node:child_process';
import { basename, dirname, resolve } from 'node:path';
import { align } from './align.ts';

/** The runtime of another platform: what Bun calls it, and its executable. */
export interface Target {
  readonly name: string;
  readonly runtime: string;
}

// Each flag was measured or guards the process at start-up.
const flags = [
  '--compile',
  '--minify',
  // No parsing at start-up.
  '--bytecode',
  '--format=esm',
  // What is imported when it is used is loaded when it is used.
  '--splitting',
  // Compiles later: a run this short gains nothing from it, and starts fewer helper threads.
  '--compile-jit-policy=1000',
  // A bunfig.toml or .env in the working directory must not run code as root.
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  '--conditions=@spider/source',
];

/** Compiles for this machine, or for `target`. With `metafile`, that file will tell what went into it. */
export function compile(
  source: string,
  outfile: string,
  { target, metafile }: { readonly target?: Target; readonly metafile?: string } = {},
): void {
  const args = ['build', basename(source), ...flags, `--outfile=${resolve(outfile)}`];
  if (target) args.push(`--target=bun-${target.name}`, `--compile-executable-path=${target.runtime}`);
  if (metafile) args.push(`--metafile=${metafile}`);
  // The parts are named by what is in them and by where they are from here: the same wherever the sources lie.
  const { status, error } = spawnSync('bun', args, { cwd: dirname(source), stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
  align(outfile);
}
