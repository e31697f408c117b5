// Kernel settings below /proc/sys/net, which shows the network namespace of the thread that opens a file.
import { readFileSync, writeFileSync } from 'node:fs';

const file = (path: string): string => `/proc/sys/net/${path}`;

/** The setting's value, such as `1`. @throws an error of node:fs */
export function readSysctl(path: string): string {
  return readFileSync(file(path), 'utf8').trim();
}

/** Sets the value where it differs, and returns what it was. @throws an error of node:fs */
export function exchangeSysctl(path: string, value: string): string {
  const before = readSysctl(path);
  if (before !== value) writeFileSync(file(path), value);
  return before;
}
