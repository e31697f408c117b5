// The names by which the kernel keeps our state: derived from the container's ID, so that every call for the same
// container computes the same ones and nothing has to be stored elsewhere.
import type { Link } from '@spider/rtnetlink';

/** Tags every route, rule and neighbour of ours (RTPROT; 0 to 255, this one unassigned in <linux/rtnetlink.h>). */
export const protocol = 86;

/** True for what bears that number. */
export function isOurs({ protocol: tag }: { readonly protocol?: string | number | undefined }): boolean {
  return tag === protocol;
}

/** The pair's end in the pod. */
export const podEnd = 'veth0';

/** Gateways that are no node's address, so that they never change. `fe80::1` needs no onlink: it is link-local. */
export const gateways = { inet: '169.254.1.1', inet6: 'fe80::1' } as const;

/** The pod end's IPv4 address. It is never a source: every route of ours names one. IPv6 has the kernel's link-local. */
export const podEndAddress = '169.254.1.2/32';

/** What it has for the moment in which that is made anew. */
export const temporaryAddress = '169.254.1.3/32';

/**
 * Where a secondary NIC's routes stand, and the metric of those it has in `main`: greater than a primary NIC's in both
 * families. The NIC's index is its own for as long as it lives.
 */
export function ownTable(nicIndex: number): number {
  return 8600 + nicIndex;
}

/** Of the rules that lead to those tables; before main (32766), behind what applications and meshes use at the front. */
export const rulePriority = 8600;

/** Of those that lead to the LAN of a secondary NIC, and before them of those that keep a primary NIC's traffic in main. */
export const lanRulePriority = 8602;
export const lanExceptionPriority = 8601;

/** Of those that lead to a secondary NIC where main (32766) has no way, nor default (32767): its primary NIC is gone. */
export const fallbackRulePriority = 32768;

/**
 * Where replies to what came in through the pair find their way back, and the priority of the rules that lead there: before
 * those of the NICs, for the connection counts more than the address.
 */
export const replyTable = 8600;
export const replyRulePriority = 8599;

/** What a pair is called and how its ends are addressed. */
export interface PairNames {
  readonly hostName: string;
  readonly hostAddress: string;
  readonly podAddress: string;
}

/** IDs of one runtime share prefixes, so the name takes a hash of the whole ID rather than its beginning. */
export function namesOf(containerID: string): PairNames {
  return {
    hostName: `veth${hash(containerID).toString(36).padStart(11, '0').slice(-11)}`,
    hostAddress: hardwareAddress(`node ${containerID}`),
    podAddress: hardwareAddress(`pod ${containerID}`),
  };
}

/** A unicast, locally administered hardware address; given at creation, so that no udev policy replaces it. */
function hardwareAddress(seed: string): string {
  const digits = ((hash(seed) & 0xfcff_ffff_ffffn) | 0x0200_0000_0000n).toString(16).padStart(12, '0');
  let text = digits.slice(0, 2);
  for (let i = 2; i < 12; i += 2) text += `:${digits.slice(i, i + 2)}`;
  return text;
}

const mask64 = 0xffff_ffff_ffff_ffffn;

/**
 * FNV-1a with a final mix: no secret is kept by it, and loading node:crypto would cost half of a whole ADD. Its state is
 * two numbers of 32 bits, because a bigint would be made anew in each step.
 */
function hash(text: string): bigint {
  let high = 0xcbf2_9ce4;
  let low = 0x8422_2325;
  for (let i = 0; i < text.length; i++) {
    low = (low ^ text.charCodeAt(i)) >>> 0;
    // Times 0x100_0000_01b3.
    const product = low * 0x1b3;
    high = (high * 0x1b3 + low * 0x100 + Math.floor(product / 0x1_0000_0000)) >>> 0;
    low = product >>> 0;
  }
  let state = (BigInt(high) << 32n) | BigInt(low);
  state = ((state ^ (state >> 33n)) * 0xff51_afd7_ed55_8ccdn) & mask64;
  return state ^ (state >> 33n);
}

/** One NIC of one container in one network. */
export interface Attachment {
  readonly containerID: string;
  readonly ifName: string;
  /** The network's name in the configuration. */
  readonly network: string;
}

/**
 * The name under which the attachment is kept: one of the host end's further names (ip-link(8), altname), up to 127
 * bytes. "@" is in no container ID and no network name, so that a name can be taken apart again.
 */
export function attachmentName({ containerID, network, ifName }: Attachment): string {
  return `${brief(containerID, 64)}@${brief(network, 46)}@${ifName}`;
}

/**
 * True for what may be the host end of a pair: a veth whose alias is ours, or if somebody changed that, whose name is derived
 * from a container that it serves. A killed ADD leaves a link without alternative names.
 */
export function isHostEnd(link: Pick<Link, 'name' | 'alias' | 'info' | 'altNames'>): boolean {
  const { name = '', alias = '', info } = link;
  if (info?.kind !== 'veth') return false;
  if (isAlias(alias)) return true;
  const containers = attachmentNames(link).map(known => attachmentOf(known).containerID);
  return containers.length > 0
    ? containers.some(container => namesOf(container).hostName === name)
    : /^veth[0-9a-z]{11}$/.test(name);
}

/** True for an alias that `aliasOf` gives. */
export function isAlias(alias: string): boolean {
  return /^(pod|container) /.test(alias);
}

/** The attachments among a link's further names. */
export function attachmentNames({ altNames = [] }: { readonly altNames?: readonly string[] }): string[] {
  return altNames.filter(name => name.split('@').length >= 3);
}

/** What the name of an attachment tells. Of an ID or a network too long for it, it has only a hash. */
export function attachmentOf(name: string): Attachment {
  const [containerID = '', network = '', ...rest] = name.split('@');
  return { containerID, network, ifName: rest.join('@') };
}

/** True when the name is that of an attachment of the container. */
export function isOfContainer(name: string, containerID: string): boolean {
  return name.startsWith(`${brief(containerID, 64)}@`);
}

/** True when the name is that of the container's interface, whatever its network was called then. */
export function isNameOf(name: string, { containerID, ifName }: Pick<Attachment, 'containerID' | 'ifName'>): boolean {
  return isOfContainer(name, containerID) && attachmentOf(name).ifName === ifName;
}

/** True when the name is that of an attachment to the network. */
export function isOfNetwork(name: string, network: string): boolean {
  return name.split('@')[1] === brief(network, 46);
}

/** The text, or where it is too long a hash of it, which starts with a character that no such text has. */
function brief(text: string, length: number): string {
  return text.length <= length ? text : `#${hash(text).toString(36)}`;
}

/** What operators read beside the host end in `ip link`: whose it is. */
export function aliasOf(containerID: string, pod: string | undefined): string {
  return (pod ? `pod ${pod}` : `container ${containerID}`).slice(0, 255);
}
