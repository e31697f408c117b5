import { writeSync } from 'node:fs';

const stdout = 1;

/**
 * Prints lines to standard output, all of them: where the disk is full, console.log would be silent.
 * @throws Error that names standard output
 */
export function print(text: string): void {
  const bytes = Buffer.from(`${text}\n`);
  for (let written = 0; written < bytes.length; )
    try {
      written += writeSync(stdout, bytes, written);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // Who reads has seen enough, as head(1) has.
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw new Error(`standard output: ${message}`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
}

/** Prints a value as JSON. What is greater than its numbers can be goes as text. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner), 2));
}
