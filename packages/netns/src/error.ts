/** Why an operation on a network namespace failed. */
export type NetNsErrorReason =
  /** The path, name, process or sysctl key does not exist. */
  | 'not-found'
  /**
   * The path is an empty file on which no namespace is mounted: its bind mount was removed, or is not visible in this mount
   * namespace.
   */
  | 'not-mounted'
  /** The path is another file, or a namespace of another type. */
  | 'not-a-network-namespace'
  /** The name exists already. */
  | 'exists'
  /** The caller lacks a permission or capability. */
  | 'no-permission'
  /** The handle was closed. */
  | 'closed'
  /** The kernel refused for another reason, which `cause` has. */
  | 'refused';

/** An operation on a network namespace failed. If a system call failed, `cause` is its error. */
export class NetNsError extends Error {
  override readonly name = 'NetNsError';
  /** Why the operation failed. */
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

/**
 * Makes an error that names the failed operation (`doing`, which follows "cannot"), the cause, and a hint for its reason.
 */
export function explain(doing: string, error: Error & { readonly code: unknown }, hints: Hints = {}): NetNsError {
  const reason = reasons[String(error.code)] ?? 'refused';
  const hint = hints[reason] ? `; ${hints[reason]}` : '';
  return new NetNsError(`cannot ${doing}: ${error.message}${hint}`, reason, error);
}

/**
 * Runs `action`, and converts its system call errors.
 * @throws NetNsError
 */
export function attempt<T>(doing: string, action: () => T, hints?: Hints): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof Error && 'code' in error ? explain(doing, error, hints) : error;
  }
}
