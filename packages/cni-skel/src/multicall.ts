import { CNIError, ErrorCode } from './error.ts';
import { printError } from './output.ts';
import type { Plugin } from './plugin.ts';
import type { Awaitable } from './rollback.ts';
import { writeAll } from './stdio.ts';
import type { System } from './system.ts';

/** Plugins by name; a function loads one that the others' start-up should not pay for. */
export type Plugins = Readonly<Record<string, Plugin | (() => Awaitable<Plugin>)>>;

/** What {@link multicall} can be told beside the plugins. */
export interface MulticallOptions {
  /** What to do under any other name; default: answer with an error that names the plugins. */
  readonly otherwise?: () => void;
  /** What the plugins ask of the operating system with; default `nodeSystem`. */
  readonly system?: System;
}

/**
 * The entry point of several plugins in one executable: runs the one whose name the executable was called under, as
 * through a link.
 */
export function multicall(plugins: Plugins, { otherwise, system }: MulticallOptions = {}): void {
  // A compiled executable sees the name it was called under only in argv0; a script, only in argv[1].
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

/** The plugin of a name, be that even one of Object's own members. */
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
