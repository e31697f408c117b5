/** Error codes of SPEC section 5 and of the reference library. 0–99 are reserved, 100 and above are the plugin's own. */
export const ErrorCode = {
  /** A delegated plugin failed without saying how. */
  Unknown: 0,
  /** The configuration's `cniVersion` is none that the plugin supports. */
  IncompatibleCNIVersion: 1,
  /** A field of the configuration is not supported; the message names its key and value. */
  UnsupportedField: 2,
  /** The container is unknown or gone: the runtime need not clean up with DEL. */
  UnknownContainer: 3,
  /** A `CNI_*` variable is missing or invalid; the message names it. */
  InvalidEnvironmentVariables: 4,
  /** Reading or writing failed: the configuration from standard input, the result to standard output. */
  IOFailure: 5,
  /** Something is not the JSON or the version it should be. */
  DecodingFailure: 6,
  /** The network configuration is invalid. */
  InvalidNetworkConfig: 7,
  /** `CNI_NETNS` is not the container's network namespace. Not in the SPEC; used by the reference library. */
  InvalidNetNS: 8,
  /** A transient condition: the runtime should try again. */
  TryAgainLater: 11,
  /** STATUS only: ADD cannot be served. */
  PluginNotAvailable: 50,
  /** STATUS only: ADD cannot be served, and containers that are attached may have limited connectivity. */
  LimitedConnectivity: 51,
  /** Anything else. Not in the SPEC; used by the reference library. */
  Internal: 999,
} as const;

/** What an error may have beside code and message. */
export interface CNIErrorOptions {
  /** A longer explanation, printed as `details`. */
  details?: string | undefined;
  /** What was thrown before, as of every Error. */
  cause?: unknown;
}

/** What a CNIError is told by: a program may hold several copies of the class, as of ESM and of CommonJS. */
const mark = Symbol.for('@spider/cni-skel/CNIError');

/**
 * An error as the SPEC knows it (section 5, Error): a handler that throws one answers exactly with it. `instanceof
 * CNIError` holds for one of any copy of this package.
 */
export class CNIError extends Error {
  static {
    Object.defineProperty(CNIError.prototype, mark, { value: true });
  }

  /** A subclass has only instances of its own, as usual. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: subclasses inherit this method
    if (this !== CNIError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && mark in value;
  }

  override readonly name = 'CNIError';
  /** A code of {@link ErrorCode}, or the plugin's own: an integer of 100 or more. */
  readonly code: number;
  /** One line that says what is wrong. `message` is the same with the details behind it. */
  readonly msg: string;
  /** A longer explanation; undefined where there is none. */
  readonly details: string | undefined;

  /** @throws RangeError where `code` is not a non-negative integer: runtimes discard an error with such a code. */
  constructor(code: number, msg: string, { details, cause }: CNIErrorOptions = {}) {
    if (!Number.isSafeInteger(code) || code < 0) {
      throw new RangeError(`CNI error code ${code}: must be a non-negative integer`);
    }
    super(details ? `${msg}; ${details}` : msg, cause === undefined ? undefined : { cause });
    this.code = code;
    this.msg = msg;
    this.details = details || undefined;
  }

  /** The error as it is printed, but for its `cniVersion`. */
  toJSON(): { code: number; msg: string; details?: string } {
    const { code, msg, details } = this;
    return { code, msg, ...(details && { details }) };
  }

  /**
   * What a thrown value answers with: itself where it is a CNIError, else the first one along its `cause` chain (with
   * the outer message as details, where it has none), else code 999 with the value's message.
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

/** The message of anything that can be thrown. */
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
