import { errnoMessage, errnoName } from '@spider/libc';
import type { Memory } from './codec/memory.ts';
import { walkAttributes } from './codec/field.ts';
import type { Request } from './request.ts';

/** The kernel refused a request, or did not answer it. */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  /** The error's name in errno(3): `EEXIST`. */
  readonly code: string;
  /** The error's number, positive. */
  readonly errno: number;
  /** What was asked: `route.add`. */
  readonly operation: string;
  /** Of which object. */
  readonly object: Readonly<Record<string, unknown>>;
  /** The kernel's own words (extended acknowledgement), where it said any. */
  readonly kernelMessage: string | undefined;
  /** The field that the kernel pointed at, or that it missed: `info.data.peer.mtu`. */
  readonly field: string | undefined;

  constructor(request: Request<unknown>, errno: number, { kernelMessage, field, missing }: Explanation = {}) {
    const code = errnoName(errno);
    const parts = [`${request.operation} ${describe(request.object)}: ${code} (${errnoMessage(errno)})`];
    if (kernelMessage) parts.push(`: ${kernelMessage}`);
    if (field) parts.push(missing ? ` [missing: ${field}]` : ` [at: ${field}]`);
    super(parts.join(''));
    this.code = code;
    this.errno = errno;
    this.operation = request.operation;
    this.object = request.object;
    this.kernelMessage = kernelMessage;
    this.field = field;
  }
}

/** A list changed while the kernel read it, so objects may be missing. `partial` holds those that came. */
export class DumpInterruptedError extends Error {
  override readonly name = 'DumpInterruptedError';
  readonly partial: readonly unknown[];

  constructor(request: Request<unknown>, partial: readonly unknown[]) {
    super(`${request.operation} ${describe(request.object)}: interrupted by changes`);
    this.partial = partial;
  }
}

/** An object on one line, as it is named in errors. */
export function describe(object: object): string {
  const fields = Object.entries(object).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${inline(value)}`]));
  return `{${fields.join(', ')}}`;
}

function inline(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return describe(value);
  return String(value);
}

export interface Explanation {
  kernelMessage?: string | undefined;
  field?: string | undefined;
  missing?: boolean;
}

// Attributes of an extended acknowledgement, enum nlmsgerr_attrs of <linux/netlink.h>.
const NLMSGERR_ATTR_MSG = 1;
const NLMSGERR_ATTR_OFFS = 2;
const NLMSGERR_ATTR_MISS_TYPE = 5;
const NLMSGERR_ATTR_MISS_NEST = 6;

const decoder = new TextDecoder();

/**
 * Reads an extended acknowledgement: the attributes from `attributes` to `end` of `memory`.
 * Offsets in it count from the start of the request's message, which stands at `start` of `sent`.
 */
export function explain(
  memory: Memory,
  attributes: number,
  end: number,
  request: Request<unknown>,
  sent: { memory: Memory; start: number; payload: number; end: number },
): Explanation {
  const explanation: Explanation = {};
  const { headerSize } = request.message;
  const extent = { memory: sent.memory, start: sent.payload, attributes: sent.payload + headerSize, end: sent.end };
  const nameAt = (offset: number): string | undefined =>
    request.message.fieldAt(extent, offset - (sent.payload - sent.start));
  let missingType: number | undefined;
  let nest: string | undefined;
  walkAttributes({ memory, start: attributes, attributes, end }, (id, at, length) => {
    if (id === NLMSGERR_ATTR_MSG)
      explanation.kernelMessage = decoder.decode(memory.bytes.subarray(at, at + length)).replace(/\0[^]*$/, '');
    if (id === NLMSGERR_ATTR_OFFS) explanation.field = nameAt(memory.view.getUint32(at, true));
    if (id === NLMSGERR_ATTR_MISS_TYPE) missingType = memory.view.getUint32(at, true);
    if (id === NLMSGERR_ATTR_MISS_NEST) nest = nameAt(memory.view.getUint32(at, true));
    return false;
  });
  if (missingType !== undefined) {
    explanation.missing = true;
    explanation.field = nest
      ? `${nest}, attribute ${missingType}`
      : (request.message.fieldOf(missingType) ?? `attribute ${missingType}`);
  }
  return explanation;
}
