import { native } from './call.ts';

/** Ends the process at once with this exit status, from any thread, without running any more of its code: _exit(2). */
export function _exit(status: number): never {
  native._exit(status);
  throw new Error('_exit returned');
}
