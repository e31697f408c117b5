import { errnoMessage, errnoName } from './errno.ts';

/** A call of libc failed: `setns: EPERM (Operation not permitted)`. */
export class LinuxError extends Error {
  override readonly name = 'LinuxError';
  /** Name of the call: `setns`. */
  readonly syscall: string;
  /** Number of the error in errno(3), positive. */
  readonly errno: number;
  /** Name of the error in errno(3): `EPERM`. */
  readonly code: string;

  constructor(syscall: string, errno: number) {
    const code = errnoName(errno);
    super(`${syscall}: ${code} (${errnoMessage(errno)})`);
    this.syscall = syscall;
    this.errno = errno;
    this.code = code;
  }
}
