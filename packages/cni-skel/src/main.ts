import { CNIError, ErrorCode } from './error.ts';
import type { Invocation, Outcome } from './invocation.ts';
import { printError } from './output.ts';
import { readStdin, redirectStdout, writeAll, writeStderr } from './stdio.ts';
import type { System } from './system.ts';

/**
 * Handles the request that this process was started for, and ends the process. It does not return a promise: if a
 * top-level await waits for a promise that never settles, Bun spins, and `beforeExit` is not emitted.
 */
export function runProcess(invoke: (invocation: Invocation) => Promise<Outcome>, system: System): void {
  redirectStdout();
  const exit = process.exit.bind(process);
  let stdout = 1;
  const controller = new AbortController();
  let answered = false;
  // If anything ends the process before the outcome is known, the exit status is that of a failure.
  let status: Outcome['exitCode'] = 1;
  const invocation: Invocation = {
    env: process.env,
    stdin: () => {
      const stdin = readStdin(system);
      // Not earlier: while the process waits for standard input, a signal must end it.
      abortOnSignals(controller);
      answerOnCrash(controller, text => {
        process.exitCode = status;
        if (!answered) writeAll(stdout, text, system);
      });
      stdout = system.moveStdout?.() ?? stdout;
      return stdin;
    },
    stdout: text => {
      answered = true;
      writeAll(stdout, text, system);
    },
    stderr: text => writeStderr(text, system),
    system,
    signal: controller.signal,
  };
  void invoke(invocation).then(({ exitCode }) => {
    answered = true;
    status = exitCode;
    exit(exitCode);
  });
}

function abortOnSignals(controller: AbortController): void {
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => controller.abort(name));
}

/** Errors outside of the handler's promise must be answered and rolled back too. */
function answerOnCrash(controller: AbortController, answer: (text: string) => void): void {
  const ended = new CNIError(ErrorCode.Internal, 'the process was ended before it answered');
  const crash = (error: unknown) => controller.abort(CNIError.from(error));
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  process.on('beforeExit', () => crash(new Error('the handler waits for something that will never happen')));
  process.exit = () => {
    crash(ended);
    throw ended;
  };
  process.on('exit', () => answer(printError(ended)));
}
