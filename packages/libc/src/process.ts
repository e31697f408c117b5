import { libc } from './call.ts';

/** Ends the process at once, from any thread, without running anything: abort(3). */
export function abort(): never {
  libc.abort();
  throw new Error('abort returned');
}
