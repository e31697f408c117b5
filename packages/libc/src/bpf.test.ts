import { expect, test } from 'vitest';
import { attachProgram } from '../../../tools/lab/program.ts';
import { BPF_PROG_QUERY, BPF_TCX_EGRESS, BPF_TCX_INGRESS, bpf } from './index.ts';

/** Index of the loopback interface in every network namespace. */
const lo = 1;

/** Number of programs that are attached to incoming packets of this namespace's lo. */
function count(type: number): number | undefined {
  const attributes = new Uint32Array(new ArrayBuffer(64));
  attributes.set([lo, type]);
  bpf(BPF_PROG_QUERY, new Uint8Array(attributes.buffer));
  return attributes[6];
}

test('bpf loads a program, attaches it and tells that it is there', () => {
  expect([BPF_TCX_INGRESS, BPF_TCX_EGRESS].map(count)).toEqual([0, 0]);
  {
    using _program = attachProgram(lo, 'tcx egress', 'pass');
    expect([BPF_TCX_INGRESS, BPF_TCX_EGRESS].map(count)).toEqual([0, 1]);
  }
  expect([BPF_TCX_INGRESS, BPF_TCX_EGRESS].map(count)).toEqual([0, 0]);
});

test('bpf tells why it does nothing', () => {
  expect(() => bpf(-1, new Uint8Array(8))).toThrow(
    expect.objectContaining({ name: 'LinuxError', code: 'EINVAL', syscall: 'bpf' }),
  );
});
