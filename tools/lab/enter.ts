// The start of both commands: builds veth, and runs the command again in a sandbox. When the sandbox ends, everything in
// it is removed.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { inSandbox, runInSandbox } from '../sandbox.ts';

export const root = join(import.meta.dirname, '../..');

/** Builds veth, runs `main` in a sandbox, and exits with its status. `program` is the file that calls this function. */
export async function enter(program: string, main: () => Promise<number>): Promise<never> {
  try {
    if (inSandbox) {
      // The first process of a PID namespace ignores signals that it does not handle.
      process.once('SIGINT', () => process.exit(130));
      process.exit(await main());
    }
    build();
    const args = [...process.execArgv, program, ...process.argv.slice(2)];
    process.exit(runInSandbox(process.execPath, args, { cwd: root }).status ?? 1);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}

function build(): void {
  progress('building veth');
  const { status, stdout, stderr, error } = spawnSync('nx', ['run', 'veth:build'], { cwd: root, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${stdout}${stderr}Building veth failed: see above.`);
}

/** Reports progress on stderr, because stdout has the result only. */
export function progress(what: string): void {
  console.error(`» ${what}`);
}
