import { expect, test } from 'vitest';
import { attachProgram } from '../../../tools/lab/program.ts';
import { since } from '../../../tools/test/linux.ts';
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

test('bpf loads a program, and attaches it until it is disposed of', () => {
  const attach = () => attachProgram(lo, 'xdp', 'pass');
  {
    using _program = attach();
    expect(attach).toThrow('EBUSY');
  }
  attach()[Symbol.dispose]();
});

test('bpf tells what is attached, by means that a kernel before Linux 6.6 does not have', () => {
  const counts = () => [BPF_TCX_INGRESS, BPF_TCX_EGRESS].map(count);
  if (!since('6.6')) return expect(counts).toThrow('EINVAL');
  expect(counts()).toEqual([0, 0]);
  {
    using _program = attachProgram(lo, 'tcx egress', 'pass');
    expect(counts()).toEqual([0, 1]);
  }
  expect(counts()).toEqual([0, 0]);
});

test('bpf tells why it does nothing', () => {
  expect(() => bpf(-1, new Uint8Array(8))).toThrow(
    expect.objectContaining({ name: 'LinuxError', code: 'EINVAL', syscall: 'bpf' }),
  );
});
