import type { Extent } from './extent.ts';
import type { Field } from './field.ts';

/** Number of objects after which a compiled function is worth its cost. */
const worthwhile = 256;

/** The name of a field, and the field. */
export type Entry = readonly [name: string, field: Field<unknown>];
export type Entries = readonly Entry[];
/** Reads all fields that an object has. */
export type ObjectReader = (extent: Extent) => Record<string, unknown>;

/** Makes a function that reads all fields that an object has. */
export function objectReader(entries: Entries): ObjectReader {
  let compiled: ObjectReader | undefined;
  let count = 0;
  return extent => {
    if (++count === worthwhile) compiled = compile(entries);
    return compiled ? compiled(extent) : readFields(entries, extent);
  };
}

/** Reads those of these fields that the object has. */
export function readFields(entries: Entries, extent: Extent): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const entry of entries) {
    const field = entry[1];
    if (field.needs !== undefined && extent.find(field.needs) < 0) continue;
    const value = field.read(extent);
    if (value !== undefined) object[entry[0]] = value;
  }
  return object;
}

/**
 * The same without the loop: code with one statement per field, which engines run three times as fast. Undefined if the
 * program does not allow code generation at run time.
 */
function compile(entries: Entries): ObjectReader | undefined {
  const steps = entries.map(([name, { always, needs }], i) => {
    const put = `object[${JSON.stringify(name)}] =`;
    if (always) return `${put} fields[${i}].read(extent);`;
    const step = `if ((value = fields[${i}].read(extent)) !== undefined) ${put} value;`;
    return needs === undefined ? step : `if (extent.find(${needs}) >= 0) ${step}`;
  });
  const fields = `const fields = entries.map(([, field]) => field);`;
  const reader = `extent => { const object = {}; let value; ${steps.join('\n')} return object; }`;
  try {
    return new Function('entries', `${fields} return ${reader}`)(entries);
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}
