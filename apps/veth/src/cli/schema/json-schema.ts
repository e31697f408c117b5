// The configuration as JSON Schema (draft 2020-12), for editors and for the validation of manifests.
import { type Alias, aliases } from '../../config/aliases.ts';
import { keys } from '../../config/config.ts';
import { notes } from './notes.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly [keyword: string]: unknown;
}

/** Allows unknown keys, as they are only a warning. */
export function jsonSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'veth',
    description: 'The chained CNI plugin that connects a pod on the LAN to its Kubernetes cluster.',
    type: 'object',
    required: ['type'],
    properties: {
      type: { const: 'veth' },
      ...Object.fromEntries(
        Object.entries(keys).map(([name, { schema }]) => [name, described(name, schema as Schema)]),
      ),
      ...Object.fromEntries(Object.entries(aliases).map(([name, alias]) => [name, aliasSchema(alias)])),
    },
    // A key given under both names is an error.
    not: {
      anyOf: Object.entries(aliases).map(([name, { key }]) => ({ required: [name, key] })),
    },
  };
}

function described(path: string, { properties, ...schema }: Schema): Schema {
  const inner = Object.entries(properties ?? {}).map(([name, part]) => [name, described(`${path}.${name}`, part)]);
  return { ...notes[path], ...schema, ...(properties && { properties: Object.fromEntries(inner) }) };
}

function aliasSchema({ key, value = keys[key as keyof typeof keys] }: Alias): Schema {
  return { description: `Another name for ${key}.`, deprecated: true, ...value.schema };
}
