import { errnoMessage, errnoName } from '@spider/libc';
import { isList, type Request } from './request.ts';

/** What is known about a failure besides the error number. */
export interface Explanation {
  /** The kernel's message. */
  readonly kernelMessage?: string | undefined;
  /** The field that the kernel refused or missed. */
  readonly field?: string | undefined;
  /** What the kernel accepts in that field. */
  readonly wanted?: string | undefined;
  /** Explanation by this package. */
  readonly note?: string | undefined;
}

/** The kernel refused a request, or its answer was lost. */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  /** Name of the error in errno(3): `EEXIST`. */
  readonly code: string;
  /** Number of the error, positive. */
  readonly errno: number;
  /** The request: `route.add`. */
  readonly operation: string;
  /** The object of the request; for a list, its filter. */
  readonly object: Readonly<Record<string, unknown>>;
  /** The kernel's message (extended acknowledgement, netlink(7)), if it gave one. */
  readonly kernelMessage: string | undefined;
  /** The field that the kernel refused or missed: `info.data.peer.mtu`. */
  readonly field: string | undefined;
  /** What the kernel accepts in `field`: `8 bytes`, `2 bytes, 1 to 4094`; `missing` if the field is required. */
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

/** A list changed every time that the kernel read it (NLM_F_DUMP_INTR), so objects may be missing. */
export class DumpInterruptedError extends Error {
  override readonly name = 'DumpInterruptedError';
  /** The request: `route.list`. */
  readonly operation: string;
  /** The objects that were read. */
  readonly partial: readonly unknown[];

  constructor(request: Request<unknown>, partial: readonly unknown[]) {
    super(`${inWords(request)}: interrupted by changes`);
    this.operation = request.operation;
    this.partial = partial;
  }
}

/** The object of a request. For a list that is the caller's filter, of which the kernel was sent only a part. */
function objectOf(request: Request<unknown>): Request<unknown>['object'] {
  return isList(request) ? request.filter : request.object;
}

function inWords(request: Request<unknown>): string {
  return `${request.operation} ${describe(objectOf(request))}`;
}

/** An object on one line, for error messages. */
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
