import type { CmdArgs, Environment } from '../environment.ts';
import { CNIError, ErrorCode, messageOf } from '../error.ts';
import { isObject, parseJSON } from '../json.ts';
import type { Logger } from '../log.ts';
import { readResult } from '../result/parse.ts';
import type { Result } from '../result/result.ts';
import type { RollbackStack } from '../rollback.ts';
import type { ExecRequest } from './exec.ts';
import { splitPath } from './find.ts';

/** Another plugin that handles a part of this request (SPEC section 4). Its errors are thrown unchanged. */
export interface Delegate {
  /**
   * Runs ADD of the plugin. If that fails, or if this ADD fails later, DEL of the plugin is run. So check first that the
   * interface does not exist: if ADD is repeated, that DEL would release the addresses of the first ADD.
   * @throws CNIError the plugin's error
   */
  add(): Promise<Result>;
  /**
   * Runs DEL: removes what its ADD created.
   * @throws CNIError the plugin's error
   */
  del(): Promise<void>;
  /**
   * Runs CHECK.
   * @throws CNIError what its ADD created is not as it should be
   */
  check(): Promise<void>;
  /**
   * Runs GC: removes what belongs to attachments that are no longer valid.
   * @throws CNIError the plugin's error
   */
  gc(): Promise<void>;
  /**
   * Runs STATUS.
   * @throws CNIError it could not handle an ADD now
   */
  status(): Promise<void>;
}

/** Finds and runs executables of plugins. */
export interface Exec {
  /**
   * Path of a plugin's executable in the first directory that contains it.
   * @throws Error no directory contains it
   */
  findInPath(type: string, directories: readonly string[]): string;
  /**
   * Runs the executable and returns its standard output.
   * @throws CNIError the plugin's error
   */
  execPlugin(path: string, request: ExecRequest): Promise<Uint8Array>;
}

/** The request that is delegated. */
export interface Delegator {
  readonly exec: Exec;
  readonly env: Environment;
  readonly cmdArgs: CmdArgs;
  readonly cniVersion: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly rollback: RollbackStack;
  readonly stderr: (text: string) => void;
}

export function createDelegate(delegator: Delegator, type: string, conf?: object): Delegate {
  const { exec, cmdArgs, log, signal, rollback, cniVersion } = delegator;
  // The original bytes, because parsing and printing JSON would lose precision of integers above 2^53.
  const stdin = conf ? new TextEncoder().encode(JSON.stringify(conf)) : cmdArgs.stdinData;
  const run = async (command: string, abort?: AbortSignal) => {
    const path = find(exec, type, cmdArgs.path);
    const env = { ...present(delegator.env), CNI_COMMAND: command };
    const decoder = new TextDecoder();
    const stderr = (chunk: Uint8Array) => delegator.stderr(decoder.decode(chunk, { stream: true }));
    return exec.execPlugin(path, { stdin, env, signal: abort, stderr });
  };
  return {
    async add() {
      find(exec, type, cmdArgs.path);
      const adding = run('ADD', signal).then(stdout => delegatedResult(stdout, cniVersion));
      let undoing: Promise<unknown> | undefined;
      const undo = () => {
        // Runs once, after ADD has ended. It has no signal, so that it is not aborted together with the request.
        undoing ??= adding.then(ignore, ignore).then(() => run('DEL'));
        return undoing;
      };
      // Deferred before ADD has ended, because the request may end first.
      rollback.defer(undo);
      try {
        return await adding;
      } catch (error) {
        await undo().catch(second => log.warn(`DEL of ${type} after its failed ADD: ${messageOf(second)}`));
        throw error;
      }
    },
    del: () => run('DEL', signal).then(ignore),
    check: () => run('CHECK', signal).then(ignore),
    gc: () => run('GC', signal).then(ignore),
    status: () => run('STATUS', signal).then(ignore),
  };
}

function ignore(): void {}

/** CNI_PATH does not contain the plugin. */
export class MissingPlugin extends CNIError {}

function find(exec: Exec, type: string, path: string): string {
  try {
    return exec.findInPath(type, splitPath(path));
  } catch (error) {
    throw new MissingPlugin(ErrorCode.Internal, messageOf(error), { cause: error });
  }
}

function present(env: Environment): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/**
 * Reads the result that a plugin's ADD printed. A result without version is of `cniVersion`.
 * @throws CNIError code 6 or 999
 */
export function delegatedResult(stdout: Uint8Array, cniVersion: string): Result {
  let json: unknown;
  try {
    json = parseJSON(stdout) ?? {};
  } catch (error) {
    const why = stdout.length === 0 ? 'unexpected end of JSON input' : messageOf(error);
    throw new CNIError(ErrorCode.Internal, `failed to unmarshal raw result: ${why}`, { cause: error });
  }
  const version = isObject(json) && typeof json['cniVersion'] === 'string' ? json['cniVersion'] : '';
  return readResult(isObject(json) ? { ...json, cniVersion: version } : json, version || cniVersion);
}
