import { errnoMessage, errnoName } from '@spider/libc';
import { isList, type Request } from './request.ts';

/** What is known of a failure beside its number. */
export interface Explanation {
  readonly kernelMessage?: string | undefined;
  readonly field?: string | undefined;
  readonly wanted?: string | undefined;
  /** What this package has to say. */
  readonly note?: string | undefined;
}

/** The kernel refused a request, or its answer was lost. */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  /** The error's name in errno(3): `EEXIST`. */
  readonly code: string;
  /** The error's number, positive. */
  readonly errno: number;
  /** What was asked: `route.add`. */
  readonly operation: string;
  /** Of which object; of a list, its filter. */
  readonly object: Readonly<Record<string, unknown>>;
  /** The kernel's own words (extended acknowledgement), where it said any. */
  readonly kernelMessage: string | undefined;
  /** The field that the kernel pointed at, or that it missed: `info.data.peer.mtu`. */
  readonly field: string | undefined;
  /** What the kernel takes in that field: `8 bytes`, `2 bytes, 1 to 4094`; `missing` where it must be given. */
  readonly wanted: string | undefined;

  constructor(request: Request<unknown>, errno: number, explanation: Explanation = {}) {
    const { kernelMessage, field, wanted, note } = explanation;
    const code = errnoName(errno);
    const where =
      field && `at ${field}${wanted ? `: ${wanted === 'missing' ? wanted : `the kernel wants ${wanted}`}` : ''}`;
    const parts = [
      `${inWords(request)}: ${code} (${errnoMessage(errno)})`,
      ...[kernelMessage, where, note].filter(Boolean),
    ];
    super(parts.join('; '));
    this.code = code;
    this.errno = errno;
    this.operation = request.operation;
    this.object = objectOf(request);
    this.kernelMessage = kernelMessage;
    this.field = field;
    this.wanted = wanted;
  }
}

/** A list changed each time the kernel read it, so objects may be missing. */
export class DumpInterruptedError extends Error {
  override readonly name = 'DumpInterruptedError';
  /** What was asked: `route.list`. */
  readonly operation: string;
  /** The objects that came. */
  readonly partial: readonly unknown[];

  constructor(request: Request<unknown>, partial: readonly unknown[]) {
    super(`${inWords(request)}: interrupted by changes`);
    this.operation = request.operation;
    this.partial = partial;
  }
}

/** What a request is about. Of a list that is what the caller wants, of which the kernel is asked a part. */
function objectOf(request: Request<unknown>): Request<unknown>['object'] {
  return isList(request) ? request.filter : request.object;
}

function inWords(request: Request<unknown>): string {
  return `${request.operation} ${describe(objectOf(request))}`;
}

/** An object on one line, as it is named in errors. */
export function describe(object: object): string {
  const fields = Object.entries(object).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${inline(value)}`],
  );
  return `{${fields.join(', ')}}`;
}

function inline(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return describe(value);
  return String(value);
}
