import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { CNIError, ErrorCode, messageOf } from '../error.ts';
import { isObject } from '../json.ts';

/** One run of a plugin. */
export interface ExecRequest {
  /** Standard input of the plugin. The plugin need not read it. */
  readonly stdin: Uint8Array;
  /** The plugin's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends the plugin and all processes that it started: SIGTERM, and SIGKILL 2 s later. */
  readonly signal?: AbortSignal | undefined;
  /** Receives what the plugin writes to standard error, as it arrives. */
  readonly stderr?: ((chunk: Uint8Array) => void) | undefined;
  /** A program and its arguments that run the plugin, such as `['nsenter', '--net=/run/netns/node']`. */
  readonly prefix?: readonly string[] | undefined;
}

/** Names of signals as Go and strsignal(3) give them, for those that end plugins. */
const signalNames: { readonly [signal in NodeJS.Signals]?: string } = {
  SIGABRT: 'aborted',
  SIGINT: 'interrupt',
  SIGKILL: 'killed',
  SIGPIPE: 'broken pipe',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
};

const attemptsWhileBusy = 6;
const pauseWhileBusy = 1000;
const killAfter = 2000;

/**
 * Runs a plugin and returns what it wrote to standard output.
 * @throws CNIError the plugin's own error; code 0 if it failed without one; code 11 if its executable is being written
 */
export async function execPlugin(path: string, request: ExecRequest): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(path, request);
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (attempt === attemptsWhileBusy) {
        throw new CNIError(ErrorCode.TryAgainLater, `plugin ${path} is being written`, { cause: error });
      }
    }
    await new Promise(resolve => setTimeout(resolve, pauseWhileBusy));
  }
}

async function runOnce(path: string, { stdin, env, signal, stderr, prefix = [] }: ExecRequest): Promise<Uint8Array> {
  const { spawn } = await import('node:child_process');
  signal?.throwIfAborted();
  const [program, ...args] = [...prefix, path];
  return new Promise((resolve, reject) => {
    // A process group of its own, so that processes that the plugin starts end with it.
    const child = spawn(program!, args, { env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const out = collect(child.stdout);
    const err = collect(child.stderr, stderr);
    const stop = terminator(child);
    signal?.addEventListener('abort', stop.terminate, { once: true });
    const settled = () => {
      signal?.removeEventListener('abort', stop.terminate);
      stop.clear();
    };
    child.on('error', error => {
      settled();
      reject(isBusy(error) ? error : failure('', '', `fork/exec ${path}: ${messageOf(error)}`, error));
    });
    child.on('close', (code, killedBy) => {
      settled();
      const stdout = Buffer.concat(out);
      if (code === 0) resolve(stdout);
      else {
        const how = killedBy ? `signal: ${signalNames[killedBy] ?? killedBy}` : `exit status ${code}`;
        reject(failure(stdout.toString(), Buffer.concat(err).toString(), how));
      }
    });
    // A plugin may end without reading its input, as it does for VERSION.
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
  });
}

function collect(stream: Readable, tee?: (chunk: Uint8Array) => void): Buffer[] {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    tee?.(chunk);
  });
  return chunks;
}

function terminator(child: ChildProcessByStdio<Writable, Readable, Readable>) {
  let timer: NodeJS.Timeout | undefined;
  const kill = (signal: NodeJS.Signals) => {
    try {
      if (child.pid) process.kill(-child.pid, signal);
    } catch {
      // The process has already ended.
    }
  };
  return {
    terminate: () => {
      kill('SIGTERM');
      timer = setTimeout(kill, killAfter, 'SIGKILL');
    },
    clear: () => clearTimeout(timer),
  };
}

/** The error of a plugin that failed: what it printed, unchanged, or a description of how it ended. */
function failure(stdout: string, stderr: string, how: string, cause?: unknown): CNIError {
  const unknown = (msg: string) => new CNIError(ErrorCode.Unknown, msg, { cause });
  if (stdout === '') {
    return unknown(
      stderr === ''
        ? `netplugin failed with no error message: ${how}`
        : `netplugin failed: ${JSON.stringify(stderr)}: ${how}`,
    );
  }
  try {
    const { code, msg, details } = readError(stdout);
    return msg === '' && code === 0
      ? unknown(`netplugin failed with no error message: ${how}`)
      : new CNIError(code, msg, { details });
  } catch (error) {
    return unknown(
      `netplugin failed but error parsing its diagnostic message ${JSON.stringify(stdout)}: ${messageOf(error)}`,
    );
  }
}

function readError(stdout: string): { code: number; msg: string; details: string } {
  const json: unknown = JSON.parse(stdout);
  if (!isObject(json)) throw new Error('it is not a JSON object');
  const { code = 0, msg = '', details = '' } = json;
  if (typeof code !== 'number' || typeof msg !== 'string' || typeof details !== 'string') {
    throw new Error('its members are not those of an error');
  }
  return { code, msg, details };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ETXTBSY';
}
