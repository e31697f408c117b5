import { CNIError, ErrorCode } from './error.ts';
import { printError } from './output.ts';
import type { Plugin } from './plugin.ts';
import type { Awaitable } from './rollback.ts';
import { writeAll } from './stdio.ts';
import type { System } from './system.ts';

/** Plugins by name. A function loads its plugin on demand, so that the start-up of the others does not pay for it. */
export type Plugins = Readonly<Record<string, Plugin | (() => Awaitable<Plugin>)>>;

/** Options of {@link multicall}. */
export interface MulticallOptions {
  /** What to do if the executable is called by another name; by default, answer with an error that lists the plugins. */
  readonly otherwise?: () => void;
  /** The system calls that the plugins use; default `nodeSystem`. */
  readonly system?: System;
}

/**
 * The entry point of an executable that contains several plugins: runs the plugin that has the name by which the
 * executable was called, for example through a symbolic link.
 */
export function multicall(plugins: Plugins, { otherwise, system }: MulticallOptions = {}): void {
  // A compiled executable has the name that it was called by in argv0 only; a script has it in argv[1] only.
  const called = baseName(process.argv0);
  const plugin = own(plugins, called) ?? own(plugins, baseName(process.argv[1] ?? ''));
  if (typeof plugin === 'function') {
    Promise.resolve()
      .then(plugin)
      .then(loaded => loaded.main(system), fail);
  } else if (plugin) plugin.main(system);
  else if (otherwise) otherwise();
  else {
    const names = Object.keys(plugins).join(', ');
    fail(new CNIError(ErrorCode.InvalidEnvironmentVariables, `called as ${called}: this executable is ${names}`));
  }
}

/** The plugin with this name, but not a property that every object inherits. */
function own(plugins: Plugins, name: string): Plugins[string] | undefined {
  return Object.hasOwn(plugins, name) ? plugins[name] : undefined;
}

function fail(error: unknown): void {
  writeAll(1, printError(CNIError.from(error)));
  process.exit(1);
}

const scriptEndings = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'];

function baseName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return scriptEndings.includes(name.slice(dot)) ? name.slice(0, dot) : name;
}
