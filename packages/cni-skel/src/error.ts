/**
 * Error codes of SPEC section 5 and of the reference library. 0 to 99 are reserved; a plugin's own codes start at 100.
 */
export const ErrorCode = {
  /** A delegated plugin failed without an error message. */
  Unknown: 0,
  /** The plugin does not support the configuration's `cniVersion`. */
  IncompatibleCNIVersion: 1,
  /** A field of the configuration is not supported; the message names its key and value. */
  UnsupportedField: 2,
  /** The container is unknown or no longer exists: the runtime need not clean up by DEL. */
  UnknownContainer: 3,
  /** A `CNI_*` variable is missing or invalid; the message names it. */
  InvalidEnvironmentVariables: 4,
  /** Reading the configuration from standard input, or writing the result to standard output, failed. */
  IOFailure: 5,
  /** Something is not valid JSON, or has the wrong version. */
  DecodingFailure: 6,
  /** The network configuration is invalid. */
  InvalidNetworkConfig: 7,
  /** `CNI_NETNS` is not the container's network namespace. Not in the SPEC; used by the reference library. */
  InvalidNetNS: 8,
  /** A temporary condition: the runtime should try again. */
  TryAgainLater: 11,
  /** STATUS only: ADD cannot be handled. */
  PluginNotAvailable: 50,
  /** STATUS only: ADD cannot be handled, and attached containers may have limited connectivity. */
  LimitedConnectivity: 51,
  /** Any other error. Not in the SPEC; used by the reference library. */
  Internal: 999,
} as const;

/** Optional properties of an error. */
export interface CNIErrorOptions {
  /** A longer explanation, printed as `details`. */
  details?: string | undefined;
  /** The error that caused this one, as for any Error. */
  cause?: unknown;
}

/** Identifies a CNIError. A program may have several copies of the class, for example those of ESM and CommonJS. */
const mark = Symbol.for('@spider/cni-skel/CNIError');

/**
 * An error as the SPEC defines it (section 5, Error). If a handler throws one, the plugin answers with exactly that
 * error. `instanceof CNIError` is true for an error of any copy of this package.
 */
export class CNIError extends Error {
  static {
    Object.defineProperty(CNIError.prototype, mark, { value: true });
  }

  /** For subclasses, `instanceof` works as usual. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: subclasses inherit this method
    if (this !== CNIError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && mark in value;
  }

  override readonly name = 'CNIError';
  /** A code of {@link ErrorCode}, or the plugin's own: an integer of 100 or more. */
  readonly code: number;
  /** One line that says what is wrong. `message` is the same, followed by the details. */
  readonly msg: string;
  /** A longer explanation, if there is one. */
  readonly details: string | undefined;

  /** @throws RangeError `code` is not a non-negative integer; runtimes discard an error with such a code */
  constructor(code: number, msg: string, { details, cause }: CNIErrorOptions = {}) {
    if (!Number.isSafeInteger(code) || code < 0) {
      throw new RangeError(`CNI error code ${code}: must be a non-negative integer`);
    }
    super(details ? `${msg}; ${details}` : msg, cause === undefined ? undefined : { cause });
    this.code = code;
    this.msg = msg;
    this.details = details || undefined;
  }

  /** The error as it is printed, without `cniVersion`. */
  toJSON(): { code: number; msg: string; details?: string } {
    const { code, msg, details } = this;
    return { code, msg, ...(details && { details }) };
  }

  /**
   * The error to answer with for a thrown value: the value itself if it is a CNIError; otherwise the first CNIError in
   * its chain of `cause`, to which the outer message is added as details if it has none; otherwise code 999 with the
   * value's message.
   */
  static from(thrown: unknown): CNIError {
    if (thrown instanceof CNIError) return thrown;
    const seen = new Set<unknown>();
    for (let cause = causeOf(thrown); cause !== undefined && !seen.has(cause); cause = causeOf(cause)) {
      seen.add(cause);
      if (cause instanceof CNIError) {
        return new CNIError(cause.code, cause.msg, { details: cause.details ?? messageOf(thrown), cause: thrown });
      }
    }
    return new CNIError(ErrorCode.Internal, messageOf(thrown), { cause: thrown });
  }
}

/** The message of any value that can be thrown. */
export function messageOf(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return String(thrown.message || thrown.name);
    return String(typeof thrown === 'object' ? JSON.stringify(thrown) : thrown);
  } catch {
    return 'an error that cannot be shown';
  }
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error ? thrown.cause : undefined;
}
