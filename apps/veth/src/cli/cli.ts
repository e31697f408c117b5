// The command line for people: `veth COMMAND`. A command is loaded when it is called, except `version`, which is so small
// that loading it would take longer than running it.
import { veth } from '../plugin.ts';
import type { Command } from './command.ts';
import { print, printable } from './print.ts';
import { version } from './version.ts';

const commands: Readonly<Record<string, () => Command | Promise<Command>>> = {
  version: () => version,
  schema: async () => (await import('./schema/command.ts')).schema,
  plan: async () => (await import('./plan/command.ts')).plan,
  inspect: async () => (await import('./inspect/command.ts')).inspect,
  reconcile: async () => (await import('./reconcile/command.ts')).reconcile,
  trace: async () => (await import('./trace/command.ts')).trace,
  install: async () => (await import('./install/command.ts')).install,
  uninstall: async () => (await import('./install/command.ts')).uninstall,
};

/** The exit status of a command that failed. Status 1 means that the answer is bad news. */
const failureStatus = 2;

/** Runs the command that the arguments ask for, and ends the process with its status. */
export async function main(args: readonly string[]): Promise<void> {
  process.exit(await run(args));
}

async function run([name = '', ...args]: readonly string[]): Promise<number> {
  try {
    if (name === '') return printIntroduction();
    if (name === '--version') return await run(['version', ...args]);
    if (name === '--help' || name === '-h' || name === 'help') return await help(args);
    return await (await commandOf(name)).run(name, args);
  } catch (error) {
    const who = Object.hasOwn(commands, name) ? `veth ${name}` : 'veth';
    console.error(printable(`${who}: ${(error as Error).message}`));
    return failureStatus;
  }
}

async function commandOf(name: string): Promise<Command> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load) return load();
  const { nearest } = await import('../config/nearest.ts');
  const guess = nearest(name, Object.keys(commands));
  throw new Error(`there is no command ${name}${guess ? `; did you mean ${guess}?` : '; see veth --help'}`);
}

/** Prints what the skeleton prints without a CNI command, and where to learn more. */
function printIntroduction(): number {
  console.error(`${veth.about}\nveth --help tells what it does for people.`);
  return 0;
}

async function help([name]: readonly string[]): Promise<number> {
  if (name !== undefined) return (await commandOf(name)).run(name, ['--help']);
  const names = Object.keys(commands);
  const lines = await Promise.all(
    names.map(async name => `  veth ${name.padEnd(10)} ${(await commandOf(name)).about}`),
  );
  await print(`veth is a chained CNI plugin: it connects pods on the LAN to their Kubernetes cluster.
Container runtimes call it with CNI_COMMAND. For people it has these commands:

${lines.join('\n')}

veth COMMAND --help tells the options of one.
The exit status is 0, or 1 where the answer is bad news, or 2 where there is none.`);
  return 0;
}
