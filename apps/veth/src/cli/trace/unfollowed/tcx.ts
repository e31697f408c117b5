// BPF programs that are attached to an interface by tcx, which tc(8) does not show: bpf(2).
import { BPF_PROG_QUERY, BPF_TCX_EGRESS, BPF_TCX_INGRESS, bpf, LinuxError } from '@spider/libc';
import type { NetNs } from '@spider/netns';
import type { Direction } from './traffic-control.ts';

const attachTypes = { ingress: BPF_TCX_INGRESS, egress: BPF_TCX_EGRESS } as const;

export function hasTcxPrograms(namespace: NetNs, index: number, direction: Direction): boolean {
  // union bpf_attr for BPF_PROG_QUERY: interface, attach type. The seventh word is the number of programs.
  const attributes = new Uint32Array(new ArrayBuffer(64));
  attributes.set([index, attachTypes[direction]]);
  const bytes = new Uint8Array(attributes.buffer);
  try {
    namespace.run(() => bpf(BPF_PROG_QUERY, bytes));
  } catch (error) {
    // A kernel before 6.6, or without BPF, has none. Without the permission to query, nobody here could attach any either.
    if (error instanceof LinuxError) return false;
    throw error;
  }
  return attributes[6]! > 0;
}
