import { writeAll } from '@spider/cni-skel';
import { LinuxError } from '@spider/libc';
import { system } from '../system.ts';

const stdout = 1;

/**
 * Prints lines to standard output, all of them: where the disk is full, console.log would be silent. By libc, which is loaded
 * in any case, as node:fs is not.
 * @throws Error that names standard output
 */
export function print(text: string): void {
  try {
    writeAll(stdout, `${text}\n`, system);
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
    // Who reads has seen enough, as head(1) has.
    if (error.code === 'EPIPE') return;
    throw new Error(`standard output: ${error.message}`);
  }
}

/** Prints a value as JSON. What is greater than its numbers can be goes as text. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner), 2));
}
