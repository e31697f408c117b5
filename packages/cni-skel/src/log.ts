import { type CNIError, messageOf } from './error.ts';
import { fs } from './fs.ts';
import { type LogSocket, openLogSocket } from './log-socket.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const;
/** Importance of an event, in ascending order. */
export type Level = (typeof levels)[number];

/**
 * Writes events to the plugin's log, one line of JSON each, with `time` (ISO 8601, UTC), `level`, `msg`, `plugin`,
 * `command`, `containerID`, `ifName` and the fields of the event.
 */
export interface Logger {
  /** Information for the author of the plugin; dropped unless the level is "debug". */
  debug(msg: string, fields?: object): void;
  /** What the plugin did. */
  info(msg: string, fields?: object): void;
  /** A problem that an operator should look at, although the request continues. */
  warn(msg: string, fields?: object): void;
  /** A problem that makes the request fail. */
  error(msg: string, fields?: object): void;
  /** A logger that adds `fields` to every event. */
  child(fields: object): Logger;
}

/** Destinations of the log in addition to standard error, which runtimes drop when ADD fails. */
export interface LogOptions {
  /** Lowest level to write; default "info". */
  readonly level?: Level | undefined;
  /** A file to append to. It is created if it does not exist; its directory is not. */
  readonly file?: string | undefined;
  /**
   * Path of a Unix stream socket that a log collector listens on. Events that it has not read 0.5 s after the answer are
   * lost.
   */
  readonly socket?: string | undefined;
}

/** Number of recent events that an error carries. */
const maxRecent = 5;

/**
 * The log of one request. Standard error and the file are written synchronously, so that nothing is lost when the process
 * ends.
 */
export class Log implements Logger {
  private readonly stderr: (line: string) => void;
  private readonly fields: object;
  private readonly lines: string[] = [];
  private level: Level = 'info';
  private file: string | undefined;
  private socket: LogSocket | undefined;

  constructor(stderr: (line: string) => void, fields: object) {
    this.stderr = stderr;
    this.fields = fields;
  }

  /** Applies the options, once the configuration is known. */
  open({ level = 'info', file, socket }: LogOptions): void {
    this.level = level;
    this.file = file;
    if (socket !== undefined) this.socket = openLogSocket(socket, problem => this.complain(problem));
  }

  /** Waits until the socket's reader has received everything, or its time is over. */
  async close(): Promise<void> {
    await this.socket?.close();
  }

  debug(msg: string, fields?: object): void {
    this.write('debug', msg, fields);
  }

  info(msg: string, fields?: object): void {
    this.write('info', msg, fields);
  }

  warn(msg: string, fields?: object): void {
    this.write('warn', msg, fields);
  }

  error(msg: string, fields?: object): void {
    this.write('error', msg, fields);
  }

  child(fields: object): Logger {
    const at = (level: Level) => (msg: string, more?: object) => this.write(level, msg, { ...fields, ...more });
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: more => this.child({ ...fields, ...more }),
    };
  }

  /**
   * Logs the error that the request is answered with. It is not written to standard error, because the runtime shows the
   * answer.
   */
  failed(error: CNIError): void {
    this.append(this.line('error', error.message, { code: error.code }));
  }

  /** The recent events in short, or undefined if there are none. */
  recent(): string | undefined {
    return this.lines.length > 0 ? `log: ${this.lines.join(' | ')}` : undefined;
  }

  private write(level: Level, msg: string, fields: object | undefined): void {
    if (levels.indexOf(level) < levels.indexOf(this.level)) return;
    const line = this.line(level, msg, fields);
    this.stderr(line);
    this.append(line);
    this.lines.push(`${level}: ${msg}`);
    if (this.lines.length > maxRecent) this.lines.shift();
  }

  private append(line: string): void {
    this.socket?.write(line);
    if (this.file === undefined) return;
    try {
      append(this.file, line);
    } catch (error) {
      this.file = undefined;
      this.complain(messageOf(error));
    }
  }

  /** A log that cannot be written must not make the request fail. */
  private complain(problem: string): void {
    this.stderr(this.line('warn', `cannot write the log: ${problem}`));
  }

  private line(level: Level, msg: string, fields?: object): string {
    // These are first in the line, and no field can override them.
    const event = { time: new Date().toISOString(), level, msg };
    try {
      return `${JSON.stringify({ ...event, ...this.fields, ...fields, ...event }, printable)}\n`;
    } catch (error) {
      return `${JSON.stringify({ ...event, ...this.fields, fields: messageOf(error) })}\n`;
    }
  }
}

/** Errors and bigints have no useful JSON of their own. */
function printable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Error ? value.message : value;
}

function append(file: string, line: string): void {
  const { openSync, appendFileSync, closeSync, constants } = fs();
  // With O_NONBLOCK, opening a FIFO that has no reader fails instead of blocking (open(2)).
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
  const fd = openSync(file, flags, 0o640);
  try {
    appendFileSync(fd, line);
  } finally {
    closeSync(fd);
  }
}
