import * as commands from './commands.ts';
import { parseConf } from './conf.ts';
import type { PluginDefinition } from './definition.ts';
import type { Exec } from './delegate/delegate.ts';
import { execPlugin } from './delegate/exec.ts';
import { findInPath } from './delegate/find.ts';
import { type Command, type Environment, readEnvironment } from './environment.ts';
import { CNIError, ErrorCode, messageOf } from './error.ts';
import type { Kind } from './handlers.ts';
import { interruptible } from './interrupt.ts';
import { Log } from './log.ts';
import { Output, print } from './output.ts';
import type { Request, RequestFor } from './request.ts';
import type { WireResult } from './result/result.ts';
import { RollbackStack } from './rollback.ts';
import { nodeSystem, type System } from './system.ts';
import { allVersions, currentVersion, decodeVersion, requireSupported, requireSupportedBy } from './version.ts';

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
export const defaultExec: Exec = { findInPath, execPlugin };

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
    const { text, result } = await serve(definition, invocation, session);
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

/** What outlives a request's failure. */
interface Session extends Pick<Request, 'rollback' | 'log' | 'stderr'> {
  /** The configuration's, once it is known. */
  cniVersion: string;
}

/** What a request is answered with. */
interface Answer {
  readonly text?: string;
  readonly result?: WireResult;
}

async function serve<Conf, Args, K extends Kind>(
  definition: PluginDefinition<Conf, Args, K>,
  { env, stdin, exec = defaultExec, system = nodeSystem, signal }: Invocation,
  session: Session,
): Promise<Answer> {
  const { supportedVersions = allVersions, timeout } = definition;
  const parameters = readEnvironment(env);
  const { command } = parameters;
  if (command === '') {
    session.stderr(`${aboutOf(definition)}\n`);
    return {};
  }
  if (command === 'VERSION') return { text: `${JSON.stringify({ cniVersion: currentVersion, supportedVersions })}\n` };

  const cmdArgs = { ...parameters, stdinData: readStdin(stdin) };
  const json = parseConf(cmdArgs.stdinData);
  if (!isServed(command)) throw new CNIError(ErrorCode.InvalidEnvironmentVariables, `unknown CNI_COMMAND: ${command}`);
  session.cniVersion = decodeVersion(json);
  if (command === 'ADD' || command === 'DEL') requireSupported(session.cniVersion, supportedVersions);
  else requireSupportedBy(command, session.cniVersion, supportedVersions);

  const result = await interruptible({ what: command, timeout, signal }, signal =>
    serveCommand[command]({ ...session, definition, cmdArgs, env, json, signal, exec, system }),
  );
  return result ? { text: print(result), result } : {};
}

/** What a plugin says of itself where it is called without a command. */
export function aboutOf<Conf, Args, K extends Kind>(definition: PluginDefinition<Conf, Args, K>): string {
  const { name, version, supportedVersions = allVersions } = definition;
  return `CNI plugin ${name} v${version}\nCNI protocol versions supported: ${supportedVersions.join(', ')}`;
}

type ServeCommand = <Conf, Args, K extends Kind>(request: RequestFor<Conf, Args, K>) => Promise<WireResult | undefined>;

const serveCommand = {
  ADD: commands.add,
  DEL: commands.del,
  CHECK: commands.check,
  GC: commands.gc,
  STATUS: commands.status,
} as Record<Exclude<Command, 'VERSION'>, ServeCommand>;

function isServed(command: string): command is keyof typeof serveCommand {
  return Object.hasOwn(serveCommand, command);
}

function readStdin(stdin: Invocation['stdin']): Uint8Array {
  if (typeof stdin === 'string') return new TextEncoder().encode(stdin);
  if (typeof stdin !== 'function') return stdin;
  try {
    return stdin();
  } catch (error) {
    throw new CNIError(ErrorCode.IOFailure, `error reading from stdin: ${messageOf(error)}`, { cause: error });
  }
}

function logFields(plugin: string, { CNI_COMMAND, CNI_CONTAINERID, CNI_IFNAME }: Environment): object {
  return { plugin, command: CNI_COMMAND, containerID: CNI_CONTAINERID, ifName: CNI_IFNAME };
}

function withDetails(error: CNIError, details: string | undefined): CNIError {
  if (error.details !== undefined || details === undefined) return error;
  return new CNIError(error.code, error.msg, { details, cause: error });
}
