// The notation of IEEE 802: pairs of hexadecimal digits with a separator between them.

/** The `count` octets of a text with ":" or with "-" between them; undefined for any other text. */
export function parseHexOctets(text: string, count: number): number[] | undefined {
  const separator = text[2];
  if (separator !== ':' && separator !== '-') return undefined;
  const pairs = text.split(separator);
  if (pairs.length !== count) return undefined;
  const octets: number[] = [];
  for (const pair of pairs) {
    const octet = Number.parseInt(pair, 16);
    if (formatHexOctet(octet) !== pair.toLowerCase()) return undefined;
    octets.push(octet);
  }
  return octets;
}

/** The octets in lower case with colons between them. */
export function formatHexOctets(octets: readonly number[]): string {
  let text = '';
  for (const octet of octets) text += (text === '' ? '' : ':') + formatHexOctet(octet);
  return text;
}

function formatHexOctet(octet: number): string {
  return (octet + 0x100).toString(16).slice(1);
}
