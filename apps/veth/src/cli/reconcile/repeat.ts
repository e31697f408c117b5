import { setTimeout as sleep } from 'node:timers/promises';
import { untilTerminated } from '../until-terminated.ts';

/** Does the work now, and again after each pause of so many seconds, until SIGTERM or SIGINT. */
export async function repeat(work: () => Promise<unknown>, seconds: number): Promise<void> {
  const terminated = untilTerminated().then(() => true);
  do await work();
  while (!(await Promise.race([terminated, sleep(seconds * 1000, false)])));
}
