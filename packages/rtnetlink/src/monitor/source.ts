import { setTimeout } from 'node:timers/promises';
import { LinuxError, NETLINK_ROUTE } from '@spider/libc';
import type { Fields, Output } from '../codec/schema.ts';
import { EAGAIN, ENOBUFS } from '../errno.ts';
import { DumpInterruptedError, NetlinkError } from '../errors.ts';
import { nsid } from '../nsid.ts';
import { Replies } from '../replies.ts';
import type { ListRequest } from '../request.ts';
import { Rtnetlink } from '../rtnetlink.ts';
import { type Namespace, openSocket } from '../transport.ts';
import type { Change, MonitorEvent, Overrun } from './event.ts';
import type { Followed } from './kinds.ts';
import { Listener } from './listener.ts';

/** What one source reports. */
export interface Scope {
  readonly kinds: readonly Followed[];
  readonly namespace: Namespace;
  /** The namespace as it appears in events. */
  readonly label: Namespace | undefined;
  /** Also follows the namespaces that have a number in this one; events have that number. */
  readonly everywhere: boolean;
}

// Milliseconds to wait before a list is read again after it changed during each of several reads.
const retryDelay = 100;

/** Follows one namespace, or all: one socket listens, another one executes requests. */
export class Source {
  readonly #scope: Scope;
  readonly #listener: Listener;
  readonly #told: Replies;
  readonly #client: Rtnetlink;
  #closed = false;

  /**
   * Calls `ring` when there may be changes.
   * @throws LinuxError a socket cannot be opened.
   */
  constructor(scope: Scope, ring: (failure?: Error) => void) {
    const groups = scope.kinds.flatMap(kind => kind.groups);
    this.#scope = scope;
    this.#client = new Rtnetlink(openSocket(NETLINK_ROUTE, scope.namespace));
    try {
      this.#listener = new Listener({ ...scope, groups }, ring);
    } catch (error) {
      this.#client.close();
      throw error;
    }
    this.#told = new Replies(this.#listener);
  }

  close(): void {
    this.#closed = true;
    this.#listener.close();
    this.#client.close();
  }

  /** All existing objects. */
  async *all(): AsyncGenerator<MonitorEvent, void, undefined> {
    const { kinds, label, everywhere } = this.#scope;
    yield* this.#list(kinds, label, kind => kind.lists());
    if (!everywhere) return;
    const listed = kinds.filter(kind => kind.listsElsewhere);
    for (const { nsid: number = -1 } of await this.#complete(nsid.list()))
      try {
        yield* this.#list(listed, number, kind => kind.listsElsewhere!(number));
      } catch (error) {
        // The namespace no longer exists, or this process may not list it.
        if (!(error instanceof NetlinkError)) throw error;
      }
  }

  /** The next change; undefined if there is none at present. After an overrun the caller must read `all`. */
  next(): Change | Overrun | undefined {
    for (;;) {
      try {
        this.#told.advance();
      } catch (error) {
        if (!(error instanceof LinuxError)) throw error;
        if (error.errno === EAGAIN) return undefined;
        if (error.errno !== ENOBUFS) throw error;
        // Messages in the queue are older than the lists that follow.
        this.#told.drain();
        return { type: 'overrun', namespace: this.#scope.label };
      }
      const change = this.#change();
      if (change) return change;
    }
  }

  async *#list(
    kinds: readonly Followed[],
    namespace: unknown,
    listsOf: (kind: Followed) => readonly ListRequest<Fields>[],
  ): AsyncGenerator<MonitorEvent, void, undefined> {
    for (const { kind, ...followed } of kinds)
      for (const request of listsOf({ kind, ...followed }))
        for (const object of await this.#complete(request)) yield changeOf('new', kind, object, namespace);
    yield { type: 'synced', namespace, kinds: kinds.map(({ kind }) => kind) };
  }

  /** A list that did not change while it was read, however long that takes. Empty if the source is closed. */
  async #complete<F extends Fields>(request: ListRequest<F>): Promise<readonly Output<F>[]> {
    while (!this.#closed)
      try {
        return this.#client.execute(request);
      } catch (error) {
        if (!(error instanceof DumpInterruptedError)) throw error;
        await setTimeout(retryDelay);
      }
    return [];
  }

  /** The change that the current message reports; undefined if its kind is not followed. */
  #change(): Change | undefined {
    const { memory, type, payload, end } = this.#told;
    const { kinds, label, everywhere } = this.#scope;
    for (const { kind, message } of kinds) {
      const { types } = message;
      if (type !== types.add && type !== types.delete) continue;
      const object = message.read(memory, payload, end);
      // Bridges report their ports in messages about links, in which `delete` means that the link is no longer a port.
      if (kind === 'link' && object['family'] !== 0) return undefined;
      const namespace = everywhere ? this.#listener.nsid : label;
      return changeOf(type === types.add ? 'new' : 'delete', kind, object, namespace);
    }
    return undefined;
  }
}

function changeOf(type: 'new' | 'delete', kind: string, object: Output<Fields>, namespace: unknown): Change {
  return { type, kind, object, namespace } as Change;
}
