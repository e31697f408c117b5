import type { CmdArgs, Environment } from '../environment.ts';
import { CNIError, ErrorCode, messageOf } from '../error.ts';
import { isObject, parseJSON } from '../json.ts';
import type { Logger } from '../log.ts';
import { readResult } from '../result/parse.ts';
import type { Result } from '../result/result.ts';
import type { RollbackStack } from '../rollback.ts';
import type { ExecRequest } from './exec.ts';
import { splitPath } from './find.ts';

/** Another plugin that serves a part of this request (SPEC section 4). Its errors come through unchanged. */
export interface Delegate {
  /**
   * Its DEL is run if it fails, and by the rollback if this ADD fails later. So look first whether the interface is there:
   * where an ADD is repeated, that DEL would release the addresses of the first.
   */
  add(): Promise<Result>;
  /** Removes what its ADD made. */
  del(): Promise<void>;
  /** Throws unless what its ADD made is as it should be. */
  check(): Promise<void>;
  /** Has it remove what belongs to attachments that are no longer valid. */
  gc(): Promise<void>;
  /** Throws unless it could serve ADD now. */
  status(): Promise<void>;
}

/** Runs plugin executables. */
export interface Exec {
  /** The path of a plugin's executable, from the first directory that has it. @throws Error where none has */
  findInPath(type: string, directories: readonly string[]): string;
  /** Returns standard output. @throws CNIError the plugin's error */
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
  // Byte for byte: parsing and printing JSON would lose integers above 2^53.
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
        // Once; when ADD has ended; and not to be ended with the request that it cleans up after.
        undoing ??= adding.then(ignore, ignore).then(() => run('DEL'));
        return undoing;
      };
      // Before ADD has ended, for the request may end first.
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

/** A plugin is not in CNI_PATH. */
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

/** Reads what a plugin's ADD printed; a result that names no version is of the configuration's. @throws CNIError */
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
