// Errors of a NIC that does not accept the hardware address from hardware_prefix.
import { CNIError } from '@spider/cni-skel';
import { link, NetlinkError } from '@spider/rtnetlink';
import { Code } from '../errors.ts';
import type { Nic } from '../facts.ts';
import type { Site } from '../sites.ts';

/**
 * Some drivers report success and do nothing: a virtual function that the host does not trust keeps the host's address.
 * @throws CNIError if the address is not the wanted one
 */
export function confirmHardwareAddress(wanted: string, nic: Nic, { rtnetlink }: Site): void {
  const actual = rtnetlink.execute(link.get({ index: nic.index }))?.address;
  if (actual !== wanted)
    throw new CNIError(Code.KernelRefused, `link ${nic.name} address ${wanted} in the pod: the driver kept ${actual}`, {
      details: advice(nic, untrusted),
    });
}

/** What to do about the kernel's refusal, for the details of the error. */
export function hardwareAdvice(nic: Nic, error: Error): string {
  return advice(nic, (error instanceof NetlinkError && remedies[error.code]) || 'leave hardware_prefix out');
}

function advice({ name, kind }: Nic, remedy: string): string {
  return `link ${name}, ${kind ? `of kind ${kind}` : 'a hardware device'}, keeps its hardware address: ${remedy}`;
}

const untrusted = 'an SR-IOV virtual function needs "trust" on its host to change it; else leave hardware_prefix out';

/** The remedies, by errno of the kernel or the driver. */
const remedies: Readonly<Record<string, string>> = {
  EOPNOTSUPP: 'links of this kind have none that can be changed; leave hardware_prefix out',
  EBUSY: 'its driver changes it only while the link is down; leave hardware_prefix out',
  EADDRINUSE: 'its parent, or another link on the parent, has this one; choose another hardware_prefix',
  // igbvf fails with it if the host has assigned an address to the virtual function.
  EADDRNOTAVAIL: untrusted,
  EPERM: untrusted,
  EACCES: untrusted,
};
