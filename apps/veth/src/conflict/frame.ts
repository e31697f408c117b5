// The Ethernet frames that ask who has an address, and what is answered to them: RFC 826, RFC 5227 for IPv4; RFC 4861,
// RFC 4862 for IPv6.
import { Address, MacAddress } from '@spider/ip';

/** EtherTypes, as AF_PACKET sockets take them too. */
export const etherType = { inet: 0x0806, inet6: 0x86dd } as const;

const headerSize = 14;

const nobody = new Uint8Array(16);

/** Bytes one behind the other; a number stands for a byte. */
function bytes(...parts: (number | ArrayLike<number>)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap(part => (typeof part === 'number' ? part : [...Array.from(part)])));
}

const word = (value: number): [number, number] => [value >> 8, value & 0xff];

/** Asks on a link who has an address, in nobody's name: an ARP probe (RFC 5227 section 2.1.1) or its like for IPv6. */
export function probeFor(target: Address, own: MacAddress): Uint8Array {
  return target.family === 4 ? arpProbe(target, own) : solicitation(target, own);
}

const arpRequest = [...word(1), ...word(0x0800), 6, 4, ...word(1)];

function arpProbe(target: Address, own: MacAddress): Uint8Array {
  const source = own.toBytes();
  const everyone = new Uint8Array(6).fill(0xff);
  // The sender's address is zero: nobody's neighbour tables change.
  const unspecified = nobody.subarray(0, 4);
  const header = bytes(everyone, source, word(etherType.inet));
  return bytes(header, arpRequest, source, unspecified, new Uint8Array(6), target.toBytes());
}

const icmpv6 = 58;
const neighbourSolicitation = 135;
const neighbourAdvertisement = 136;
/** Of what no router has passed on (RFC 4861 section 7.1). */
const hopLimit = 255;

/** A neighbour solicitation from the unspecified address, which has no source link-layer address (RFC 4862, 5.4.2). */
function solicitation(target: Address, own: MacAddress): Uint8Array {
  const [a, b, c] = target.toBytes().subarray(13) as unknown as [number, number, number];
  const group = bytes(0xff, 0x02, new Uint8Array(9), 0x01, 0xff, a, b, c);
  const message = bytes(neighbourSolicitation, 0, word(0), new Uint8Array(4), target.toBytes());
  message.set(word(checksum(bytes(nobody, group, 0, 0, word(message.length), 0, 0, 0, icmpv6, message))), 2);
  const header = bytes(0x33, 0x33, 0xff, a, b, c, own.toBytes(), word(etherType.inet6));
  return bytes(header, 0x60, 0, 0, 0, word(message.length), icmpv6, hopLimit, nobody, group, message);
}

/** The Internet checksum (RFC 1071) of an even number of bytes. */
function checksum(data: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 2) sum += (data[i]! << 8) | data[i + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

/** Somebody says that an address is theirs. */
export interface Claim {
  /** Canonical. */
  readonly address: string;
  readonly hardwareAddress: string;
}

/**
 * What a frame claims, if anything. Probes and solicitations claim nothing: whoever sends them only asks, and is
 * answered by us.
 */
export function claimIn(frame: Uint8Array): Claim | undefined {
  const type = (frame[12]! << 8) | frame[13]!;
  const packet = frame.subarray(headerSize);
  if (type === etherType.inet) return arpClaim(packet);
  if (type === etherType.inet6) return advertisement(packet, frame.subarray(6, 12));
  return undefined;
}

/** Requests claim their sender's address as much as replies do. */
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

/** The option of this name (RFC 4861 section 4.6.1), which an answer to everyone must have. */
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
