import { type CNIError, messageOf } from './error.ts';
import { fs } from './fs.ts';
import { type LogSocket, openLogSocket } from './log-socket.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const;
/** How much an event matters, from the least. */
export type Level = (typeof levels)[number];

/**
 * Writes events to the plugin's log, one line of JSON each: `time` (ISO 8601, UTC), `level`, `msg`, `plugin`, `command`,
 * `containerID`, `ifName` and the event's fields.
 */
export interface Logger {
  /** What only the author wants to know; dropped unless the level is "debug". */
  debug(msg: string, fields?: object): void;
  /** What was done. */
  info(msg: string, fields?: object): void;
  /** What an operator should look at, though the request goes on. */
  warn(msg: string, fields?: object): void;
  /** What made, or will make, the request fail. */
  error(msg: string, fields?: object): void;
  /** A logger that adds `fields` to every event. */
  child(fields: object): Logger;
}

/** Where log lines go beside standard error, which runtimes drop exactly when ADD fails. */
export interface LogOptions {
  /** Least level that is written; default "info". */
  readonly level?: Level | undefined;
  /** A file to append to. It is made if it does not exist; its directory is not. */
  readonly file?: string | undefined;
  /**
   * Path of a Unix stream socket, as log collectors listen on. What is not read of it within 0.5 s of the answer is lost.
   */
  readonly socket?: string | undefined;
}

/** How many of the last events an error carries. */
const maxRecent = 5;

/** The log of one request. Written synchronously but for the socket: nothing is lost when the process ends. */
export class Log implements Logger {
  readonly #stderr: (line: string) => void;
  readonly #fields: object;
  readonly #recent: string[] = [];
  #level: Level = 'info';
  #file: string | undefined;
  #socket: LogSocket | undefined;

  constructor(stderr: (line: string) => void, fields: object) {
    this.#stderr = stderr;
    this.#fields = fields;
  }

  /** Goes on as the configuration says, once it is known. */
  open({ level = 'info', file, socket }: LogOptions): void {
    this.#level = level;
    this.#file = file;
    if (socket !== undefined) this.#socket = openLogSocket(socket, problem => this.#complain(problem));
  }

  /** Waits, not for long, until what was written has arrived. */
  async close(): Promise<void> {
    await this.#socket?.close();
  }

  debug(msg: string, fields?: object): void {
    this.#write('debug', msg, fields);
  }

  info(msg: string, fields?: object): void {
    this.#write('info', msg, fields);
  }

  warn(msg: string, fields?: object): void {
    this.#write('warn', msg, fields);
  }

  error(msg: string, fields?: object): void {
    this.#write('error', msg, fields);
  }

  child(fields: object): Logger {
    const at = (level: Level) => (msg: string, more?: object) => this.#write(level, msg, { ...fields, ...more });
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: more => this.child({ ...fields, ...more }),
    };
  }

  /** Notes the error that the request is answered with: not on standard error, for the runtime shows it itself. */
  failed(error: CNIError): void {
    this.#append(this.#line('error', error.message, { code: error.code }));
  }

  /** The last events in short, or undefined where there was none. */
  recent(): string | undefined {
    return this.#recent.length > 0 ? `log: ${this.#recent.join(' | ')}` : undefined;
  }

  #write(level: Level, msg: string, fields: object | undefined): void {
    if (levels.indexOf(level) < levels.indexOf(this.#level)) return;
    const line = this.#line(level, msg, fields);
    this.#stderr(line);
    this.#append(line);
    this.#recent.push(`${level}: ${msg}`);
    if (this.#recent.length > maxRecent) this.#recent.shift();
  }

  #append(line: string): void {
    this.#socket?.write(line);
    if (this.#file === undefined) return;
    try {
      append(this.#file, line);
    } catch (error) {
      this.#file = undefined;
      this.#complain(messageOf(error));
    }
  }

  /** A log that cannot be written is no reason to fail. */
  #complain(problem: string): void {
    this.#stderr(this.#line('warn', `cannot write the log: ${problem}`));
  }

  #line(level: Level, msg: string, fields?: object): string {
    // First in the line, and no field takes their place.
    const event = { time: new Date().toISOString(), level, msg };
    try {
      return `${JSON.stringify({ ...event, ...this.#fields, ...fields, ...event }, printable)}\n`;
    } catch (error) {
      return `${JSON.stringify({ ...event, ...this.#fields, fields: messageOf(error) })}\n`;
    }
  }
}

/** Errors and big integers have no JSON of their own. */
function printable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Error ? value.message : value;
}

function append(file: string, line: string): void {
  const { openSync, appendFileSync, closeSync, constants } = fs();
  // A pipe that nobody reads is an error with O_NONBLOCK, and not waited for (open(2)).
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
  const fd = openSync(file, flags, 0o640);
  try {
    appendFileSync(fd, line);
  } finally {
    closeSync(fd);
  }
}
