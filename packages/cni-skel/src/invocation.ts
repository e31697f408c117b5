import type { Exec } from './delegate/delegate.ts';
import type { Environment } from './environment.ts';
import type { CNIError } from './error.ts';
import type { WireResult } from './result/result.ts';
import type { System } from './system.ts';

/** A request, as a runtime passes it to the plugin's process. */
export interface Invocation {
  /** The `CNI_*` variables, and the environment that delegated plugins inherit. */
  readonly env: Environment;
  /** The network configuration, or a function that reads it, which VERSION does not call. */
  readonly stdin: string | Uint8Array | (() => Uint8Array);
  /**
   * Receives standard output in one piece. If it throws, ADD is rolled back. By default standard output is only in the
   * outcome.
   */
  readonly stdout?: (text: string) => void;
  /** Receives standard error as it is written. By default standard error is only in the outcome. */
  readonly stderr?: (text: string) => void;
  /** Finds and runs delegated plugins; default {@link defaultExec}. */
  readonly exec?: Exec;
  /** The system calls to use; default `nodeSystem`. */
  readonly system?: System;
  /**
   * Aborts the request. The handler has 2 s to end by itself. If the reason is a CNIError, the request is answered with
   * it at once.
   */
  readonly signal?: AbortSignal | undefined;
}

/** An answer, as the plugin's process returns it to the runtime. */
export interface Outcome {
  /** 0 for success, 1 for any error. */
  readonly exitCode: 0 | 1;
  /** One JSON value, or nothing. */
  readonly stdout: string;
  /** The log, and standard error of delegated plugins. */
  readonly stderr: string;
  /** The result that ADD printed. */
  readonly result?: WireResult;
  /** The error, if the request failed. */
  readonly error?: CNIError;
}
