// The types of configuration values: how each is read, and its JSON Schema.
import { InterfaceAddress, MacPrefix, ParseError, type Prefix } from '@spider/ip';

/**
 * One type of value. `parse` throws an error that names the value's path, such as `rp_filter.value`, and what is allowed.
 */
export interface Value<T> {
  readonly schema: object;
  parse(value: unknown, at: string): T;
}

/** The error for a value that is not allowed. */
export class InvalidValue extends Error {
  constructor(at: string, problem: string) {
    super(`${at}: ${problem}`);
  }
}

function refuse(at: string, value: unknown, allowed: string): never {
  throw new InvalidValue(at, `${quoted(value)} is not ${allowed}`);
}

/** The value as JSON, cut to 100 characters. */
function quoted(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`;
}

export const boolean: Value<boolean> = {
  schema: { type: 'boolean' },
  parse: (value, at) => (typeof value === 'boolean' ? value : refuse(at, value, 'true or false')),
};

export function integer(minimum: number, maximum: number): Value<number> {
  return {
    schema: { type: 'integer', minimum, maximum },
    parse(value, at) {
      if (typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum) return value;
      return refuse(at, value, `an integer from ${minimum} to ${maximum}`);
    },
  };
}

const milliseconds = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** A duration in Go's notation, such as `100ms`, `1.5s`, `1m30s`. The limits and the result are in milliseconds. */
export function duration(minimum: number, maximum: number): Value<number> {
  return {
    schema: { type: 'string', pattern: '^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$' },
    parse(value, at) {
      const parts = typeof value === 'string' ? [...value.matchAll(/([0-9]+(?:[.][0-9]+)?)(ns|us|µs|ms|s|m|h)/g)] : [];
      const whole = parts.map(([part]) => part).join('') === value;
      let total = 0;
      for (const [, count, unit] of parts) total += Number(count) * milliseconds[unit as keyof typeof milliseconds];
      if (whole && total >= minimum && total <= maximum) return total;
      return refuse(at, value, `a duration such as "100ms" or "1s", from ${minimum}ms to ${maximum}ms`);
    },
  };
}

/** The path of a file. Absolute, because the runtime may start the plugin in any directory. */
export const absolutePath: Value<string> = {
  schema: { type: 'string', pattern: '^/' },
  parse: (value, at) =>
    typeof value === 'string' && value.startsWith('/')
      ? value
      : refuse(at, value, 'an absolute path such as "/var/log/veth.log"'),
};

export function oneOf<const Names extends readonly string[]>(...names: Names): Value<Names[number]> {
  return {
    schema: { enum: names },
    parse: (value, at) => names.find(name => name === value) ?? refuse(at, value, `one of ${names.join(', ')}`),
  };
}

/** One of `numbers`, read as the number at the same position in `meanings`. */
export function translatedNumber(numbers: readonly number[], meanings: readonly number[]): Value<number> {
  return {
    schema: { enum: numbers },
    parse: (value, at) =>
      meanings[numbers.indexOf(value as number)] ?? refuse(at, value, `one of ${numbers.join(', ')}`),
  };
}

/** A prefix such as `10.233.0.0/18` or `fd00:10:233::/56`. Surrounding blanks are ignored, host bits are cleared. */
export const cidr: Value<Prefix> = {
  schema: { type: 'string' },
  parse(value, at) {
    if (typeof value !== 'string') return refuse(at, value, 'a CIDR such as "10.233.0.0/18"');
    try {
      return InterfaceAddress.parse(value.trim()).prefix;
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      throw new InvalidValue(at, `${quoted(value)} is not a CIDR such as "10.233.0.0/18": ${error.reason}`);
    }
  },
};

/** A prefix that the pod can reach through its node. */
export const destination: Value<Prefix> = {
  schema: cidr.schema,
  parse(value, at) {
    const prefix = cidr.parse(value, at);
    const reason = reasonAgainst(prefix);
    if (reason) throw new InvalidValue(at, `${quoted(value)} is not to be reached through a node: ${reason}`);
    return prefix;
  },
};

function reasonAgainst({ network: address, length }: Prefix): string | undefined {
  if (length === 0) return 'that is the default route, which is the NIC’s';
  if (address.isMapped) return `IPv4 is written as such, ${address.toUnmapped()}/${Math.max(length - 96, 0)}`;
  if (address.isLoopback) return 'loopback addresses are the pod’s own';
  if (address.family === 6 && address.isLinkLocal) return 'link-local addresses are those of one link';
  return undefined;
}

/** An interface name that the kernel accepts. */
export const interfaceName: Value<string> = {
  // The kernel's limit is in bytes, which JSON Schema cannot say.
  schema: { type: 'string', minLength: 1, maxLength: 15, pattern: '^[^/:\\s]+$' },
  parse(value, at) {
    if (typeof value === 'string' && isInterfaceName(value)) return value;
    return refuse(at, value, 'the name of an interface: 1 to 15 bytes, without "/", ":" and blanks');
  },
};

function isInterfaceName(name: string): boolean {
  return /^[^/:\s]+$/.test(name) && name !== '.' && name !== '..' && new TextEncoder().encode(name).length <= 15;
}

/** Selects addresses by prefix or by interface. */
export type Selector = { readonly prefix: Prefix } | { readonly dev: string };

/** A CIDR or the name of an interface. */
export const selector: Value<Selector> = {
  schema: { type: 'string', minLength: 1 },
  parse(value, at) {
    if (typeof value === 'string' && value.includes('/')) return { prefix: cidr.parse(value, at) };
    // A valid interface name, but surely meant as an IPv4 address.
    if (typeof value === 'string' && isInterfaceName(value) && !/^[\d.]+$/.test(value)) return { dev: value };
    return refuse(at, value, 'a CIDR such as "192.0.2.1/32", or the name of an interface');
  },
};

/** The first two octets of a hardware address, such as `0a:1b`. */
export const macPrefix: Value<MacPrefix> = {
  schema: { type: 'string', pattern: '^[0-9a-fA-F]{2}[:-][0-9a-fA-F]{2}$' },
  parse(value, at) {
    if (typeof value !== 'string') return refuse(at, value, 'two octets such as "0a:1b"');
    try {
      return MacPrefix.parse(value);
    } catch (error) {
      throw new InvalidValue(at, (error as Error).message);
    }
  },
};

/** One bit of the packet mark, in hexadecimal: `0x20000000`. */
export const markBit: Value<number> = {
  schema: { type: 'string', pattern: '^0x0*[1248]0{0,7}$' },
  parse(value, at) {
    if (typeof value === 'string' && /^0x0*[1248]0{0,7}$/.test(value)) return Number(value);
    return refuse(at, value, 'one bit of 32 in hexadecimal, such as "0x20000000"');
  },
};

export function listOf<T>(item: Value<T>): Value<readonly T[]> {
  return {
    schema: { type: 'array', items: item.schema },
    parse(value, at) {
      if (!Array.isArray(value)) return refuse(at, value, 'a list');
      const list: T[] = [];
      for (const element of value) list.push(item.parse(element, `${at}[${list.length}]`));
      return list;
    },
  };
}

/** The keys of an object. All are optional. */
export type Keys = Readonly<Record<string, Value<unknown>>>;
export type Parsed<K extends Keys> = { readonly [Name in keyof K]?: K[Name] extends Value<infer T> ? T : never };

export function object<const K extends Keys>(keys: K): Value<Parsed<K>> {
  return {
    // Built on demand: only `veth schema` needs it.
    get schema() {
      const properties = Object.fromEntries(Object.entries(keys).map(([name, { schema }]) => [name, schema]));
      return { type: 'object', properties, additionalProperties: false };
    },
    parse(value, at) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(at, value, 'an object');
      const parsed: Record<string, unknown> = {};
      for (const [name, element] of Object.entries(value)) {
        const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
        if (!key) throw new InvalidValue(`${at}.${name}`, `unknown key; known are ${Object.keys(keys).join(', ')}`);
        parsed[name] = key.parse(element, `${at}.${name}`);
      }
      return parsed as Parsed<K>;
    },
  };
}
