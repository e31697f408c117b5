// Finds out, before anything is changed, whether somebody else on the link has an address of the pod's NIC.
import { setTimeout } from 'node:timers/promises';
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { Address as IPAddress, MacAddress } from '@spider/ip';
import { LinuxError } from '@spider/libc';
import { address, type Link, link } from '@spider/rtnetlink';
import { Code } from '../errors.ts';
import { families, familyOf } from '../family.ts';
import { bare } from '../prefix.ts';
import type { Sites } from '../sites.ts';
import { claimIn, etherType, probeFor } from './frame.ts';
import { Listener } from './listener.ts';

/** How often is asked for each address, and how long is listened. */
export interface Patience {
  /** Milliseconds that are listened after each probe. */
  readonly interval: number;
  readonly retries: number;
}

/**
 * Asks who has the NIC's addresses, for all of them at the same time, and for `interval` times `retries` at most.
 * @throws CNIError that names each address which another has, and that one's hardware address.
 */
export async function detectConflicts(
  sites: Sites,
  ifName: string,
  { interval, retries }: Patience,
  signal: AbortSignal,
): Promise<void> {
  const { rtnetlink } = sites.pod;
  const nic = rtnetlink.execute(link.get({ name: ifName }));
  // That it is missing is told by who needs it.
  if (!nic) return;
  const found = rtnetlink.execute(address.list({ index: nic.index })).filter(({ scope }) => scope === 'global');
  const addresses = found.map(({ address }) => bare(address!));
  const isOwn = ownHardware(sites);
  const claimants = new Map<string, string>();
  using listeners = new DisposableStack();
  const inquiries = families.flatMap(family => {
    const probes = addresses.filter(text => familyOf(text) === family).map(probeBy(nic));
    if (probes.length === 0) return [];
    return [{ probes, listener: listeners.use(new Listener(sites.pod.namespace, nic.index, etherType[family])) }];
  });
  // It ends with the first round that finds somebody. In each all are asked at the same time, however many they are.
  for (let round = 0; round < retries && inquiries.length > 0 && claimants.size === 0; round++) {
    for (const { probes, listener } of inquiries) for (const probe of probes) sendTo(nic, listener, probe);
    await setTimeout(interval, undefined, { signal });
    for (const { listener } of inquiries)
      for (const frame of listener.frames()) {
        const claim = claimIn(frame);
        if (claim && addresses.includes(claim.address) && !isOwn(claim.hardwareAddress))
          claimants.set(claim.address, claim.hardwareAddress);
      }
  }
  if (claimants.size === 0) return;
  const list = [...claimants].map(
    ([text, claimant]) => `address ${text} dev ${ifName} in the pod: ${claimant} on the link has it`,
  );
  throw new CNIError(Code.AddressConflict, list.join('; '));
}

function probeBy(nic: Link): (text: string) => Uint8Array {
  const source = hardwareAddressOf(nic);
  return text => probeFor(IPAddress.parse(text), source);
}

function sendTo({ name }: Link, listener: Listener, probe: Uint8Array): void {
  try {
    listener.send(probe);
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
    throw new CNIError(Code.KernelRefused, `ip_conflict: probe on link ${name} in the pod: ${error.message}`, {
      cause: error,
    });
  }
}

function hardwareAddressOf({ name, address = '' }: Link): MacAddress {
  try {
    return MacAddress.parse(address);
  } catch {
    throw new CNIError(
      ErrorCode.UnsupportedField,
      `ip_conflict: link ${name} in the pod: is no Ethernet, so nobody can be asked`,
    );
  }
}

/**
 * Tells what is the pod's or the node's own. The NIC's frames may come back from a switch; another NIC of the pod on the
 * same LAN answers for every address of the pod; and the node may answer in the pod's name, as a proxy (whether it has
 * the address itself is seen to elsewhere).
 */
function ownHardware({ pod, node }: Sites): (hardwareAddress: string) => boolean {
  let own: ReadonlySet<string | undefined> | undefined;
  return hardwareAddress => {
    own ??= new Set([pod, node].flatMap(site => site.rtnetlink.execute(link.list())).map(({ address }) => address));
    return own.has(hardwareAddress);
  };
}
