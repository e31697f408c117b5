// Names and hardware addresses of pairs, and the names that record attachments at the host end. All are derived from the
// call's parameters, so every call for a container computes the same ones, and nothing is stored outside the kernel.
import type { K8sArgs } from '@spider/cni-skel';
import type { Link } from '@spider/rtnetlink';

/** The host end's name and both ends' hardware addresses. */
export interface PairNames {
  readonly hostName: string;
  readonly hostAddress: string;
  readonly podAddress: string;
}

/** Derived from a hash of the whole ID, because IDs of one runtime share prefixes. */
export function namesOf(containerID: string): PairNames {
  return {
    hostName: `veth${hash(containerID).toString(36).padStart(11, '0').slice(-11)}`,
    hostAddress: hardwareAddress(`node ${containerID}`),
    podAddress: hardwareAddress(`pod ${containerID}`),
  };
}

/** A unicast, locally administered hardware address. It is set at creation, so no udev policy replaces it. */
function hardwareAddress(seed: string): string {
  const digits = ((hash(seed) & 0xfcff_ffff_ffffn) | 0x0200_0000_0000n).toString(16).padStart(12, '0');
  let text = digits.slice(0, 2);
  for (let i = 2; i < 12; i += 2) text += `:${digits.slice(i, i + 2)}`;
  return text;
}

const mask64 = 0xffff_ffff_ffff_ffffn;

/**
 * FNV-1a with a final mix. It need not be cryptographic, and loading node:crypto would cost half of a whole ADD. The state
 * is two numbers of 32 bits, because a bigint would be allocated in each step.
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
 * The alternative name of the host end (ip-link(8), altname) that records the attachment, up to 127 bytes. Container IDs
 * and network names have no "@", so the name can be parsed.
 */
export function attachmentName({ containerID, network, ifName }: Attachment): string {
  return `${shortened(containerID, 64)}@${shortened(network, 46)}@${ifName}`;
}

/**
 * True for a link that may be the host end of a pair: a veth with our alias, or if somebody changed that, with a name that
 * is derived from the container ID of one of its attachments. A killed ADD leaves a link without attachments' names.
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

/** True for an alias in the form that `aliasOf` returns. */
export function isAlias(alias: string): boolean {
  return /^(pod|container) /.test(alias);
}

/** The attachments' names among a link's alternative names. */
export function attachmentNames({ altNames = [] }: { readonly altNames?: readonly string[] }): string[] {
  return altNames.filter(name => name.split('@').length >= 3);
}

/** Parses the name of an attachment. It has only a hash of a container ID or network that is too long. */
export function attachmentOf(name: string): Attachment {
  const [containerID = '', network = '', ...rest] = name.split('@');
  return { containerID, network, ifName: rest.join('@') };
}

/** True if the name is that of an attachment of the container. */
export function isOfContainer(name: string, containerID: string): boolean {
  return name.startsWith(`${shortened(containerID, 64)}@`);
}

/** True if the name is that of the container's interface, in any network. */
export function isNameOf(name: string, { containerID, ifName }: Pick<Attachment, 'containerID' | 'ifName'>): boolean {
  return isOfContainer(name, containerID) && attachmentOf(name).ifName === ifName;
}

/** True if the name is that of an attachment to the network. */
export function isOfNetwork(name: string, network: string): boolean {
  return name.split('@')[1] === shortened(network, 46);
}

/** The text, or if it is too long a hash of it, beginning with a character that no container ID or network name has. */
function shortened(text: string, length: number): string {
  return text.length <= length ? text : `#${hash(text).toString(36)}`;
}

/** The host end's alias: it shows operators in `ip link` whose pair it is. */
export function aliasOf(containerID: string, pod: string | undefined): string {
  return (pod ? `pod ${pod}` : `container ${containerID}`).slice(0, 255);
}

/** The pod's namespace and name, if the runtime passed them in CNI_ARGS. */
export function podNamed(args: Pick<K8sArgs, 'K8S_POD_NAMESPACE' | 'K8S_POD_NAME'>): string | undefined {
  const { K8S_POD_NAMESPACE: namespace, K8S_POD_NAME: name } = args;
  return namespace && name ? `${namespace}/${name}` : undefined;
}
