import { type NetNs, NetNsError } from '@spider/netns';

/** A sysctl of the namespace; undefined if it does not exist because its device or its module is missing. */
export function readSysctl(namespace: NetNs, key: string): string | undefined {
  try {
    return namespace.readSysctl(key);
  } catch (error) {
    if (error instanceof NetNsError && error.reason === 'not-found') return undefined;
    throw error;
  }
}
