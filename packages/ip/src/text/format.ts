/** The IPv4 address with the value `word` in dotted decimal. */
export function formatOctets(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

/**
 * RFC 5952: lower case, no leading zeros, and "::" for the longest run of zero groups, the first one if several are
 * equal.
 */
export function formatGroups(groups: readonly number[]): string {
  let start = 0;
  let longest = 1; // a single zero group is not shortened
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (groups[end] === 0) end++;
    if (end - i > longest) {
      start = i;
      longest = end - i;
    }
    i = end;
  }
  if (longest === 1) return joinGroups(groups, 0, 8);
  return `${joinGroups(groups, 0, start)}::${joinGroups(groups, start + longest, 8)}`;
}

function joinGroups(groups: readonly number[], from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += (i === from ? '' : ':') + groups[i]!.toString(16);
  return text;
}
