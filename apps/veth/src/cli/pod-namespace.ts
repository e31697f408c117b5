import { NetNs } from '@spider/netns';

/**
 * Opens the network namespace that --netns names.
 * @throws NetNsError if it is no network namespace
 * @throws Error if it is not a path, or is the namespace in which the command itself runs
 */
export function openPod(path: string): NetNs {
  if (!path.includes('/')) throw new Error(`--netns ${path} is no path; that of a name is /run/netns/${path}`);
  const namespace = NetNs.open(path);
  if (!namespace.isCurrent()) return namespace;
  namespace.close();
  throw new Error(`--netns ${path} is the namespace that this command runs in: name that of a pod`);
}
