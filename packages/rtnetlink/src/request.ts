// A request is a value: an operation and its object. It can be printed, compared, kept in a list, and executed alone or
// with others in one send.
import type { Message } from './codec/message.ts';
import type { Path, Selected } from './codec/path.ts';
import type { Fields, Input, Output } from './codec/schema.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE } from './protocol.ts';

/** The messages before and after requests that take effect together or not at all, as in nf_tables. */
export interface Transaction {
  /** The message before the requests. */
  readonly begin: Request<void>;
  /** The message after the requests. */
  readonly end: Request<void>;
}

/** A request to the kernel. `Result` is the type of its result. */
export interface Request<Result> {
  /** The operation, for error messages: `route.add`. */
  readonly operation: string;
  /** The kind of object. */
  readonly message: Message<Fields>;
  /** Message type, RTM_* of rtnetlink(7). */
  readonly type: number;
  /** NLM_F_* of netlink(7), without those that all requests have. */
  readonly flags: number;
  /** The object to write: its desired state, or its key. */
  readonly object: Input<Fields>;
  /** The kernel's answer: an acknowledgement only, one object, or a list of objects. */
  readonly reply: 'ack' | 'object' | 'dump';
  /** The fields to read of the objects in the answer; unset means all. */
  readonly only?: readonly string[] | undefined;
  /** Adjacent requests of a batch that have the same transaction belong to it, and share one send. */
  readonly transaction?: Transaction;
  /** Never set: it only carries the type of the result. */
  readonly result?: Result;
}

/** A request for all objects of a kind. `Netlink.iterate` takes it too, and makes no objects. */
export interface ListRequest<F extends Fields, Listed = Output<F>> extends Request<Listed[]> {
  readonly reply: 'dump';
  /**
   * The fields, with their values, that listed objects must have. The kernel applies the part of it that it can filter
   * by; this package applies the rest.
   */
  readonly filter: Input<Fields>;
  /** Never set: it only carries the type of the fields. */
  readonly fields?: F;
}

export function isList(request: Request<unknown>): request is ListRequest<Fields> {
  return request.reply === 'dump';
}

/** The requests that exist for a kind of object. These functions only make a request; `Netlink` executes it. */
export interface Verbs<F extends Fields> {
  /** Creates the object; EEXIST if it exists. */
  add(object: Input<F>): Request<void>;
  /** Creates the object, or replaces the one with the same key. */
  replace(object: Input<F>): Request<void>;
  /** Creates another object beside those with the same key. */
  append(object: Input<F>): Request<void>;
  /** Changes an existing object; ENOENT, ESRCH or ENODEV if there is none. */
  set(object: Input<F>): Request<void>;
  /** Deletes the object; ENOENT, ESRCH, ENODEV or EADDRNOTAVAIL if there is none. */
  delete(object: Input<F>): Request<void>;
  /**
   * Reads one object; the result is undefined if there is none. With `only`, no other fields are read, which is
   * noticeably faster for a link. A dot selects a part of a field: `info.kind`.
   */
  get<const Name extends Path<Output<F>> = keyof Output<F> & string>(
    object: Input<F>,
    only?: readonly Name[],
  ): Request<Selected<Output<F>, NoInfer<Name>> | undefined>;
  /** Lists all objects, or those that have all fields of the filter. With `only`, no other fields are read. */
  list(filter?: Input<F>): ListRequest<F>;
  list<const Name extends Path<Output<F>>>(
    filter: Input<F>,
    only: readonly Name[],
  ): ListRequest<F, Selected<Output<F>, NoInfer<Name>>>;
}

/**
 * Makes the requests for a kind of object. `ask` returns the part of a filter that the kernel accepts; by default all of
 * it.
 */
export function verbs<F extends Fields>(
  message: Message<F>,
  ask: (filter: Input<F>) => Input<F> = filter => filter,
): Verbs<F> {
  const { kind, types } = message;
  const request = (
    verb: string,
    type: number,
    flags: number,
    object: Input<F>,
    reply: Request<unknown>['reply'],
    only?: readonly string[],
  ) => ({
    operation: `${kind}.${verb}`,
    message: message as unknown as Message<Fields>,
    type,
    flags,
    object: object as Input<Fields>,
    reply,
    only,
  });
  return {
    add: object => request('add', types.add, NLM_F_CREATE | NLM_F_EXCL, object, 'ack'),
    replace: object => request('replace', types.add, NLM_F_CREATE | NLM_F_REPLACE, object, 'ack'),
    append: object => request('append', types.add, NLM_F_CREATE | NLM_F_APPEND, object, 'ack'),
    set: object => request('set', types.add, NLM_F_REPLACE, object, 'ack'),
    delete: object => request('delete', types.delete, 0, object, 'ack'),
    get: (object, only) => request('get', types.get, 0, object, 'object', only),
    list: (filter: Input<F> = {}, only?: readonly string[]) => ({
      ...request('list', types.get, NLM_F_DUMP, ask(filter), 'dump', only),
      reply: 'dump' as const,
      filter: filter as Input<Fields>,
    }),
  };
}

/** The operation of a message with this type and these flags: `route.add`. */
export function operationOf({ kind, types }: Message<Fields>, type: number, flags: number): string {
  if (type === types.delete) return `${kind}.delete`;
  if (type === types.get) return `${kind}.${(flags & NLM_F_DUMP) === NLM_F_DUMP ? 'list' : 'get'}`;
  if (!(flags & NLM_F_CREATE)) return `${kind}.set`;
  if (flags & NLM_F_EXCL) return `${kind}.add`;
  if (flags & NLM_F_APPEND) return `${kind}.append`;
  // Only routes have an operation that creates an object before those with the same key.
  return `${kind}.${flags & NLM_F_REPLACE || kind !== 'route' ? 'replace' : 'prepend'}`;
}
