// Makes a Markdown table of the configuration's keys from the published schema.
import { jsonSchema } from '../../apps/veth/src/cli/schema/json-schema.ts';

interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly deprecated?: boolean;
  readonly const?: unknown;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** All keys except aliases; the members of an object follow it. */
export function keyTable(): string {
  const { properties = {} } = jsonSchema() as Schema;
  const rows = Object.entries(properties)
    .filter(([, { deprecated, const: only }]) => !deprecated && only === undefined)
    .flatMap(([key, schema]) => [
      row(`[\`${key}\`](#${key})`, schema),
      ...Object.entries(schema.properties ?? {}).map(([part, inner]) => row(`\`${key}.${part}\``, inner)),
    ]);
  return ['| key | type | default | allowed | meaning |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function row(key: string, schema: Schema): string {
  const { default: value, description = '' } = schema;
  const cells = [
    key,
    typeOf(schema),
    value === undefined ? '' : code(JSON.stringify(value)),
    allowed(schema),
    description,
  ];
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

const names: Readonly<Record<string, string>> = { string: 'text', array: 'list' };

function typeOf({ type, enum: choices, items }: Schema): string {
  if (choices) return 'text';
  const name = names[type ?? ''] ?? type ?? '';
  return items ? `${name} of ${typeOf(items)}s` : name;
}

function allowed({ enum: choices, minimum, maximum, pattern }: Schema): string {
  if (choices) return choices.map(choice => code(JSON.stringify(choice))).join(', ');
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  return pattern === undefined ? '' : code(pattern);
}

function code(text: string): string {
  return `\`${text}\``;
}
