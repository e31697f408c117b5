// Finds out, before anything is changed, whether another host on the link has one of the NIC's addresses.
import { setTimeout } from 'node:timers/promises';
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { Address as IPAddress, MacAddress } from '@spider/ip';
import { LinuxError } from '@spider/libc';
import { address, familyOf, ipFamilies, type Link, link, withoutLength } from '@spider/rtnetlink';
import { Code } from '../errors.ts';
import type { Sites } from '../sites.ts';
import { claimIn, etherType, probeFor } from './frame.ts';
import { PacketSocket } from './packet-socket.ts';

export interface ProbeOptions {
  /** Milliseconds to listen after each probe. */
  readonly interval: number;
  /** Probes for each address. */
  readonly retries: number;
}

/**
 * Probes for all addresses of the NIC at the same time. Takes at most `interval` times `retries`.
 * @throws CNIError that names each address in use, with the hardware address of the host that has it.
 */
export async function detectConflicts(
  sites: Sites,
  ifName: string,
  { interval, retries }: ProbeOptions,
  signal: AbortSignal,
): Promise<void> {
  const { rtnetlink } = sites.pod;
  const nic = rtnetlink.execute(link.get({ name: ifName }));
  // `observe` reports a missing NIC.
  if (!nic) return;
  const found = rtnetlink.execute(address.list({ index: nic.index })).filter(({ scope }) => scope === 'global');
  const addresses = found.map(({ address }) => withoutLength(address!));
  const isOwn = ownHardwareAddresses(sites);
  /** Hardware addresses, by the IP address that each claims. */
  const conflicts = new Map<string, string>();
  using sockets = new DisposableStack();
  const inquiries = ipFamilies.flatMap(family => {
    const probes = addresses.filter(text => familyOf(text) === family).map(probeFrom(nic));
    if (probes.length === 0) return [];
    return [{ probes, socket: sockets.use(new PacketSocket(sites.pod.namespace, nic.index, etherType[family])) }];
  });
  // Ends with the first round that finds a conflict. All probes of a round are sent at once, so their number costs no time.
  for (let round = 0; round < retries && inquiries.length > 0 && conflicts.size === 0; round++) {
    for (const { probes, socket } of inquiries) for (const probe of probes) sendProbe(nic, socket, probe);
    await setTimeout(interval, undefined, { signal });
    for (const { socket } of inquiries)
      for (const frame of socket.frames()) {
        const claim = claimIn(frame);
        if (claim && addresses.includes(claim.address) && !isOwn(claim.hardwareAddress))
          conflicts.set(claim.address, claim.hardwareAddress);
      }
  }
  if (conflicts.size === 0) return;
  const list = [...conflicts].map(
    ([text, claimant]) => `address ${text} dev ${ifName} in the pod: ${claimant} on the link has it`,
  );
  throw new CNIError(Code.AddressConflict, list.join('; '));
}

function probeFrom(nic: Link): (text: string) => Uint8Array {
  const source = hardwareAddressOf(nic);
  return text => probeFor(IPAddress.parse(text), source);
}

function sendProbe({ name }: Link, socket: PacketSocket, probe: Uint8Array): void {
  try {
    socket.send(probe);
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
 * A claim from a hardware address of the pod or the node is no conflict:
 * - A switch may send the NIC's frames back.
 * - Another NIC of the pod on the same LAN answers for every address of the pod.
 * - The node may answer for the pod as a proxy. (`observe` checks that the node does not have the address itself.)
 */
function ownHardwareAddresses({ pod, node }: Sites): (hardwareAddress: string) => boolean {
  let own: ReadonlySet<string | undefined> | undefined;
  return hardwareAddress => {
    own ??= new Set([pod, node].flatMap(site => site.rtnetlink.execute(link.list())).map(({ address }) => address));
    return own.has(hardwareAddress);
  };
}
