// The error of an ADD if the kernel refuses objects.
import { CNIError } from '@spider/cni-skel';
import { NetlinkError } from '@spider/rtnetlink';
import { Code } from '../errors.ts';

/** An object that the kernel refused. */
export interface Failure {
  readonly what: string;
  readonly error: Error;
  /** What to do about it, if that is known. */
  readonly advice?: string | undefined;
}

/** One error that names all refused objects. */
export function refused(failures: readonly Failure[]): CNIError {
  const [first] = failures;
  const list = failures.map(({ what, error }) => `${what}: ${reason(error)}`).join('; ');
  const details = failures.find(({ advice }) => advice)?.advice ?? first!.error.message;
  return new CNIError(Code.KernelRefused, list, { details, cause: first!.error });
}

function reason(error: Error): string {
  if (!(error instanceof NetlinkError)) return error.message;
  return error.kernelMessage ? `${error.code} (${error.kernelMessage})` : error.code;
}
