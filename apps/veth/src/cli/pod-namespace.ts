import { NetNs } from '@spider/netns';
import { Refusal } from './refusal.ts';

/**
 * The network namespace that an option names.
 * @throws NetNsError where it is none, Refusal where the command itself runs in it
 */
export function openPod(path: string): NetNs {
  const namespace = NetNs.open(path);
  if (!namespace.isCurrent()) return namespace;
  namespace.close();
  throw new Refusal(`--netns ${path} is the namespace that this command runs in: name that of a pod`);
}
