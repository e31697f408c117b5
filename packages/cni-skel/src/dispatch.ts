import type { PluginDefinition } from './definition.ts';
import type { Exec } from './delegate/delegate.ts';
import { findInPath } from './delegate/find.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { CNIError, messageOf } from './error.ts';
import type { Kind } from './handlers.ts';
import type { Invocation, Outcome } from './invocation.ts';
import { Log } from './log.ts';
import { Output, print } from './output.ts';
import type { WireResult } from './result/result.ts';
import { RollbackStack } from './rollback.ts';
import type { Session } from './serve.ts';
import { nodeSystem } from './system.ts';
import { allVersions, currentVersion } from './version.ts';

/** Finds executables in the file system and runs them as child processes. */
export const defaultExec: Exec = {
  findInPath,
  execPlugin: async (path, request) => (await import('#serve')).execPlugin(path, request),
};

/** Handles one request, without changing anything global. */
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
    const left: string[] = [];
    await rollback.run(failure => {
      left.push(`rollback: ${messageOf(failure)}`);
      log.error(left.at(-1)!);
    });
    const error = withDetails(CNIError.from(thrown), log.recent(), left);
    log.failed(error);
    output.writeError(error, session.cniVersion);
    await log.close();
    return { exitCode: 1, stdout: output.stdout, stderr: output.stderr, error };
  }
}

/** The answer to a request. */
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

/** What a plugin prints about itself if it is called without a command. */
export function aboutOf<Conf, Args, K extends Kind>(definition: PluginDefinition<Conf, Args, K>): string {
  const { name, version, supportedVersions = allVersions } = definition;
  return `CNI plugin ${name} v${version}\nCNI protocol versions supported: ${supportedVersions.join(', ')}`;
}

function logFields(plugin: string, { CNI_COMMAND, CNI_CONTAINERID, CNI_IFNAME }: Environment): object {
  return { plugin, command: CNI_COMMAND, containerID: CNI_CONTAINERID, ifName: CNI_IFNAME };
}

/**
 * Adds details to an error: its own and what could not be undone, or otherwise the recent log, which has the latter too.
 */
function withDetails(error: CNIError, logged: string | undefined, left: readonly string[]): CNIError {
  const details = error.details === undefined ? logged : [error.details, ...left].join('; ');
  return details === error.details ? error : new CNIError(error.code, error.msg, { details, cause: error });
}
