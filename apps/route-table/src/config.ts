import type { SchemaIssue, StandardSchema } from '@spider/cni-skel';
import { Address, Prefix } from '@spider/ip';

/** What the configuration asks for, with defaults filled in. */
export interface Config {
  /** The NIC's table; undefined chooses one that is not in use. */
  readonly table: number | undefined;
  /** The priority of rules without one of their own. */
  readonly priority: number;
  /** The gateways of the table's default routes, at most one of each family. */
  readonly gateways: readonly Address[];
  /** Which of the NIC's routes leave `main`. */
  readonly move: Move;
  readonly rules: readonly UserRule[];
  /** For the operator: what is odd about the configuration, but no error. */
  readonly warnings: readonly string[];
}

const moves = ['default', 'all', 'none'] as const;
export type Move = (typeof moves)[number];

/** A rule that leads further packets to the NIC's table. */
export interface UserRule {
  readonly from?: Prefix;
  readonly to?: Prefix;
  readonly priority?: number;
}

/** The tables that every namespace has: `default`, `main`, `local`. */
const reservedTables = [253, 254, 255];
const greatestTable = 0xffff_ffff;

const priority = { type: 'integer', minimum: 1, maximum: 32_765, description: 'Lower is looked at first.' };
const prefix = { type: 'string', description: 'A prefix such as 192.0.2.0/24, without host bits.' };

/** JSON Schema of the keys. */
export const properties = {
  table: { type: 'integer', minimum: 1, maximum: greatestTable, not: { enum: reservedTables } },
  priority: { ...priority, default: 8700 },
  gateways: { type: 'array', maxItems: 2, items: { type: 'string' } },
  move: { enum: moves, default: 'default' },
  rules: {
    type: 'array',
    items: {
      type: 'object',
      properties: { from: prefix, to: prefix, priority },
      anyOf: [{ required: ['from'] }, { required: ['to'] }],
      additionalProperties: false,
    },
  },
};

type Key = keyof typeof properties;

/** The values of an empty configuration. */
export const unset: Config = {
  table: undefined,
  priority: 8700,
  gateways: [],
  move: 'default',
  rules: [],
  warnings: [],
};

/** Validates the plugin's keys for the skeleton. An unknown key is a warning, not an error. */
export const configSchema: StandardSchema<Config> = {
  '~standard': {
    version: 1,
    vendor: 'spider',
    jsonSchema: { input: () => ({ type: 'object', properties }) },
    validate(value) {
      const issues: SchemaIssue[] = [];
      const warnings: string[] = [];
      let config: Config = { ...unset, warnings };
      for (const [key, element] of Object.entries(value as object)) {
        if (!Object.hasOwn(readers, key)) warnings.push(`${key}: unknown key, ignored; known are ${known}`);
        else
          try {
            config = { ...config, [key]: readers[key as Key](element, key) };
          } catch (error) {
            issues.push({ message: (error as Error).message });
          }
      }
      return issues.length > 0 ? { issues } : { value: config };
    },
  },
};

const known = Object.keys(properties).join(', ');

/** Each throws an error that names the value's path, such as `rules[0].to`, and what is allowed. */
const readers: { readonly [K in Key]: (value: unknown, at: string) => Config[K] } = {
  table(value, at) {
    if (!reservedTables.includes(value as number) && isWithin(value, 1, greatestTable)) return value;
    const allowed = `an integer from 1 to ${greatestTable} other than 253 (default), 254 (main) and 255 (local)`;
    return refuse(at, value, allowed);
  },
  priority: readPriority,
  gateways(value, at) {
    const gateways = readList(value, at, (element, at) => readText(element, at, Address.parse));
    if (new Set(gateways.map(({ family }) => family)).size === gateways.length) return gateways;
    return refuse(at, value, 'a list of at most one address of each family');
  },
  move: (value, at) => moves.find(move => move === value) ?? refuse(at, value, `one of ${moves.join(', ')}`),
  rules: (value, at) => readList(value, at, readRule),
};

function readRule(value: unknown, at: string): UserRule {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(at, value, 'an object');
  const { from, to, priority, ...others } = value as Record<string, unknown>;
  for (const key of Object.keys(others)) throw new Error(`${at}.${key}: unknown key; known are from, to, priority`);
  if (from === undefined && to === undefined) return refuse(at, value, 'a rule: it needs from, to or both');
  const rule = {
    ...(from !== undefined && { from: readText(from, `${at}.from`, Prefix.parse) }),
    ...(to !== undefined && { to: readText(to, `${at}.to`, Prefix.parse) }),
    ...(priority !== undefined && { priority: readPriority(priority, `${at}.priority`) }),
  };
  if (rule.from && rule.to && rule.from.family !== rule.to.family) return refuse(at, value, 'a rule for one family');
  return rule;
}

function readPriority(value: unknown, at: string): number {
  const { minimum, maximum } = priority;
  return isWithin(value, minimum, maximum) ? value : refuse(at, value, `an integer from ${minimum} to ${maximum}`);
}

function readText<T>(value: unknown, at: string, parse: (text: string) => T): T {
  if (typeof value !== 'string') return refuse(at, value, 'a text');
  try {
    return parse(value);
  } catch (error) {
    throw new Error(`${at}: ${(error as Error).message}`, { cause: error });
  }
}

function readList<T>(value: unknown, at: string, read: (element: unknown, at: string) => T): T[] {
  if (!Array.isArray(value)) return refuse(at, value, 'a list');
  return value.map((element, i) => read(element, `${at}[${i}]`));
}

function isWithin(value: unknown, minimum: number, maximum: number): value is number {
  return Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum;
}

function refuse(at: string, value: unknown, allowed: string): never {
  throw new Error(`${at}: ${JSON.stringify(value)} is not ${allowed}`);
}
