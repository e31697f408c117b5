// MPLS labels (RFC 3032): 20 bits each, in entries of four bytes. The last entry is marked as bottom of the stack.
import type { Extent } from '../codec/extent.ts';
import { attribute, type Field } from '../codec/field.ts';
import { quote } from '../codec/text.ts';
import { be32, type Type } from '../codec/type.ts';

const labelBits = 20;
const shift = 12;
const bottomOfStack = 0x100;
const AF_MPLS = 28;

/** A stack of labels, outermost first. */
export const labelStack: Type<readonly number[]> = {
  read(memory, start, length) {
    const labels: number[] = [];
    for (let at = start; at + 4 <= start + length; at += 4) labels.push(be32.read(memory, at, 4) >>> shift);
    return labels;
  },
  write(writer, labels) {
    if (!Array.isArray(labels) || labels.length === 0) throw new RangeError(`${quote(labels)} is not a list of labels`);
    for (const [index, label] of labels.entries()) {
      if (!Number.isInteger(label) || label < 0 || label >>> labelBits !== 0)
        throw new RangeError(`${quote(label)} is not a label, 0 to 1048575`);
      be32.write(writer, label * 2 ** shift + (index === labels.length - 1 ? bottomOfStack : 0));
    }
  },
};

const isMpls = ({ memory, start }: Extent) => memory.bytes[start] === AF_MPLS;

/** The destination of an MPLS route: one label, in the attribute that other families use for an address. */
export function label(id: number, lengthOffset: number): Field<number, false> {
  const stack = attribute(id, labelStack);
  return {
    always: false,
    id,
    needs: id,
    read: extent => (isMpls(extent) ? stack.read(extent)?.[0] : undefined),
    write(writer, value, start) {
      const { bytes } = writer.memory;
      bytes[start] = AF_MPLS;
      bytes[start + lengthOffset] = labelBits;
      stack.write(writer, [value], start);
    },
  };
}

/** A field that MPLS routes do not have. */
export function notMpls<T>(field: Field<T, false>): Field<T, false> {
  return { ...field, read: extent => (isMpls(extent) ? undefined : field.read(extent)) };
}
