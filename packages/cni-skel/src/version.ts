import { CNIError, ErrorCode } from './error.ts';

/** All versions of the CNI SPEC, oldest first. */
export const allVersions = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const;
/** A version of the CNI SPEC. */
export type CNIVersion = (typeof allVersions)[number];

/** The newest version: handlers use its results, and VERSION answers with it. */
export const currentVersion = '1.1.0' satisfies CNIVersion;

/** Version of a configuration that has none, as in the reference implementation; `spec-upgrades.md` says otherwise. */
export const oldestVersion = '0.1.0' satisfies CNIVersion;

/** `min` and all newer versions, for a plugin that does not support older ones. */
export function versionsStartingFrom(min: CNIVersion): readonly [CNIVersion, ...CNIVersion[]] {
  return [min, ...allVersions.slice(allVersions.indexOf(min) + 1)];
}

/**
 * The version of a configuration, result or request. Absent, null and "" are 0.1.0.
 * @throws CNIError code 6
 */
export function decodeVersion(conf: { readonly cniVersion?: unknown }): string {
  const version = conf.cniVersion ?? '';
  if (typeof version !== 'string') {
    const is = JSON.stringify(version);
    throw new CNIError(
      ErrorCode.DecodingFailure,
      `decoding version from network config: cniVersion ${is} is no string`,
    );
  }
  return version || oldestVersion;
}

/** The versions that introduced the commands newer than 0.1.0. */
const since = { CHECK: '0.4.0', GC: '1.1.0', STATUS: '1.1.0' } as const;
export type NewerCommand = keyof typeof since;

/**
 * Requires that the configuration's version is, as a string, one of the supported ones.
 * @throws CNIError code 1
 */
export function requireSupported(version: string, supported: readonly string[]): void {
  if (supported.includes(version)) return;
  const list = supported.map(one => JSON.stringify(one)).join(' ');
  throw new CNIError(ErrorCode.IncompatibleCNIVersion, 'incompatible CNI versions', {
    details: `config is ${JSON.stringify(version)}, plugin supports [${list}]`,
  });
}

/**
 * As {@link requireSupported}, for a command that old configurations and old plugins do not have.
 * @throws CNIError code 1
 */
export function requireSupportedBy(command: NewerCommand, version: string, supported: readonly string[]): void {
  const refuse = (whose: string) =>
    new CNIError(ErrorCode.IncompatibleCNIVersion, `${whose} version does not allow ${command}`);
  if (!knows(version, command)) throw refuse('config');
  if (!supported.some(candidate => isAtLeast(candidate, version))) throw refuse('plugin');
  requireSupported(version, supported);
}

/** Whether a version of the SPEC has a command. */
export function knows(version: string, command: NewerCommand): boolean {
  return isAtLeast(version, since[command]);
}

export type ParsedVersion = readonly [major: number, minor: number, micro: number];

/**
 * Parses up to three integers separated by dots. Missing parts are 0, and "" is 0.1.0. This is not semver: `0.-42.0` is
 * valid.
 * @throws CNIError code 6
 */
export function parseVersion(version: string): ParsedVersion {
  const parts = (version || oldestVersion).split('.');
  const refuse = (msg: string) => new CNIError(ErrorCode.DecodingFailure, msg);
  if (parts.length > 3) throw refuse(`invalid version ${JSON.stringify(version)}: too many parts`);
  const names = ['major', 'minor', 'micro'];
  const [major = 0, minor = 0, micro = 0] = parts.map((part, index) => {
    if (/^[-+]?\d+$/.test(part)) return Number(part);
    throw refuse(`failed to convert ${names[index]} version part ${JSON.stringify(part)}: not an integer`);
  });
  return [major, minor, micro];
}

/** Negative, zero or positive if `a` is older than, equal to or newer than `b`. */
export function compareVersions(a: string, b: string): number {
  const left = parseVersion(a);
  const right = parseVersion(b);
  const differing = left.findIndex((part, index) => part !== right[index]);
  return differing < 0 ? 0 : left[differing]! - right[differing]!;
}

function isAtLeast(version: string, min: string): boolean {
  return compareVersions(version, min) >= 0;
}
