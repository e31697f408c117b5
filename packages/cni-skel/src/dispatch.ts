import * as commands from './commands.ts';
import { parseConf } from './conf.ts';
import type { PluginDefinition } from './definition.ts';
import type { Exec } from './delegate/delegate.ts';
import { findInPath } from './delegate/find.ts';
import { type Command, type Environment, missingVariables, readEnvironment } from './environment.ts';
import { CNIError, ErrorCode, messageOf } from './error.ts';
import type { Kind } from './handlers.ts';
import { interruptible } from './interrupt.ts';
import { createLogger, type Logger } from './log.ts';
import { logFields, type RequestFor } from './request.ts';
import type { WireResult } from './result/result.ts';
import { RollbackStack } from './rollback.ts';
import { allVersions, currentVersion, decodeVersion, requireSupported, requireSupportedBy } from './version.ts';

/** A request: what a runtime gives a plugin's process. */
export interface Invocation {
  readonly env: Environment;
  /** The network configuration, or how to read it: VERSION does not. */
  readonly stdin: string | Uint8Array | (() => Uint8Array);
  /** Takes standard output, in one piece. A result that it throws on is rolled back. Default: only the outcome. */
  readonly stdout?: (text: string) => void;
  /** Takes standard error as it comes. Default: only the outcome. */
  readonly stderr?: (text: string) => void;
  /** Runs delegated plugins; default {@link defaultExec}. */
  readonly exec?: Exec;
  /** Aborts the request; a reason that is a CNIError is the answer. */
  readonly signal?: AbortSignal | undefined;
}

/** An answer: what a runtime sees of the plugin's process. */
export interface Outcome {
  readonly exitCode: 0 | 1;
  readonly stdout: string;
  readonly stderr: string;
  /** What ADD printed. */
  readonly result?: WireResult;
  readonly error?: CNIError;
}

/** Finds and runs executables. The code that runs them is loaded only when it is used. */
export const defaultExec: Exec = {
  findInPath,
  execPlugin: async (path, request) => (await import('./delegate/exec.ts')).execPlugin(path, request),
};

/** Serves one request. Touches nothing global. */
export async function dispatch<Conf, Args, K extends Kind>(
  definition: PluginDefinition<Conf, Args, K>,
  invocation: Invocation,
): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  const writeError = (text: string) => {
    stderr += text;
    invocation.stderr?.(text);
  };
  const state: State = {
    cniVersion: currentVersion,
    rollback: new RollbackStack(),
    stderr: writeError,
    log: createLogger({}, [writeError], { plugin: definition.name }),
  };
  const fail = async (error: CNIError) => {
    await state.rollback.run(failure => state.log.error(`rollback: ${messageOf(failure)}`));
    return error;
  };
  const write = (what: string, text: string): CNIError | undefined => {
    try {
      invocation.stdout?.(text);
      stdout = text;
      return undefined;
    } catch (error) {
      writeError(`Error writing ${what} to stdout: ${messageOf(error)}\n`);
      return new CNIError(ErrorCode.IOFailure, messageOf(error), { cause: error });
    }
  };
  try {
    const answer = await serve(definition, invocation, state);
    if (!answer) return { exitCode: 0, stdout, stderr };
    const unwritten = write('result JSON', answer.text);
    if (unwritten) return { exitCode: 1, error: await fail(unwritten), stdout, stderr };
    return { exitCode: 0, stdout, stderr, ...(answer.result && { result: answer.result }) };
  } catch (thrown) {
    const error = await fail(CNIError.from(thrown));
    const { cniVersion } = state;
    write('error JSON', print({ cniVersion, ...error.toJSON() }));
    return { exitCode: 1, error, stdout, stderr };
  }
}

/** What must be known of a request even when it fails. */
interface State {
  cniVersion: string;
  readonly rollback: RollbackStack;
  readonly stderr: (text: string) => void;
  log: Logger;
}

/** Something to print on standard output. */
interface Answer {
  readonly text: string;
  readonly result?: WireResult;
}

async function serve<Conf, Args, K extends Kind>(
  definition: PluginDefinition<Conf, Args, K>,
  invocation: Invocation,
  state: State,
): Promise<Answer | undefined> {
  const { env, exec = defaultExec } = invocation;
  const { name, version, supportedVersions = allVersions, timeout } = definition;
  const parameters = readEnvironment(env);
  const { command } = parameters;
  if (command === '') {
    if (!name) throw missingVariables(['CNI_COMMAND']);
    state.stderr(`CNI plugin ${name} v${version}\nCNI protocol versions supported: ${supportedVersions.join(', ')}\n`);
    return undefined;
  }
  if (command === 'VERSION') return { text: `${JSON.stringify({ cniVersion: currentVersion, supportedVersions })}\n` };

  const cmdArgs = { ...parameters, stdinData: readStdin(invocation.stdin) };
  const json = parseConf(cmdArgs.stdinData);
  if (!isServed(command)) throw new CNIError(ErrorCode.InvalidEnvironmentVariables, `unknown CNI_COMMAND: ${command}`);
  const cniVersion = decodeVersion(json);
  state.cniVersion = cniVersion;
  if (command === 'ADD' || command === 'DEL') requireSupported(cniVersion, supportedVersions);
  else requireSupportedBy(command, cniVersion, supportedVersions);
  state.log = createLogger({}, [state.stderr], logFields(name, cmdArgs));

  const result = await interruptible({ what: command, timeout, signal: invocation.signal }, signal => {
    const request = Object.assign(state, { definition, cmdArgs, env, json, cniVersion, signal, exec });
    return serveCommand[command](request);
  });
  return result ? { text: print(result), result } : undefined;
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

function print(json: object): string {
  return `${JSON.stringify(json, undefined, 4)}\n`;
}
