// What both commands begin with: build veth, then run again in a sandbox, which takes everything with it when it ends.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { inSandbox, runInSandbox } from '../sandbox.ts';

export const root = join(import.meta.dirname, '../..');

/** Runs `main` in a sandbox, with veth built, and ends with its exit status. `program` is the file that calls this. */
export async function enter(program: string, main: () => Promise<number>): Promise<never> {
  try {
    if (inSandbox) {
      // The first process of a PID namespace is deaf to the signals that it does not handle.
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
  if (status !== 0) throw new Error(`${stdout}${stderr}veth could not be built: see above.`);
}

/** Says what happens now: on stderr, because stdout carries the outcome alone. */
export function progress(what: string): void {
  console.error(`» ${what}`);
}
