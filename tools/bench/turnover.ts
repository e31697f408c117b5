// Pods that come and go beside the one that is looked at. The kernel changes links one at a time (RTNL), and keeps who wants to
// change another waiting until nobody can still be using the one that goes.
import { spawn } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { createNamespace } from '../lab/namespace.ts';

/** Does something, and meanwhile what else there is to do. */
export type Amid = <T>(action: () => T) => T;

/** One veth pair after the other is made and removed, in a namespace that nobody else has to do with. */
export function createTurnover(): Amid {
  const { name } = createNamespace('turnover');
  const file = '/run/turnover';
  // Nobody waits for the end of so many.
  writeFileSync(file, 'link add here type veth peer name there\nlink del here\n'.repeat(100_000));
  const { pid } = spawn('ip', ['-netns', name, '-batch', '-'], { stdio: [openSync(file, 'r'), 'inherit', 'inherit'] });
  stop(pid!);
  return action => {
    process.kill(pid!, 'SIGCONT');
    try {
      return action();
    } finally {
      stop(pid!);
    }
  };
}

function stop(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  // Before, it may still be in the kernel, and in the way of whoever is next.
  while (stateOf(pid) !== 'T');
}

/** @throws Error where there is no such process any more. */
function stateOf(pid: number): string | undefined {
  return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
}
