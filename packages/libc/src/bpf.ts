import { check, native } from './call.ts';

// <linux/bpf.h>: commands of bpf
/** Verifies and loads a program; returns its file descriptor. */
export const BPF_PROG_LOAD = 5;
/** Lists the programs that are attached at a place. */
export const BPF_PROG_QUERY = 16;
/** Attaches a program; returns the file descriptor of the link. The program is detached when the link is closed. */
export const BPF_LINK_CREATE = 28;

// <linux/bpf.h>: where programs are attached
/** Packets that arrive by an interface. Linux 6.6. */
export const BPF_TCX_INGRESS = 46;
/** Packets that leave by an interface. Linux 6.6. */
export const BPF_TCX_EGRESS = 47;

/** Number of the system call. */
const SYS_bpf = process.arch === 'arm64' ? 280 : 321;

/**
 * Executes a command about BPF programs and returns its result: bpf(2). `attributes` is union bpf_attr, which the kernel
 * reads and writes. Interfaces are those of the thread's network namespace.
 * @throws LinuxError
 */
export function bpf(command: number, attributes: Uint8Array): number {
  return check('bpf', native.syscall(SYS_bpf, command, attributes, attributes.length));
}
