// BPF programs that see what an interface takes or sends, without tc(8): tcx, bpf(2).
import { BPF_PROG_QUERY, BPF_TCX_EGRESS, BPF_TCX_INGRESS, bpf, LinuxError } from '@spider/libc';
import type { NetNs } from '@spider/netns';
import type { Direction } from './traffic-control.ts';

const places = { ingress: BPF_TCX_INGRESS, egress: BPF_TCX_EGRESS } as const;

/** Whether there are any. */
export function hasPrograms(namespace: NetNs, index: number, direction: Direction): boolean {
  // union bpf_attr for BPF_PROG_QUERY: interface, where; in the seventh word comes their number.
  const attributes = new Uint32Array(new ArrayBuffer(64));
  attributes.set([index, places[direction]]);
  const bytes = new Uint8Array(attributes.buffer);
  try {
    namespace.run(() => bpf(BPF_PROG_QUERY, bytes));
  } catch (error) {
    // A kernel before 6.6, or without BPF, has none. Who must not ask must not attach any either.
    if (error instanceof LinuxError) return false;
    throw error;
  }
  return attributes[6]! > 0;
}
