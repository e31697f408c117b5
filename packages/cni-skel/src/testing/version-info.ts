import { CNIError, ErrorCode, messageOf } from '../error.ts';
import { listOf, member, parseJSON, readObject, readString } from '../json.ts';

/**
 * Reads a plugin's answer to VERSION: the versions that it supports.
 * @throws CNIError code 6
 */
export function decodeVersionInfo(stdout: Uint8Array): readonly string[] {
  const refuse = (why: string) => new CNIError(ErrorCode.DecodingFailure, `decoding version info: ${why}`);
  let cniVersion: string | undefined;
  let supportedVersions: string[] | undefined;
  try {
    const info = readObject(parseJSON(stdout), 'reply');
    cniVersion = member(info, 'cniVersion', readString);
    supportedVersions = member(info, 'supportedVersions', listOf(readString));
  } catch (error) {
    throw refuse(messageOf(error));
  }
  if (!cniVersion) throw refuse('missing field cniVersion');
  if (supportedVersions && supportedVersions.length > 0) return supportedVersions;
  // Plugins of version 0.2.0 did not list the versions.
  if (cniVersion === '0.2.0') return ['0.1.0', '0.2.0'];
  throw refuse('missing field supportedVersions');
}

/** Whether a plugin failed because it is older than the VERSION command. Such a plugin supports 0.1.0. */
export function predatesVersion(error: unknown): boolean {
  return error instanceof CNIError && error.msg === 'unknown CNI_COMMAND: VERSION';
}
