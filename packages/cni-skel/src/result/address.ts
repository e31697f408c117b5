// Reads and writes IP addresses as Go's net package does, because all other plugins use it.

/** Groups of an IPv6 address: all eight, or the two that an IPv4 address takes. */
type Groups = readonly number[];

/** An address in canonical form (RFC 5952); undefined if the text is not one. Prefix length and zone are not allowed. */
export function canonicalIP(text: string): string | undefined {
  // There is one way to write an IPv4 address.
  if (!text.includes(':')) return parseIPv4(text) && text;
  const groups = parseIPv6(text);
  return groups && format(groups);
}

/** An address with prefix length in canonical form, including its host bits; undefined if the text is not one. */
export function canonicalCIDR(text: string): string | undefined {
  const slash = text.indexOf('/');
  const written = text.slice(0, slash);
  const ip = canonicalIP(written);
  const length = text.slice(slash + 1);
  if (slash < 0 || !ip || !/^\d+$/.test(length)) return undefined;
  const prefix = Number(length);
  if (versionOf(written) === '4') return prefix > 32 ? undefined : `${ip}/${prefix}`;
  if (prefix > 128) return undefined;
  // The prefix length of an IPv4-mapped address counts the mapping prefix (96 bits) too.
  return `${ip}/${versionOf(ip) === '4' ? Math.max(0, prefix - 96) : prefix}`;
}

/** IP version of an address. An IPv4-mapped address in canonical form is IPv4. */
export function versionOf(address: string): '4' | '6' {
  return address.includes(':') ? '6' : '4';
}

function parseIPv6(text: string): Groups | undefined {
  const groups: number[] = [];
  const fields = text.split(':');
  const last = fields.length - 1;
  let gap = -1;
  // "::" at either end results in two empty fields, of which the outer one is skipped.
  const first = text.startsWith('::') ? 1 : 0;
  const end = text.endsWith('::') ? last : last + 1;
  for (let index = first; index < end; index++) {
    const field = fields[index]!;
    const octets = index === last && field.includes('.') ? parseIPv4(field) : undefined;
    if (octets) groups.push(...octets);
    else if (/^[0-9a-fA-F]{1,4}$/.test(field)) groups.push(Number.parseInt(field, 16));
    else if (field === '' && gap < 0 && index > 0 && index < last) gap = groups.length;
    else return undefined;
  }
  if (gap < 0) return groups.length === 8 ? groups : undefined;
  if (groups.length > 7) return undefined;
  while (groups.length < 8) groups.splice(gap, 0, 0);
  return groups;
}

/** An IPv4 address as two groups. */
function parseIPv4(text: string): Groups | undefined {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  const groups = [0, 0];
  for (let index = 0; index < 4; index++) {
    const octet = Number(octets[index]);
    // No leading zeros, which other programs read as octal.
    if (!(octet >= 0 && octet <= 255) || String(octet) !== octets[index]) return undefined;
    groups[index >> 1] = groups[index >> 1]! * 256 + octet;
  }
  return groups;
}

function format(groups: Groups): string {
  const [high, low] = [groups[6]!, groups[7]!];
  if (groups.slice(0, 6).join() === '0,0,0,0,0,65535') return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  const { start, length } = longestZeros(groups);
  let text = '';
  for (let index = 0; index < 8; index++) {
    if (length > 1 && index === start) {
      text += '::';
      index += length - 1;
    } else text += `${text === '' || text.endsWith('::') ? '' : ':'}${groups[index]!.toString(16)}`;
  }
  return text;
}

/** The longest run of zero groups; the first one if several are equal. */
function longestZeros(groups: Groups): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  for (let start = 0, end = 0; start < groups.length; start = end + 1) {
    for (end = start; groups[end] === 0; ) end++;
    if (end - start > longest.length) longest = { start, length: end - start };
  }
  return longest;
}
