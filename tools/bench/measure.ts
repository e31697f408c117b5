// Runs a program as a container runtime runs a plugin, and measures one property of the run. Time is measured without a
// helper program. Properties that need a helper are measured in separate runs, whose time is not used.
import { existsSync, readFileSync } from 'node:fs';
import type { NetNs } from '@spider/netns';
import { spawnSync } from 'bun';

/** A program to run, and its whole input. */
export interface Process {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  /** Network namespace to run it in. */
  readonly namespace: NetNs;
}

/** Runs a process to its end. Throws an error with its output if it fails. */
export type Measure<T> = (process: Process) => { readonly stdout: string; readonly measured: T };

/** Milliseconds. */
export interface Duration {
  /** From before its start until it has ended and all its output has been read. */
  readonly wall: number;
  /** CPU time of its threads and of its children, in user space and in the kernel. */
  readonly cpu: number;
}

export const duration: Measure<Duration> = process => run(process);

/** Peak resident memory of the process or of one of its children, in bytes: time(1). */
export const peakMemory: Measure<number> = process => {
  // The kernel counts memory from before exec, which for a direct child of this process is all memory of this process.
  const { stdout, report } = observed(process, ['time', '--quiet', '--format=%M', `--output=${reportFile}`]);
  return { stdout, measured: Number(report) * 1024 };
};

/** Number of sends to netlink sockets: strace(1). */
export const netlinkSends: Measure<number> = process => {
  const options = ['--follow-forks', '-yy', '--trace=sendto,sendmsg', `--output=${reportFile}`];
  const { stdout, report } = observed(process, ['strace', ...options]);
  return { stdout, measured: [...report.matchAll(/ send(?:to|msg)\(\d+<NETLINK:/g)].length };
};

/** Number of instructions executed outside of the kernel: valgrind(1), which cannot run Go programs. */
export const instructions: Measure<number> = process => {
  const options = ['--tool=callgrind', '--callgrind-out-file=/dev/null', `--log-file=${reportFile}`];
  const { stdout, report } = observed(process, ['valgrind', ...options]);
  return { stdout, measured: Number(/Collected : (\d+)/.exec(report)?.[1]) };
};

const helpers = { time: '/usr/bin/time', strace: '/usr/bin/strace', valgrind: '/usr/bin/valgrind' } as const;
type Helper = keyof typeof helpers;

/** Ends the program if one of these helpers, which have the names of their Debian packages, is not installed. */
export function requireHelpers(...names: readonly Helper[]): void {
  const missing = names.filter(name => !existsSync(helpers[name]));
  if (missing.length === 0) return;
  console.error(`The benchmark needs more Debian packages:\n  sudo apt-get install ${missing.join(' ')}`);
  process.exit(1);
}

const reportFile = '/run/bench';

/** Runs a process under a helper that writes a report. */
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
