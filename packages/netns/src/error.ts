/** Why an operation on a network namespace failed. */
export type NetNsErrorReason =
  /** There is nothing of this path, name, process or sysctl key (any more). */
  | 'not-found'
  /** The path is an empty file that namespaces are mounted on, and none is: its bind mount was removed, or never got here. */
  | 'not-mounted'
  /** The path is something else, or a namespace of another kind. */
  | 'not-a-network-namespace'
  /** The name is taken. */
  | 'exists'
  /** The caller may not do this. */
  | 'no-permission'
  /** The handle was closed. */
  | 'closed'
  /** The kernel refused for the reason that `cause` gives. */
  | 'refused';

/** An operation on a network namespace failed; `cause` is the system call's error, where one failed. */
export class NetNsError extends Error {
  override readonly name = 'NetNsError';
  readonly reason: NetNsErrorReason;

  constructor(message: string, reason: NetNsErrorReason, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.reason = reason;
  }
}

const reasons: Readonly<Record<string, NetNsErrorReason>> = {
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  ESRCH: 'not-found',
  EEXIST: 'exists',
  EACCES: 'no-permission',
  EPERM: 'no-permission',
};

type Hints = Readonly<Partial<Record<NetNsErrorReason, string>>>;

/** Says what could not be done (`doing` reads on from "cannot"), why, and what helps against that reason. */
export function explain(doing: string, error: Error & { readonly code: unknown }, hints: Hints = {}): NetNsError {
  const reason = reasons[String(error.code)] ?? 'refused';
  const hint = hints[reason] ? `; ${hints[reason]}` : '';
  return new NetNsError(`cannot ${doing}: ${error.message}${hint}`, reason, error);
}

/**
 * Does what may fail, and explains when it does.
 * @throws NetNsError
 */
export function attempt<T>(doing: string, action: () => T, hints?: Hints): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof Error && 'code' in error ? explain(doing, error, hints) : error;
  }
}
