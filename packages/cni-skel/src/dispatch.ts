import type { PluginDefinition } from './definition.ts';
import type { Exec } from './delegate/delegate.ts';
import { findInPath } from './delegate/find.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { CNIError, messageOf } from './error.ts';
import type { Kind } from './handlers.ts';
import { Log } from './log.ts';
import { Output, print } from './output.ts';
import type { WireResult } from './result/result.ts';
import { RollbackStack } from './rollback.ts';
import type { Session } from './serve.ts';
import { nodeSystem, type System } from './system.ts';
import { allVersions, currentVersion } from './version.ts';

/** A request: what a runtime gives a plugin's process. */
export interface Invocation {
  /** The `CNI_*` variables, and what delegated plugins are to inherit. */
  readonly env: Environment;
  /** The network configuration, or how to read it: VERSION does not. */
  readonly stdin: string | Uint8Array | (() => Uint8Array);
  /** Takes standard output, in one piece. A result that it throws on is rolled back. Default: only the outcome. */
  readonly stdout?: (text: string) => void;
  /** Takes standard error as it comes. Default: only the outcome. */
  readonly stderr?: (text: string) => void;
  /** Runs delegated plugins; default {@link defaultExec}. */
  readonly exec?: Exec;
  /** What the request asks of the operating system; by default by node:fs. */
  readonly system?: System;
  /** Aborts the request. The handler gets 2 s to end by itself; a reason that is a CNIError is answered with at once. */
  readonly signal?: AbortSignal | undefined;
}

/** An answer: what a runtime sees of the plugin's process. */
export interface Outcome {
  /** 0 for success, 1 for an error of whatever code. */
  readonly exitCode: 0 | 1;
  /** One JSON value, or nothing. */
  readonly stdout: string;
  /** The log, and what delegated plugins said. */
  readonly stderr: string;
  /** What ADD printed. */
  readonly result?: WireResult;
  /** Why the request failed. */
  readonly error?: CNIError;
}

/** Finds and runs executables. */
export const defaultExec: Exec = {
  findInPath,
  execPlugin: async (path, request) => (await import('#serve')).execPlugin(path, request),
};

/** Serves one request. Touches nothing global. */
export async function dispatch<Conf, Args, K extends Kind>(
  definition: PluginDefinition<Conf, Args, K>,
  invocation: Invocation,
): Promise<Outcome> {
  const output = new Output(invocation);
  const log = new Log(output.writeStderr, logFields(definition.name, invocation.env));
  const rollback = new RollbackStack();
  const session: Session = { cniVersion: currentVersion, rollback, log, stderr: output.writeStderr };
  try {
    const { text, result } = await answer(definition, invocation, session);
    if (text) output.writeAnswer(text);
    await log.close();
    return { exitCode: 0, stdout: output.stdout, stderr: output.stderr, ...(result && { result }) };
  } catch (thrown) {
    await rollback.run(failure => log.error(`rollback: ${messageOf(failure)}`));
    const error = withDetails(CNIError.from(thrown), log.recent());
    log.failed(error);
    output.writeError(error, session.cniVersion);
    await log.close();
    return { exitCode: 1, stdout: output.stdout, stderr: output.stderr, error };
  }
}

/** What a request is answered with. */
interface Answer {
  readonly text?: string;
  readonly result?: WireResult;
}

async function answer<Conf, Args, K extends Kind>(
  definition: PluginDefinition<Conf, Args, K>,
  { env, stdin, exec = defaultExec, system = nodeSystem, signal }: Invocation,
  session: Session,
): Promise<Answer> {
  const { supportedVersions = allVersions } = definition;
  const parameters = readEnvironment(env);
  const { command } = parameters;
  if (command === '') {
    session.stderr(`${aboutOf(definition)}\n`);
    return {};
  }
  if (command === 'VERSION') return { text: `${JSON.stringify({ cniVersion: currentVersion, supportedVersions })}\n` };

  const { serve } = await import('#serve');
  const result = await serve(definition, { parameters, env, stdin, exec, system, signal }, session);
  return result ? { text: print(result), result } : {};
}

/** What a plugin says of itself where it is called without a command. */
export function aboutOf<Conf, Args, K extends Kind>(definition: PluginDefinition<Conf, Args, K>): string {
  const { name, version, supportedVersions = allVersions } = definition;
  return `CNI plugin ${name} v${version}\nCNI protocol versions supported: ${supportedVersions.join(', ')}`;
}

function logFields(plugin: string, { CNI_COMMAND, CNI_CONTAINERID, CNI_IFNAME }: Environment): object {
  return { plugin, command: CNI_COMMAND, containerID: CNI_CONTAINERID, ifName: CNI_IFNAME };
}

function withDetails(error: CNIError, details: string | undefined): CNIError {
  if (error.details !== undefined || details === undefined) return error;
  return new CNIError(error.code, error.msg, { details, cause: error });
}
