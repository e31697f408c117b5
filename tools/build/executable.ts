// node tools/build/executable.ts SOURCE OUTFILE
// Compiles a program and the Bun runtime into one file. Each flag was measured or guards the process at start-up:
//   --bytecode --format=esm        no parsing at start-up
//   --compile-jit-policy=10        compiles later: a run this short gains nothing from it, and starts fewer helper threads
//   --no-compile-autoload-*        a bunfig.toml or .env in the working directory must not run code as root
import { spawnSync } from 'node:child_process';

const [source, outfile] = process.argv.slice(2);
if (!source || !outfile) throw new Error('usage: executable.ts SOURCE OUTFILE');

const { status } = spawnSync(
  'bun',
  [
    'build',
    source,
    '--compile',
    '--minify',
    '--bytecode',
    '--format=esm',
    '--compile-jit-policy=10',
    '--no-compile-autoload-dotenv',
    '--no-compile-autoload-bunfig',
    '--conditions=@spider/source',
    `--outfile=${outfile}`,
  ],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
process.exit(status ?? 1);
