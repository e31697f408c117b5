import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { messageOf } from '../../error.ts';
import type { Plugin } from '../../plugin.ts';
import { allVersions, type CNIVersion } from '../../version.ts';
import { decodeVersionInfo } from '../version-info.ts';

/** A plugin under test: one of this package, run in this process, or the path of any executable. */
export type Subject = Plugin | string;

export interface Answer {
  /** The command of the request. */
  readonly command: string;
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One run of a plugin. */
export interface Question {
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  /** Standard output is a full device. */
  readonly full?: boolean | undefined;
  /** A program and its arguments that run an executable. */
  readonly prefix?: readonly string[] | undefined;
}

/** Runs a plugin once. */
export async function ask(subject: Subject, { env, stdin, full, prefix = [] }: Question): Promise<Answer> {
  const command = env['CNI_COMMAND'] ?? '';
  if (typeof subject !== 'string')
    return { command, ...(await subject.invoke({ env, stdin, ...(full && { stdout: refuse }) })) };
  const [program = '', ...args] = [...prefix, subject];
  const stdout = full ? openSync('/dev/full', 'w') : 'pipe';
  try {
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['pipe', stdout, 'pipe'] });
    return { command, ...(await answerOf(child, stdin)) };
  } finally {
    if (typeof stdout === 'number') closeSync(stdout);
  }
}

function answerOf(child: ChildProcess, stdin: string): Promise<Omit<Answer, 'command'>> {
  return new Promise((resolve, reject) => {
    const answer = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]?.setEncoding('utf8').on('data', text => {
        answer[stream] += text;
      });
    }
    child.stdin?.on('error', () => {});
    child.stdin?.end(stdin);
    child.on('error', reject);
    child.on('close', exitCode => resolve({ ...answer, exitCode }));
  });
}

function refuse(): never {
  throw new Error('ENOSPC: no space left on device');
}

/**
 * The existing versions that a plugin supports.
 * @throws Error the executable does not answer VERSION
 */
export function versionsOf(subject: Subject): readonly CNIVersion[] {
  if (typeof subject !== 'string') return subject.supportedVersions;
  try {
    const { stdout, error } = spawnSync(subject, { env: { ...process.env, CNI_COMMAND: 'VERSION' } });
    if (error) throw error;
    const supported = decodeVersionInfo(stdout);
    return allVersions.filter(version => supported.includes(version));
  } catch (error) {
    throw new Error(`VERSION of ${subject}: ${messageOf(error)}`, { cause: error });
  }
}
