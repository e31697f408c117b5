// Reads JSON from outside: returns values of a known type, or throws an error that names their place. It uses loops rather
// than array methods, because the first call of each method costs a short-lived process 20 µs.
import { CNIError, ErrorCode } from './error.ts';

export type JSONObject = Readonly<Record<string, unknown>>;

/**
 * Parses JSON in UTF-8. As in Go, invalid bytes become U+FFFD, and a byte order mark is an error.
 * @throws SyntaxError
 */
export function parseJSON(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
}

/** Converts `value` to a T, or throws an error that names its place `at`. */
export type Reader<T> = (value: unknown, at: string) => T;

export function isObject(value: unknown): value is JSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An error that names the place, the value, and what is allowed there. */
function unexpected(at: string, value: unknown, allowed: string): CNIError {
  return new CNIError(ErrorCode.DecodingFailure, `${at}: ${JSON.stringify(value)?.slice(0, 200)} is not ${allowed}`);
}

/** Reads the member `key` if it exists. Null counts as absent, because Go's encoders write it. */
export function member<T>(object: JSONObject, key: string, read: Reader<T>, at = ''): T | undefined {
  const value = object[key];
  return value === undefined || value === null ? undefined : read(value, at ? `${at}.${key}` : key);
}

export function readObject(value: unknown, at: string): JSONObject {
  if (!isObject(value)) throw unexpected(at, value, 'an object');
  return value;
}

export function readString(value: unknown, at: string): string {
  if (typeof value !== 'string') throw unexpected(at, value, 'a string');
  return value;
}

export function readBoolean(value: unknown, at: string): boolean {
  if (typeof value !== 'boolean') throw unexpected(at, value, 'true or false');
  return value;
}

export function readInteger(value: unknown, at: string): number {
  if (!Number.isSafeInteger(value)) throw unexpected(at, value, 'an integer');
  return value as number;
}

/** A reader of lists whose elements `read` reads. */
export function listOf<T>(read: Reader<T>): Reader<T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw unexpected(at, value, 'a list');
    const list: T[] = [];
    for (const element of value) list.push(read(element, `${at}[${list.length}]`));
    return list;
  };
}

/**
 * Renames keys that differ from those of the SPEC only in case. The reference implementation ignores the case, so real
 * configurations contain, for example, `"Nameservers"`. A key in the correct case takes precedence. Other keys are
 * unchanged.
 */
export function foldKeys(object: JSONObject, keys: readonly string[]): JSONObject {
  let folded = object;
  for (const key of Object.keys(object)) {
    const known = keys.includes(key) ? undefined : inOtherCase(key, keys);
    if (known === undefined || known in object) continue;
    const { [key]: value, ...others } = folded;
    folded = { ...others, [known]: value };
  }
  return folded;
}

function inOtherCase(key: string, keys: readonly string[]): string | undefined {
  for (const known of keys) {
    if (known.length === key.length && known.toLowerCase() === key.toLowerCase()) return known;
  }
  return undefined;
}

/** The type without the members that {@link compact} omits. */
type Compact<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without undefined, empty-string and empty-list members, as results are written. */
export function compact<T extends object>(object: T): Compact<T> {
  const present: Record<string, unknown> = {};
  for (const key of Object.keys(object)) {
    const value = object[key as keyof T] as unknown;
    const empty = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
    if (!empty) present[key] = value;
  }
  return present as Compact<T>;
}
