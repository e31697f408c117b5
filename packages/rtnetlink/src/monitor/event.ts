import type { Kind, ObjectOf } from './kinds.ts';

/** An object was created or changed (`new`), or deleted (`delete`). */
export type Change<K extends Kind = Kind, N = unknown> = {
  [Each in K]: {
    /** Whether the object was created or changed, or deleted. */
    readonly type: 'new' | 'delete';
    /** The kind of object. */
    readonly kind: Each;
    /** The object, as the kernel reports it. */
    readonly object: ObjectOf<Each>;
    /** One of the given namespaces; with `all`, the number (`nsid`) that the thread's namespace has for it. */
    readonly namespace: N;
  };
}[K];

/** Changes were lost because too many happened at once. All existing objects follow, each as `new`, and then `synced`. */
export interface Overrun<N = unknown> {
  /** Identifies the event. */
  readonly type: 'overrun';
  /** The namespace of the changes; with `all`, any namespace. */
  readonly namespace: N;
}

/**
 * All existing objects have been reported. Objects that were known before, and have not been reported since the overrun,
 * no longer exist.
 */
export interface Synced<K extends Kind = Kind, N = unknown> {
  /** Identifies the event. */
  readonly type: 'synced';
  /** The namespace that was listed. */
  readonly namespace: N;
  /** The kinds that were listed. */
  readonly kinds: readonly K[];
}

/** An event of a monitor. */
export type MonitorEvent<K extends Kind = Kind, N = unknown> = Change<K, N> | Overrun<N> | Synced<K, N>;
