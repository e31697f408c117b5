import { F_GETFD, FD_CLOEXEC, fcntl } from '@spider/libc';

/** What is used here of Bun. The package bun-types would declare all its globals. */
declare const Bun: { readonly stdout: object; write(to: object, text: string): Promise<number> };

/**
 * Prints lines to standard output, all of them: where the disk is full, console.log would be silent. By Bun's own function:
 * to find that of libc takes a quarter as long as all else that `veth version` does.
 * @throws Error that names standard output
 */
export async function print(text: string): Promise<void> {
  try {
    if (isClosed()) throw new Error('EBADF: bad file descriptor, write');
    await Bun.write(Bun.stdout, `${printable(text)}\n`);
  } catch (error) {
    // Who reads has seen enough, as head(1) has.
    if ((error as { code?: unknown }).code === 'EPIPE') return;
    throw new Error(`standard output: ${(error as Error).message}`);
  }
}

/**
 * Where standard output is closed, Bun opens /dev/null in its place, and all would seem well. That is closed on exec, as
 * nothing is that a program begins with.
 */
function isClosed(): boolean {
  return fcntl(1, F_GETFD) === FD_CLOEXEC;
}

/** Names of interfaces may hold any byte: what would command a terminal is written as it is escaped in JSON. */
export function printable(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are meant.
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g,
    control => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Prints a value as JSON. What is greater than its numbers can be goes as text. */
export function printJson(value: unknown): Promise<void> {
  return print(JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner), 2));
}
