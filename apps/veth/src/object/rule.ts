// The selectors and actions of rules that our own rules never have.

/** The selectors of our rules. */
export const selectors = ['src', 'dst', 'mark', 'mask'];

const ourFields = [...selectors, 'priority', 'family', 'table', 'protocol', 'flags'];
/** Other fields that the kernel always reports, with the values that our rules have. */
const defaults: Readonly<Record<string, unknown>> = { action: 'table', tos: 0, invert: false };

/** The fields by which a rule selects other packets than a rule of ours could, or does something else with them. */
export function extrasOf(found: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(found).filter(
    name => found[name] !== undefined && !ourFields.includes(name) && found[name] !== defaults[name],
  );
}
