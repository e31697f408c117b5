import { spawn, spawnSync } from 'node:child_process';
import type { Plugin } from '../../plugin.ts';
import { allVersions, type CNIVersion } from '../../version.ts';
import { decodeVersionInfo } from '../version-info.ts';

/** A plugin under test: one of ours in this process, or the path of any executable. */
export type Subject = Plugin | string;

export interface Answer {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a plugin once.
 * @param stdin undefined leaves standard input open, which only a plugin that does not read it survives
 * @param prefix a program and its arguments that run an executable
 */
export function ask(
  subject: Subject,
  env: Readonly<Record<string, string>>,
  stdin: string | undefined,
  prefix: readonly string[] = [],
): Promise<Answer> {
  if (typeof subject !== 'string') return subject.invoke({ env, stdin: stdin ?? refuseToRead });
  const [program = '', ...args] = [...prefix, subject];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...env } });
    const answer = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', text => {
        answer[stream] += text;
      });
    }
    child.stdin.on('error', () => {});
    if (stdin !== undefined) child.stdin.end(stdin);
    child.on('error', reject);
    child.on('close', exitCode => resolve({ ...answer, exitCode }));
  });
}

function refuseToRead(): never {
  throw new Error('standard input was read');
}

/** The versions that a plugin supports, of those that there are. */
export function versionsOf(subject: Subject): readonly CNIVersion[] {
  if (typeof subject !== 'string') return subject.supportedVersions;
  const { stdout } = spawnSync(subject, { env: { ...process.env, CNI_COMMAND: 'VERSION' } });
  const supported = decodeVersionInfo(stdout);
  return allVersions.filter(version => supported.includes(version));
}
