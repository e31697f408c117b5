// Runs commands in the lab, as a reader would type them after `npm run lab`.
import { join } from 'node:path';
import type { PodKind } from '../lab/pods.ts';
import { runInSandbox } from '../sandbox.ts';

const program = join(import.meta.dirname, '../lab/shell.ts');
const separator = '\u241e';

/** Runs commands one after another in one lab, and returns the output of each. */
export function labShell(commands: readonly string[], pod: PodKind = 'one'): string[] {
  const input = commands.map(command => `${command} 2>&1; echo ${separator}`).join('\n');
  const { status, stdout, stderr } = runInSandbox(process.execPath, ['--conditions=@spider/source', program, pod], {
    stdio: 'pipe',
    input,
  });
  if (status !== 0) throw new Error(`exit status ${status} after:\n${stdout}${stderr}`);
  return `${stdout}`.split(`${separator}\n`).slice(0, commands.length);
}
