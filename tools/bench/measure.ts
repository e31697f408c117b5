// Runs a program as a container runtime runs a plugin, and measures one thing of it. Time is measured without any helper
// between; what only a helper can see is measured in runs of its own, whose time nobody looks at.
import { readFileSync } from 'node:fs';
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
  const { stdout, report } = observed(process, ['time', '--quiet', '--format=%M']);
  return { stdout, measured: Number(report) * 1024 };
};

/** How many times it sent something to a netlink socket: strace(1). */
export const netlinkSends: Measure<number> = process => {
  const { stdout, report } = observed(process, ['strace', '--follow-forks', '-yy', '--trace=sendto,sendmsg']);
  return { stdout, measured: [...report.matchAll(/ send(?:to|msg)\(\d+<NETLINK:/g)].length };
};

/** The programs that are needed beside those of the lab, and the Debian packages that have them. */
export const helpers = { time: '/usr/bin/time', strace: '/usr/bin/strace' } as const;

const reportFile = '/run/bench';

/** Runs a process below a helper that takes `--output=FILE` for its report. */
function observed(process: Process, [helper, ...options]: [keyof typeof helpers, ...string[]]) {
  const command = [helpers[helper], ...options, `--output=${reportFile}`, ...process.command];
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
