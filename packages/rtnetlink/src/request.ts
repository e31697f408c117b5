// A request is a value: what is wanted of which object. It can be printed, compared, kept in a list, and executed alone
// or with others in one send.
import type { Message } from './codec/message.ts';
import type { Path, Selected } from './codec/path.ts';
import type { Fields, Input, Output } from './codec/schema.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE } from './protocol.ts';

/** What stands before and behind requests that take effect together or not at all, as in nf_tables. */
export interface Transaction {
  readonly begin: Request<void>;
  readonly end: Request<void>;
}

/** One request to the kernel. `Result` is what executing it gives. */
export interface Request<Result> {
  /** The operation in words, for errors: `route.add`. */
  readonly operation: string;
  /** The kind of object. */
  readonly message: Message<Fields>;
  /** RTM_*. */
  readonly type: number;
  /** NLM_F_*, without those that every request has. */
  readonly flags: number;
  /** What is written: the object wanted, or what tells it from others. */
  readonly object: Input<Fields>;
  /** What the kernel answers: nothing but an acknowledgement, one object, or all objects. */
  readonly reply: 'ack' | 'object' | 'dump';
  /** The fields that are read of the object that the kernel answers with; all where it is not given. */
  readonly only?: readonly string[] | undefined;
  /** Neighbours in a batch with the same transaction are part of one, and go out with one send. */
  readonly transaction?: Transaction;
  /** Never set; carries the result's type. */
  readonly result?: Result;
}

/** Lists all objects of a kind; can be iterated without making objects. */
export interface ListRequest<F extends Fields, Listed = Output<F>> extends Request<Listed[]> {
  readonly reply: 'dump';
  /** What the objects must be like. The kernel applies what it was asked for of it, or nothing; the rest is done here. */
  readonly filter: Input<Fields>;
  /** Never set; carries the fields' types. */
  readonly fields?: F;
}

export function isList(request: Request<unknown>): request is ListRequest<Fields> {
  return request.reply === 'dump';
}

/** The requests one can make about a kind of object. Each only makes a value; nothing is sent. */
export interface Verbs<F extends Fields> {
  /** Creates the object; EEXIST where it exists. */
  add(object: Input<F>): Request<void>;
  /** Creates the object or takes the place of the one with the same key. */
  replace(object: Input<F>): Request<void>;
  /** Creates one more object beside those with the same key. */
  append(object: Input<F>): Request<void>;
  /** Changes an existing object; ENOENT, ESRCH or ENODEV where there is none. */
  set(object: Input<F>): Request<void>;
  /** Removes the object; ENOENT, ESRCH, ENODEV or EADDRNOTAVAIL where there is none. */
  delete(object: Input<F>): Request<void>;
  /**
   * Asks for one object; undefined where there is none. With `only`, nothing else of it is read: in a program that lives
   * for milliseconds, reading all of a link takes a noticeable part of them. A part of a field has a dot: `info.kind`.
   */
  get<const Name extends Path<Output<F>> = keyof Output<F> & string>(
    object: Input<F>,
    only?: readonly Name[],
  ): Request<Selected<Output<F>, NoInfer<Name>> | undefined>;
  /** Lists all objects, or those that have all that the filter has. With `only`, nothing else of them is read. */
  list(filter?: Input<F>): ListRequest<F>;
  list<const Name extends Path<Output<F>>>(
    filter: Input<F>,
    only: readonly Name[],
  ): ListRequest<F, Selected<Output<F>, NoInfer<Name>>>;
}

/** The verbs for a kind of object. `ask` tells how a filter is put to the kernel, where that differs from the filter. */
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

/** What a message asks for, by its type and flags: `route.add`. */
export function operationOf({ kind, types }: Message<Fields>, type: number, flags: number): string {
  if (type === types.delete) return `${kind}.delete`;
  if (type === types.get) return `${kind}.${(flags & NLM_F_DUMP) === NLM_F_DUMP ? 'list' : 'get'}`;
  if (!(flags & NLM_F_CREATE)) return `${kind}.set`;
  if (flags & NLM_F_EXCL) return `${kind}.add`;
  if (flags & NLM_F_APPEND) return `${kind}.append`;
  // Only of routes there can be one more before the others.
  return `${kind}.${flags & NLM_F_REPLACE || kind !== 'route' ? 'replace' : 'prepend'}`;
}
