// The Ethernet frames that probe for an address, and the answers to them: RFC 826 and RFC 5227 for IPv4, RFC 4861 and
// RFC 4862 for IPv6.
import { Address, MacAddress } from '@spider/ip';

/** EtherTypes. An AF_PACKET socket is bound to one. */
export const etherType = { inet: 0x0806, inet6: 0x86dd } as const;

const headerSize = 14;

/** The unspecified address of IPv6. */
const unspecified = new Uint8Array(16);

/** Concatenates bytes. A number is one byte. */
function bytes(...parts: (number | ArrayLike<number>)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap(part => (typeof part === 'number' ? part : [...Array.from(part)])));
}

const word = (value: number): [number, number] => [value >> 8, value & 0xff];

/** An ARP probe (RFC 5227 section 2.1.1), or for IPv6 the neighbour solicitation of duplicate address detection. */
export function probeFor(target: Address, sender: MacAddress): Uint8Array {
  return target.family === 4 ? arpProbe(target, sender) : solicitation(target, sender);
}

const arpRequest = [...word(1), ...word(0x0800), 6, 4, ...word(1)];

function arpProbe(target: Address, sender: MacAddress): Uint8Array {
  const source = sender.toBytes();
  const broadcast = new Uint8Array(6).fill(0xff);
  const header = bytes(broadcast, source, word(etherType.inet));
  // The sender's protocol address is zero, so no neighbour table changes.
  return bytes(header, arpRequest, source, new Uint8Array(4), new Uint8Array(6), target.toBytes());
}

const icmpv6 = 58;
const neighbourSolicitation = 135;
const neighbourAdvertisement = 136;
/** Proves that no router has forwarded the packet (RFC 4861 section 7.1). */
const hopLimit = 255;

/** A neighbour solicitation from the unspecified address, so without a source link-layer address (RFC 4862, 5.4.2). */
function solicitation(target: Address, sender: MacAddress): Uint8Array {
  const [a, b, c] = target.toBytes().subarray(13) as unknown as [number, number, number];
  const group = bytes(0xff, 0x02, new Uint8Array(9), 0x01, 0xff, a, b, c);
  const message = bytes(neighbourSolicitation, 0, word(0), new Uint8Array(4), target.toBytes());
  message.set(word(checksum(bytes(unspecified, group, 0, 0, word(message.length), 0, 0, 0, icmpv6, message))), 2);
  const header = bytes(0x33, 0x33, 0xff, a, b, c, sender.toBytes(), word(etherType.inet6));
  return bytes(header, 0x60, 0, 0, 0, word(message.length), icmpv6, hopLimit, unspecified, group, message);
}

/** The Internet checksum (RFC 1071) of an even number of bytes. */
function checksum(data: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 2) sum += (data[i]! << 8) | data[i + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

/** A host's claim to an address. */
export interface Claim {
  /** Canonical. */
  readonly address: string;
  readonly hardwareAddress: string;
}

/** The claim in a frame, if any. Probes and solicitations claim nothing: they ask, and the pod answers them. */
export function claimIn(frame: Uint8Array): Claim | undefined {
  const type = (frame[12]! << 8) | frame[13]!;
  const packet = frame.subarray(headerSize);
  if (type === etherType.inet) return arpClaim(packet);
  if (type === etherType.inet6) return advertisement(packet, frame.subarray(6, 12));
  return undefined;
}

/** A request claims its sender's address, as a reply does. */
function arpClaim(packet: Uint8Array): Claim | undefined {
  const isArp = packet.length >= 28 && arpRequest.slice(0, 6).every((byte, i) => packet[i] === byte);
  const sender = packet.subarray(14, 18);
  if (!isArp || sender.every(byte => byte === 0)) return undefined;
  return claim(sender, packet.subarray(8, 14));
}

const icmpStart = 40;
const optionsStart = icmpStart + 24;

function advertisement(packet: Uint8Array, sender: Uint8Array): Claim | undefined {
  const isAdvertisement =
    packet.length >= optionsStart &&
    packet[6] === icmpv6 &&
    packet[7] === hopLimit &&
    packet[icmpStart] === neighbourAdvertisement;
  if (!isAdvertisement) return undefined;
  return claim(packet.subarray(icmpStart + 8, optionsStart), targetLinkLayerAddress(packet) ?? sender);
}

/** The option of this name (RFC 4861 section 4.6.1), which a multicast answer must have. */
function targetLinkLayerAddress(packet: Uint8Array): Uint8Array | undefined {
  for (let at = optionsStart; at + 8 <= packet.length; at += 8 * packet[at + 1]!) {
    if (packet[at + 1] === 0) return undefined;
    if (packet[at] === 2 && packet[at + 1] === 1) return packet.subarray(at + 2, at + 8);
  }
  return undefined;
}

function claim(address: Uint8Array, hardwareAddress: Uint8Array): Claim {
  return {
    address: Address.fromBytes(address).toString(),
    hardwareAddress: MacAddress.fromBytes(hardwareAddress).toString(),
  };
}
