import type { Kind, ObjectOf } from './kinds.ts';

/** An object was made or changed (`new`), or is gone (`delete`). */
export type Change<K extends Kind = Kind, N = unknown> = {
  [Each in K]: {
    readonly type: 'new' | 'delete';
    readonly kind: Each;
    readonly object: ObjectOf<Each>;
    /** Where: one of the namespaces that were given, or with `all` the number that the thread's own knows it by. */
    readonly namespace: N;
  };
}[K];

/** So much happened that changes were lost. All that is there follows, each object `new`, and then `synced`. */
export interface Overrun<N = unknown> {
  readonly type: 'overrun';
  /** Where; with `all`, everywhere. */
  readonly namespace: N;
}

/** All that is there was told. What was known before and was not told since the overrun is gone. */
export interface Synced<K extends Kind = Kind, N = unknown> {
  readonly type: 'synced';
  readonly namespace: N;
  /** The kinds of which all was told. */
  readonly kinds: readonly K[];
}

/** What a monitor tells. */
export type MonitorEvent<K extends Kind = Kind, N = unknown> = Change<K, N> | Overrun<N> | Synced<K, N>;
