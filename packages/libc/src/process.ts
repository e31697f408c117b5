import { native } from './call.ts';

/** Ends the process at once with an exit status, from any thread, and runs nothing more of it: _exit(2). */
export function _exit(status: number): never {
  native._exit(status);
  throw new Error('_exit returned');
}
