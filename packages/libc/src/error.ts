import { errnoMessage, errnoName } from './errno.ts';

/** A libc call failed: `setns: EPERM (Operation not permitted)`. */
export class LinuxError extends Error {
  override readonly name = 'LinuxError';
  /** The call: `setns`. */
  readonly syscall: string;
  /** The error's number in errno(3), positive. */
  readonly errno: number;
  /** The error's name in errno(3): `EPERM`. */
  readonly code: string;

  constructor(syscall: string, errno: number) {
    const code = errnoName(errno);
    super(`${syscall}: ${code} (${errnoMessage(errno)})`);
    this.syscall = syscall;
    this.errno = errno;
    this.code = code;
  }
}
