import type { K8sArgs } from './args.ts';
import type { PluginDefinition } from './definition.ts';
import { aboutOf, dispatch } from './dispatch.ts';
import type { Kind } from './handlers.ts';
import type { Invocation, Outcome } from './invocation.ts';
import { runProcess } from './main.ts';
import type { StandardSchema } from './schema.ts';
import { nodeSystem, type System } from './system.ts';
import { allVersions, type CNIVersion } from './version.ts';

/** A plugin that can be run. */
export interface Plugin {
  /** As its author defined it. */
  readonly name: string;
  /** What VERSION answers, in the author's order. */
  readonly supportedVersions: readonly CNIVersion[];
  /** What it says of itself on standard error where it is called without CNI_COMMAND: its version and the protocol's. */
  readonly about: string;
  /**
   * The process's entry point: serves the request in the environment and on standard input, and then ends the process.
   * Returns at once; nothing else should be done after it.
   */
  main(system?: System): void;
  /** The same without a process, touching nothing global: for tests and for programs that serve many requests. */
  invoke(invocation: Invocation): Promise<Outcome>;
  /** JSON Schema (draft 2020-12) of the plugin's own keys, where the library of `conf` can export it. */
  readonly jsonSchema: object | undefined;
}

/** What type arguments promise to the handlers, and only the definition can keep. */
type Kept<Conf, Args, K extends Kind> = (object extends Conf ? unknown : { readonly conf: StandardSchema<Conf> }) &
  (K8sArgs extends Args ? unknown : { readonly args: StandardSchema<Args> }) &
  (K extends 'interface' ? unknown : { readonly kind: K });

/** Makes a plugin of its handlers. @throws TypeError, in programs without types, where the definition is none */
export function definePlugin<Conf = object, Args = K8sArgs, const K extends Kind = 'interface'>(
  definition: PluginDefinition<Conf, Args, K> & Kept<Conf, Args, K>,
): Plugin {
  const refuse = (what: string) => new TypeError(`plugin ${definition.name}: ${what}`);
  const kind: Kind = definition.kind ?? 'interface';
  if (kind !== 'interface' && kind !== 'chained' && kind !== 'ipam')
    throw refuse(`kind: ${kind} is not one of interface, chained, ipam`);
  for (const handler of ['add', 'del'] as const)
    if (typeof definition[handler] !== 'function') throw refuse(`${handler} is no function`);
  for (const key of ['conf', 'args'] as const)
    if (definition[key] && !definition[key]['~standard']) throw refuse(`${key} is no Standard Schema`);
  const invoke = (invocation: Invocation) => dispatch(definition, invocation);
  return {
    name: definition.name,
    supportedVersions: definition.supportedVersions ?? allVersions,
    about: aboutOf(definition),
    main: (system = nodeSystem) => runProcess(invoke, system),
    invoke,
    get jsonSchema() {
      return definition.conf?.['~standard'].jsonSchema?.input({ target: 'draft-2020-12' });
    },
  };
}
