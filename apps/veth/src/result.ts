import type { Result } from '@spider/cni-skel';
import type { Facts } from './facts.ts';
import type { Plan } from './plan/plan.ts';

/** The result of ADD: that of the chain so far, with the NIC's new hardware address, and the pair. */
export function resultOf(prevResult: Result, { hardwareAddress, pair }: Plan, { nic }: Facts, netns: string): Result {
  const interfaces = (prevResult.interfaces ?? []).map(entry =>
    hardwareAddress && entry.name === nic.name && entry.sandbox ? { ...entry, mac: hardwareAddress } : entry,
  );
  // Appended, so that the indexes in `ips` stay valid.
  if (pair)
    interfaces.push(
      { name: pair.hostName, mac: pair.hostAddress, mtu: pair.mtu },
      { name: pair.podName, mac: pair.podAddress, mtu: pair.mtu, sandbox: netns },
    );
  return { ...prevResult, interfaces };
}
