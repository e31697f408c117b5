import { NetNs } from '@spider/netns';

/**
 * The network namespace that an option names.
 * @throws NetNsError where it is none, Error where it is a name, or where the command itself runs in it
 */
export function openPod(path: string): NetNs {
  if (!path.includes('/')) throw new Error(`--netns ${path} is no path; that of a name is /run/netns/${path}`);
  const namespace = NetNs.open(path);
  if (!namespace.isCurrent()) return namespace;
  namespace.close();
  throw new Error(`--netns ${path} is the namespace that this command runs in: name that of a pod`);
}
