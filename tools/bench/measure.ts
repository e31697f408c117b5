// Runs a program as a container runtime runs a plugin, and measures one thing of it. Time is measured without any helper
// between; what only a helper can see is measured in runs of its own, whose time nobody looks at.
import { existsSync, readFileSync } from 'node:fs';
import type { NetNs } from '@spider/netns';
import { spawnSync } from 'bun';

/** A program to run, and all that it gets. */
export interface Process {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  /** Where it runs. */
  readonly namespace: NetNs;
}

/** Runs a process to its end. Throws what it said when it fails. */
export type Measure<T> = (process: Process) => { readonly stdout: string; readonly measured: T };

/** Milliseconds. */
export interface Duration {
  /** From before it was started until it was gone and all its output was read. */
  readonly wall: number;
  /** Of its own threads and of its children, in user space and in the kernel. */
  readonly cpu: number;
}

export const duration: Measure<Duration> = process => run(process);

/** The most memory that it or one of its children had at one time (resident set), in bytes: time(1). */
export const peakMemory: Measure<number> = process => {
  // The kernel counts what a process had before exec, which in a child of this one is all of this one's memory.
  const { stdout, report } = observed(process, ['time', '--quiet', '--format=%M', `--output=${reportFile}`]);
  return { stdout, measured: Number(report) * 1024 };
};

/** How many times it sent something to a netlink socket: strace(1). */
export const netlinkSends: Measure<number> = process => {
  const options = ['--follow-forks', '-yy', '--trace=sendto,sendmsg', `--output=${reportFile}`];
  const { stdout, report } = observed(process, ['strace', ...options]);
  return { stdout, measured: [...report.matchAll(/ send(?:to|msg)\(\d+<NETLINK:/g)].length };
};

/** How many instructions it executed, outside of the kernel: valgrind(1), which runs no programs of Go. */
export const instructions: Measure<number> = process => {
  const options = ['--tool=callgrind', '--callgrind-out-file=/dev/null', `--log-file=${reportFile}`];
  const { stdout, report } = observed(process, ['valgrind', ...options]);
  return { stdout, measured: Number(/Collected : (\d+)/.exec(report)?.[1]) };
};

const helpers = { time: '/usr/bin/time', strace: '/usr/bin/strace', valgrind: '/usr/bin/valgrind' } as const;
type Helper = keyof typeof helpers;

/** Ends the program where these are missing that it needs beside those of the lab. They are Debian packages by their names. */
export function requireHelpers(...names: readonly Helper[]): void {
  const missing = names.filter(name => !existsSync(helpers[name]));
  if (missing.length === 0) return;
  console.error(`The benchmark needs more of Debian:\n  sudo apt-get install ${missing.join(' ')}`);
  process.exit(1);
}

const reportFile = '/run/bench';

/** Runs a process below a helper that leaves a report. */
function observed(process: Process, [helper, ...options]: [Helper, ...string[]]) {
  const command = [helpers[helper], ...options, ...process.command];
  const { stdout } = run({ ...process, command });
  return { stdout, report: readFileSync(reportFile, 'utf8') };
}

const text = new TextDecoder();

function run({ command, env, stdin, namespace }: Process) {
  const options = { cmd: command, env, stdin: Buffer.from(stdin), stdout: 'pipe', stderr: 'pipe' } as const;
  const { outcome, wall } = namespace.run(() => {
    const start = performance.now();
    const outcome = spawnSync(options);
    return { outcome, wall: performance.now() - start };
  });
  const { exitCode, signalCode, resourceUsage } = outcome;
  const [stdout, stderr] = [text.decode(outcome.stdout), text.decode(outcome.stderr)];
  if (exitCode !== 0)
    throw new Error(
      `${env['CNI_COMMAND'] ?? ''} ${command.join(' ')}: exit status ${signalCode ?? exitCode}\n${stdout}${stderr}`,
    );
  return { stdout, measured: { wall, cpu: Number(resourceUsage.cpuTime.total) / 1000 } };
}
