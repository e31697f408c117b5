import { appendFileSync } from 'node:fs';
import { messageOf } from './error.ts';

export const levels = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof levels)[number];

/** Writes events to the plugin's log, one line of JSON each. */
export interface Logger {
  debug(msg: string, fields?: object): void;
  info(msg: string, fields?: object): void;
  warn(msg: string, fields?: object): void;
  error(msg: string, fields?: object): void;
  /** A logger that adds `fields` to every event. */
  child(fields: object): Logger;
}

/** Where log lines go beside standard error, which runtimes drop exactly when ADD fails. */
export interface LogOptions {
  /** Least level that is written; default "info". */
  level?: Level | undefined;
  /** A file to append to; it is made if it does not exist, its directory is not. */
  file?: string | undefined;
}

/** Takes a line, newline included. */
export type Sink = (line: string) => void;

export function createLogger({ level = 'info' }: LogOptions, sinks: readonly Sink[], fields: object = {}): Logger {
  const least = levels.indexOf(level);
  const at = (level: Level) => (msg: string, more?: object) => {
    if (levels.indexOf(level) < least) return;
    const line = toLine({ time: new Date().toISOString(), level, msg, ...fields, ...more });
    for (const sink of sinks) sink(line);
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: more => createLogger({ level }, sinks, { ...fields, ...more }),
  };
}

/** Appends to a file, each line in one write(2). A file that cannot be written is said once, on standard error. */
export function fileSink(file: string, stderr: Sink): Sink {
  let broken = false;
  return line => {
    if (broken) return;
    try {
      appendFileSync(file, line, { mode: 0o640 });
    } catch (error) {
      broken = true;
      stderr(`cannot write the log: ${messageOf(error)}\n`);
    }
  };
}

function toLine(event: object): string {
  try {
    return `${JSON.stringify(event, printable)}\n`;
  } catch (error) {
    return `${JSON.stringify({ ...event, fields: messageOf(error) }, ['time', 'level', 'msg', 'fields'])}\n`;
  }
}

/** Errors and big integers have no JSON of their own. */
function printable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Error && !('toJSON' in value) ? value.message : value;
}
