// Defines commands, parses their arguments and prints their help.
import { print } from './print.ts';

/** One option of a command. */
export interface Option {
  /** The placeholder for its value in the usage. An option without a value is a switch. */
  readonly value?: string;
  readonly required?: true;
  readonly about: string;
}

export type Options = Readonly<Record<string, Option>>;

/** The value of each option in one call. */
export type Given<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends { readonly required: true }
    ? string
    : O[Name] extends { readonly value: string }
      ? string | undefined
      : boolean;
};

interface Definition<O extends Options> {
  /** In one line. */
  readonly about: string;
  /** For --help: how to read the output, the exit status. */
  readonly details?: string;
  /** The placeholders of the required operands, such as `DST`. */
  readonly operands?: readonly string[];
  /** The placeholder for standard input, if the command reads it. */
  readonly stdin?: string;
  readonly options: O;
  /** Set for a command that opens the network namespaces of pods. */
  readonly needsRoot?: true;
  /** Returns the exit status. */
  readonly main: (given: Given<O>, operands: readonly string[]) => number | Promise<number>;
}

/** A command, whatever its options. */
export interface Command {
  readonly about: string;
  run(name: string, args: readonly string[]): Promise<number>;
}

export function defineCommand<const O extends Options>(definition: Definition<O>): Command {
  const { about, needsRoot, main } = definition;
  return {
    about,
    async run(name, args) {
      if (args.includes('--help') || args.includes('-h')) {
        await print(helpOf(name, definition));
        return 0;
      }
      const { given, operands } = read(name, definition, args);
      if (needsRoot && process.geteuid?.() !== 0)
        throw new Error('needs root: it looks into the network namespaces of pods');
      return main(given, operands);
    },
  };
}

function read<O extends Options>(
  name: string,
  { options, operands: wanted = [] }: Definition<O>,
  args: readonly string[],
): { given: Given<O>; operands: readonly string[] } {
  // Nothing to parse, and loading node:util would take a quarter of the whole run.
  if (args.length === 0 && wanted.length === 0 && Object.keys(options).length === 0)
    return { given: {} as Given<O>, operands: [] };
  const { parseArgs } = process.getBuiltinModule('node:util');
  const refuse = (what: string) => new Error(`${what}; see veth ${name} --help`);
  const types = Object.fromEntries(
    Object.entries(options).map(([name, { value }]) => [name, { type: value ? 'string' : 'boolean' } as const]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: types, allowPositionals: true });
    // An empty value is most likely that of an unset shell variable.
    for (const [option, { required, value }] of Object.entries(options))
      if (values[option] === '' || (required && values[option] === undefined))
        throw refuse(`--${option} ${value} is missing`);
    const missing = wanted[positionals.length];
    if (missing) throw refuse(`${missing} is missing`);
    const extra = positionals[wanted.length];
    if (extra !== undefined) throw refuse(`${extra} is too much`);
    const switches = Object.entries(options).filter(([, { value }]) => !value);
    const given = { ...Object.fromEntries(switches.map(([option]) => [option, false])), ...values };
    return { given: given as Given<O>, operands: positionals };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // The first sentence of parseArgs's message says what is wrong; the others are advice.
    const [what = ''] = error.message.split(/\.(?:\s|$)|\n/);
    throw refuse(`${what.charAt(0).toLowerCase()}${what.slice(1)}`);
  }
}

function helpOf<O extends Options>(name: string, definition: Definition<O>): string {
  const { about, details, operands = [], options, stdin } = definition;
  const all: [string, Option][] = [...Object.entries(options), ['help', { about: 'this text' }]];
  const written = all.map(([option, { value, about }]) => ({ flag: `--${option}${value ? ` ${value}` : ''}`, about }));
  const width = Math.max(...written.map(({ flag }) => flag.length));
  const usage = Object.entries(options).map(([option, { value, required }]) => {
    const flag = `--${option}${value ? ` ${value}` : ''}`;
    return required ? flag : `[${flag}]`;
  });
  return [
    `${about.charAt(0).toUpperCase()}${about.slice(1)}.`,
    '',
    `  ${['veth', name, ...usage, ...operands, ...(stdin ? [`< ${stdin}`] : [])].join(' ')}`,
    '',
    ...written.map(({ flag, about }) => `  ${flag.padEnd(width)}  ${about}`),
    ...(details ? ['', details] : []),
  ].join('\n');
}
