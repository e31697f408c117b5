import { socket } from '@spider/libc';
import type { Namespace } from '../transport.ts';
import type { MonitorEvent } from './event.ts';
import { followed, type Kind } from './kinds.ts';
import { Source } from './source.ts';

/** What to follow, and how. */
export interface MonitorOptions<K extends Kind = Kind, N = unknown> {
  /** Kinds of objects; all kinds if unset. */
  readonly kinds?: readonly K[] | undefined;
  /**
   * The namespaces to follow; that of the thread if unset. `all` follows the thread's namespace and every namespace that
   * has a number there (`nsid`), now or later. The kernel reports changes in those if the socket's owner has
   * CAP_NET_BROADCAST in them. It lists only their links and addresses for that socket, so only these are reported again
   * after an overrun.
   */
  readonly namespaces?: readonly N[] | 'all' | undefined;
  /** Reports existing objects first, in the order of `kinds`, each as `new`, and then `synced`. */
  readonly initial?: boolean | undefined;
  /** Ends the iteration when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** An async iterator over changes. Leaving the loop, or `return()`, closes its sockets. */
export interface Monitor<K extends Kind = Kind, N = unknown>
  extends AsyncIterator<MonitorEvent<K, N>, void, undefined>,
    AsyncDisposable {
  /** The monitor itself. */
  [Symbol.asyncIterator](): this;
  /** Ends the iteration and closes the sockets. */
  return(): Promise<IteratorResult<MonitorEvent<K, N>, void>>;
}

/**
 * Follows changes of kernel objects: `for await (const event of monitor({ kinds: ['link'] }))`. It waits in the event
 * loop of the runtime, without a thread. Its sockets are open when the call returns, so no later change is missed.
 *
 * The kernel does not report every change: for example, it does not report IPv4 routes that are removed because their
 * interface goes down.
 * @throws LinuxError a socket cannot be opened.
 * @throws TypeError there is no such kind.
 */
export function monitor<const K extends Kind = Kind>(
  options: MonitorOptions<K, never> & { readonly namespaces: 'all' },
): Monitor<K, number | undefined>;
export function monitor<const K extends Kind = Kind, N extends Namespace = Namespace>(
  options: MonitorOptions<K, N> & { readonly namespaces: readonly N[] },
): Monitor<K, N>;
export function monitor<const K extends Kind = Kind>(
  options?: MonitorOptions<K, never> & { readonly namespaces?: undefined },
): Monitor<K, undefined>;
export function monitor(options: MonitorOptions<Kind, Namespace> = {}): Monitor {
  return new Following(options);
}

/** The sources, and the consumer that waits for them. */
class Following implements Monitor {
  readonly #sources: Source[] = [];
  readonly #events: AsyncGenerator<MonitorEvent, void, undefined>;
  readonly #signal: AbortSignal | undefined;
  readonly #end = (): void => this.#finish();
  #ended = false;
  #rung = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor({ kinds, namespaces, initial = false, signal }: MonitorOptions<Kind, Namespace>) {
    const what = followed(kinds);
    const everywhere = namespaces === 'all';
    const where = everywhere || !namespaces ? [undefined] : namespaces;
    const ring = (failure?: Error): void => {
      this.#rung = true;
      this.#failure ??= failure;
      this.#wake?.();
    };
    this.#signal = signal;
    this.#events = this.#tell(initial);
    if (signal?.aborted) this.#ended = true;
    else signal?.addEventListener('abort', this.#end);
    try {
      if (!this.#ended)
        for (const label of where)
          this.#sources.push(new Source({ kinds: what, label, namespace: label ?? { socket }, everywhere }, ring));
    } catch (error) {
      this.#finish();
      throw error;
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<MonitorEvent, void>> {
    return this.#events.next();
  }

  return(): Promise<IteratorResult<MonitorEvent, void>> {
    this.#finish();
    return this.#events.return();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #finish(): void {
    this.#ended = true;
    this.#signal?.removeEventListener('abort', this.#end);
    for (const source of this.#sources.splice(0)) source.close();
    this.#wake?.();
  }

  async *#tell(initial: boolean): AsyncGenerator<MonitorEvent, void, undefined> {
    try {
      if (initial) for (const source of this.#sources) yield* this.#all(source);
      while (!this.#ended) {
        this.#rung = false;
        for (const source of this.#sources) {
          while (!this.#ended) {
            const told = source.next();
            if (!told) break;
            yield told;
            if (told.type === 'overrun') yield* this.#all(source);
          }
        }
        await this.#ring();
      }
    } finally {
      this.#finish();
    }
  }

  async *#all(source: Source): AsyncGenerator<MonitorEvent, void, undefined> {
    for await (const event of source.all()) {
      if (this.#ended) return;
      yield event;
    }
  }

  /** Waits until any source has something to receive, or until the end. */
  async #ring(): Promise<void> {
    if (!this.#rung && !this.#ended)
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    this.#wake = undefined;
    if (this.#failure) throw this.#failure;
  }
}
