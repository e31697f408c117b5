// The selectors and actions of rules that our own rules never have.

/** The fields by which our rules differ from each other, besides those that all of them have. */
export const distinctions = ['src', 'dst', 'mark', 'mask', 'suppressPrefixLength'];

const ourFields = [...distinctions, 'priority', 'family', 'table', 'protocol', 'flags'];
/** Other fields that the kernel always reports, with the values that our rules have. */
const defaults: Readonly<Record<string, unknown>> = { action: 'table', tos: 0, invert: false };

/** The fields by which a rule selects other packets than a rule of ours could, or does something else with them. */
export function extrasOf(found: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(found).filter(
    name => found[name] !== undefined && !ourFields.includes(name) && found[name] !== defaults[name],
  );
}
