import { check, native } from './call.ts';

// <linux/bpf.h>: commands of bpf
/** Checks a program and loads it; the answer is its descriptor. */
export const BPF_PROG_LOAD = 5;
/** Asks which programs are attached somewhere. */
export const BPF_PROG_QUERY = 16;
/** Attaches a program; the answer is the descriptor of the link, with which the attachment goes. */
export const BPF_LINK_CREATE = 28;

// <linux/bpf.h>: where programs are attached
/** What comes in by an interface. Linux 6.6. */
export const BPF_TCX_INGRESS = 46;
/** What leaves by an interface. Linux 6.6. */
export const BPF_TCX_EGRESS = 47;

/** The system call's number. */
const SYS_bpf = process.arch === 'arm64' ? 280 : 321;

/**
 * Carries out a command about BPF programs, reads and writes its union bpf_attr, and returns the answer: bpf(2). Interfaces
 * are those of the thread's network namespace.
 * @throws LinuxError
 */
export function bpf(command: number, attributes: Uint8Array): number {
  return check('bpf', native.syscall(SYS_bpf, command, attributes, attributes.length));
}
