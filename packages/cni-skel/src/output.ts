import { CNIError, ErrorCode, messageOf } from './error.ts';
import { currentVersion } from './version.ts';

/** Destinations of a request's output. */
export interface Sinks {
  readonly stdout?: ((text: string) => void) | undefined;
  readonly stderr?: ((text: string) => void) | undefined;
}

/** The output of a request: in any case at most one JSON value on standard output. */
export class Output {
  private readonly sinks: Sinks;
  private answered = false;
  stdout = '';
  stderr = '';

  constructor(sinks: Sinks) {
    this.sinks = sinks;
  }

  readonly writeStderr = (text: string): void => {
    this.stderr += text;
    this.sinks.stderr?.(text);
  };

  /** @throws CNIError code 5 */
  writeAnswer(json: string): void {
    try {
      this.write(json);
    } catch (error) {
      throw new CNIError(ErrorCode.IOFailure, `error writing to stdout: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Prints an error, unless an answer has been started: the error would be a second JSON value. */
  writeError(error: CNIError, cniVersion: string): void {
    try {
      if (this.answered) throw error;
      this.write(printError(error, cniVersion));
    } catch (failure) {
      this.writeStderr(`Error writing error JSON to stdout: ${messageOf(failure)}\n`);
    }
  }

  private write(json: string): void {
    this.answered = true;
    this.sinks.stdout?.(json);
    this.stdout = json;
  }
}

/** A value for standard output, formatted like the reference implementation's output. */
export function print(json: object): string {
  return `${JSON.stringify(json, undefined, 4)}\n`;
}

/** An error for standard output (SPEC section 5, Error). */
export function printError(error: CNIError, cniVersion: string = currentVersion): string {
  return print({ cniVersion, ...error.toJSON() });
}
