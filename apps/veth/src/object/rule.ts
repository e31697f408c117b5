// What a rule is for, beside the addresses and the mark by which a rule of ours is for some packets.

/** By which a rule of ours is for some packets. */
export const selectors = ['src', 'dst', 'mark', 'mask'];

/** What a rule of ours has, and what every rule has that is for all packets and looks up a table. */
const usual = [...selectors, 'priority', 'family', 'table', 'protocol', 'flags'];
const usually: Readonly<Record<string, unknown>> = { action: 'table', tos: 0, invert: false };

/** The fields by which a rule is for other packets than its addresses and its mark tell, or does something else. */
export function extrasOf(found: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(found).filter(
    name => found[name] !== undefined && !usual.includes(name) && found[name] !== usually[name],
  );
}
