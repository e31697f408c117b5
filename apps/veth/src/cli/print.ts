import { F_GETFD, FD_CLOEXEC, fcntl } from '@spider/libc';

/** The part of Bun's API that is used here. The package bun-types would declare all its globals. */
declare const Bun: { readonly stdout: object; write(to: object, text: string): Promise<number> };

/** Prints text to standard output. @throws Error that names standard output, also if it is closed or the disk is full */
export async function print(text: string): Promise<void> {
  // If standard output is closed, Bun opens /dev/null in its place, with close-on-exec. No descriptor that a program
  // inherits has that flag.
  if (fcntl(1, F_GETFD) === FD_CLOEXEC) throw new Error('standard output: EBADF: bad file descriptor, write');
  await printUnchecked(text);
}

/**
 * As `print`, but does not notice that standard output is closed. The check takes almost half as long as everything else
 * that `veth version` does.
 */
export async function printUnchecked(text: string): Promise<void> {
  try {
    // console.log would ignore a full disk.
    await Bun.write(Bun.stdout, `${printable(text)}\n`);
  } catch (error) {
    // The reader has closed the pipe on purpose, as head(1) does.
    if ((error as { code?: unknown }).code === 'EPIPE') return;
    throw new Error(`standard output: ${(error as Error).message}`);
  }
}

/** Escapes control characters as JSON does: interface names may contain them, and a terminal would obey them. */
export function printable(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g,
    control => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Prints a value as JSON, with bigints as strings. */
export function printJson(value: unknown): Promise<void> {
  return print(JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner), 2));
}
