import { F_GETFD, FD_CLOEXEC, fcntl } from '@spider/libc';

/** What is used here of Bun. The package bun-types would declare all its globals. */
declare const Bun: { readonly stdout: object; write(to: object, text: string): Promise<number> };

/** Prints lines to standard output, all of them. @throws Error that names standard output, also where that is closed */
export async function print(text: string): Promise<void> {
  // Bun opens /dev/null in its place, and all would seem well. That is closed on exec, as nothing is that a program begins with.
  if (fcntl(1, F_GETFD) === FD_CLOEXEC) throw new Error('standard output: EBADF: bad file descriptor, write');
  await printBlindly(text);
}

/**
 * The same, but that nobody is told where standard output is closed: to ask takes almost half as long as all else that
 * `veth version` does.
 */
export async function printBlindly(text: string): Promise<void> {
  try {
    // Where the disk is full, console.log would be silent.
    await Bun.write(Bun.stdout, `${printable(text)}\n`);
  } catch (error) {
    // Who reads has seen enough, as head(1) has.
    if ((error as { code?: unknown }).code === 'EPIPE') return;
    throw new Error(`standard output: ${(error as Error).message}`);
  }
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
