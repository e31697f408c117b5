// Reads datagrams from captures of other tools: a pcap file of an nlmon link, hex text, or the output of strace(1).

/** A file that tcpdump(8) wrote on an nlmon link, or text. */
export function datagramsOf(file: Uint8Array): Uint8Array[] {
  const magic = file.length >= 24 ? new DataView(file.buffer, file.byteOffset).getUint32(0, true) : 0;
  if (pcapMagics.includes(magic)) return readPcap(file);
  const text = new TextDecoder().decode(file);
  return /^ \| 00000 /m.test(text) ? readStrace(text) : readHex(text);
}

// Magic numbers for microseconds and nanoseconds, as a little-endian machine writes them.
const pcapMagics = [0xa1b2c3d4, 0xa1b23c4d];
const LINKTYPE_NETLINK = 253;
const NETLINK_ROUTE = 0;
/** A cooked header: direction, device type, eight unused bytes, and the netlink family in network byte order. */
const cookedSize = 16;

function readPcap(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const linkType = view.getUint32(20, true);
  if (linkType !== LINKTYPE_NETLINK)
    throw new Error(`link type ${linkType} is not that of netlink, ${LINKTYPE_NETLINK}`);
  const datagrams: Uint8Array[] = [];
  for (let at = 24; at + 16 <= file.length; ) {
    const size = view.getUint32(at + 8, true);
    const start = at + 16;
    if (view.getUint16(start + 14) === NETLINK_ROUTE) datagrams.push(file.slice(start + cookedSize, start + size));
    at = start + size;
  }
  return datagrams;
}

/** The buffers that `strace -e write=all` or `-e read=all` prints after a call. */
export function readStrace(text: string): Uint8Array[] {
  const buffers: string[] = [];
  // ` | 00010  0a 00 00 00 08 00 04 00  03 00 00 00              ............     |`
  for (const [, offset, hex] of text.matchAll(/^ \| ([0-9a-f]+) {2}(.{48})/gm))
    if (Number.parseInt(offset!, 16) === 0) buffers.push(hex!);
    else buffers.push(buffers.pop() + hex!);
  return buffers.map(bytesOf);
}

/** Hexadecimal digits, separated by anything but words; one datagram per paragraph. */
function readHex(text: string): Uint8Array[] {
  return text
    .split(/\n\s*\n/)
    .map(paragraph => paragraph.replace(/0x|\\x/g, ''))
    .filter(paragraph => paragraph.trim() !== '')
    .map(bytesOf);
}

function bytesOf(hex: string): Uint8Array {
  const digits = hex.replace(/[\s:,]/g, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`not hexadecimal: ${hex.trim().slice(0, 60)}`);
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}
