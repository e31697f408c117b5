import { type NetNs, NetNsError } from '@spider/netns';

/** A kernel setting of the namespace; undefined where there is none: its device or its module is missing. */
export function settingOf(namespace: NetNs, key: string): string | undefined {
  try {
    return namespace.readSysctl(key);
  } catch (error) {
    if (error instanceof NetNsError && error.reason === 'not-found') return undefined;
    throw error;
  }
}
