import type { Exec } from './delegate/delegate.ts';
import type { Environment } from './environment.ts';
import type { CNIError } from './error.ts';
import type { WireResult } from './result/result.ts';
import type { System } from './system.ts';

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
