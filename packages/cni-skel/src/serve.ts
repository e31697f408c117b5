// Handles all commands except VERSION. It is loaded when the first such command arrives, so that importing the package is
// fast.
import * as commands from './commands.ts';
import { parseConf } from './conf.ts';
import type { PluginDefinition } from './definition.ts';
import type { Exec } from './delegate/delegate.ts';
import type { CmdArgs, Command } from './environment.ts';
import { CNIError, ErrorCode, messageOf } from './error.ts';
import type { Kind } from './handlers.ts';
import { interruptible } from './interrupt.ts';
import type { Invocation } from './invocation.ts';
import type { Request, RequestFor } from './request.ts';
import type { WireResult } from './result/result.ts';
import type { System } from './system.ts';
import { allVersions, decodeVersion, requireSupported, requireSupportedBy } from './version.ts';

export { execPlugin } from './delegate/exec.ts';

/** The part of a request that is needed after it has failed. */
export interface Session extends Pick<Request, 'rollback' | 'log' | 'stderr'> {
  /** The configuration's version, once it is known. */
  cniVersion: string;
}

/** A request before its configuration is read. */
interface Arrival extends Pick<Invocation, 'env' | 'stdin' | 'signal'> {
  readonly parameters: Omit<CmdArgs, 'stdinData'>;
  readonly exec: Exec;
  readonly system: System;
}

/** Runs the checks that the SPEC requires, and then the request's handler. */
export async function serve<Conf, Args, K extends Kind>(
  definition: PluginDefinition<Conf, Args, K>,
  { parameters, env, stdin, exec, system, signal }: Arrival,
  session: Session,
): Promise<WireResult | undefined> {
  const { supportedVersions = allVersions, timeout } = definition;
  const { command } = parameters;
  const cmdArgs = { ...parameters, stdinData: readStdin(stdin) };
  const json = parseConf(cmdArgs.stdinData);
  if (!isServed(command)) throw new CNIError(ErrorCode.InvalidEnvironmentVariables, `unknown CNI_COMMAND: ${command}`);
  session.cniVersion = decodeVersion(json);
  if (command === 'ADD' || command === 'DEL') requireSupported(session.cniVersion, supportedVersions);
  else requireSupportedBy(command, session.cniVersion, supportedVersions);

  return interruptible({ what: command, timeout, signal }, signal =>
    serveCommand[command]({ ...session, definition, cmdArgs, env, json, signal, exec, system }),
  );
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
