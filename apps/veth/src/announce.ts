// Tells the link which hardware address has the pod's addresses now, so that neighbours who knew another forget it: an
// ARP announcement (RFC 5227 section 3) and an unsolicited neighbour advertisement (RFC 4861 section 7.2.6) each.
import { Address, MacAddress } from '@spider/ip';
import { AF_PACKET, bind, close, SOCK_CLOEXEC, SOCK_RAW, send, socket } from '@spider/libc';
import type { NetNs } from '@spider/netns';

const ETH_P_ARP = 0x0806;
const ETH_P_IPV6 = 0x86dd;
/** Hardware type in ARP and struct sockaddr_ll. */
const ARPHRD_ETHER = 1;
const ethernetHeader = 14;

/** Sends one announcement per address through the NIC `index` of the pod. @throws LinuxError */
export function announce(pod: NetNs, index: number, hardware: string, addresses: readonly string[]): void {
  const mac = MacAddress.parse(hardware).toBytes();
  const frames = addresses.map(text => {
    const address = Address.parse(text);
    return address.family === 4 ? arpAnnouncement(mac, address) : neighbourAdvertisement(mac, address);
  });
  // No protocol: the socket sends and receives nothing.
  const fd = pod.run(() => socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  try {
    const link = new DataView(new ArrayBuffer(20)); // struct sockaddr_ll
    link.setUint16(0, AF_PACKET, true);
    link.setInt32(4, index, true);
    bind(fd, new Uint8Array(link.buffer));
    for (const frame of frames) send(fd, frame, frame.length, 0);
  } finally {
    close(fd);
  }
}

function ethernetFrame(to: readonly number[], from: Uint8Array, protocol: number, size: number): DataView<ArrayBuffer> {
  const frame = new DataView(new ArrayBuffer(ethernetHeader + size));
  const bytes = new Uint8Array(frame.buffer);
  bytes.set(to);
  bytes.set(from, 6);
  frame.setUint16(12, protocol);
  return frame;
}

/** A request for the address from itself, to everyone. */
export function arpAnnouncement(mac: Uint8Array, address: Address): Uint8Array {
  const frame = ethernetFrame([0xff, 0xff, 0xff, 0xff, 0xff, 0xff], mac, ETH_P_ARP, 28);
  const bytes = new Uint8Array(frame.buffer);
  const own = address.toBytes();
  frame.setUint16(14, ARPHRD_ETHER);
  frame.setUint16(16, 0x0800);
  frame.setUint8(18, mac.length);
  frame.setUint8(19, own.length);
  frame.setUint16(20, 1); // request
  bytes.set(mac, 22);
  bytes.set(own, 28);
  bytes.set(own, 38); // the target is the sender, its hardware address stays zero
  return bytes;
}

/** An advertisement that nobody asked for, to all nodes, overriding what they know. */
export function neighbourAdvertisement(mac: Uint8Array, address: Address): Uint8Array {
  const payload = 32;
  const frame = ethernetFrame([0x33, 0x33, 0, 0, 0, 1], mac, ETH_P_IPV6, 40 + payload);
  const bytes = new Uint8Array(frame.buffer);
  const own = address.toBytes();
  const ip = ethernetHeader;
  const icmp = ip + 40;
  frame.setUint8(ip, 0x60);
  frame.setUint16(ip + 4, payload);
  frame.setUint8(ip + 6, 58); // ICMPv6
  frame.setUint8(ip + 7, 255); // hop limit: proves that it comes from the link
  bytes.set(own, ip + 8);
  bytes.set(Address.parse('ff02::1').toBytes(), ip + 24);
  frame.setUint8(icmp, 136); // neighbour advertisement
  frame.setUint8(icmp + 4, 0x20); // override
  bytes.set(own, icmp + 8);
  frame.setUint8(icmp + 24, 2); // option: target link-layer address
  frame.setUint8(icmp + 25, 1); // eight bytes
  bytes.set(mac, icmp + 26);
  frame.setUint16(icmp + 2, checksum(frame, ip + 8, icmp, payload));
  return bytes;
}

/** The ICMPv6 checksum over the pseudo-header (addresses, length, next header) and the payload: RFC 4443 section 2.3. */
function checksum(frame: DataView, addresses: number, payload: number, length: number): number {
  let sum = length + 58;
  for (let at = addresses; at < addresses + 32; at += 2) sum += frame.getUint16(at);
  for (let at = payload; at < payload + length; at += 2) sum += frame.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
