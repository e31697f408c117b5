// BPF programs that pass or drop all packets. They are attached to an interface until they are disposed of.
import { BPF_LINK_CREATE, BPF_PROG_LOAD, BPF_TCX_EGRESS, BPF_TCX_INGRESS, bpf, close } from '@spider/libc';
import { addressOf } from '../../packages/libc/src/call.ts';

/** Type of the program, place of attachment, and return values: <linux/bpf.h>, <linux/pkt_cls.h>. */
const kinds = {
  xdp: { type: 6, at: 37, pass: 2, drop: 1 },
  'tcx ingress': { type: 3, at: BPF_TCX_INGRESS, pass: 0, drop: 2 },
  'tcx egress': { type: 3, at: BPF_TCX_EGRESS, pass: 0, drop: 2 },
} as const;

export type ProgramKind = keyof typeof kinds;

/**
 * Attaches a program to the interface with this index in the thread's network namespace.
 * @throws LinuxError the kernel does not support such programs
 */
export function attachProgram(index: number, kind: ProgramKind, answer: 'pass' | 'drop'): Disposable {
  const { type, at, [answer]: value } = kinds[kind];
  const program = load(type, value);
  try {
    const attributes = new Uint32Array(new ArrayBuffer(64));
    attributes.set([program, index, at]);
    const attached = bpf(BPF_LINK_CREATE, new Uint8Array(attributes.buffer));
    return { [Symbol.dispose]: () => close(attached) };
  } finally {
    close(program);
  }
}

/** `r0 = answer; exit` */
function load(type: number, answer: number): number {
  const code = new Uint8Array(new ArrayBuffer(16));
  code.set([0xb7, 0, 0, 0, answer, 0, 0, 0, 0x95]);
  const license = new Uint8Array(new ArrayBuffer(8));
  const attributes = new BigUint64Array(new ArrayBuffer(128));
  new Uint32Array(attributes.buffer).set([type, code.length / 8]);
  attributes[1] = addressOf(code);
  attributes[2] = addressOf(license);
  return bpf(BPF_PROG_LOAD, new Uint8Array(attributes.buffer));
}
