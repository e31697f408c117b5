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
  /** Name of the plugin, from its definition. */
  readonly name: string;
  /** Versions of the SPEC that VERSION answers with, in the order of the definition. */
  readonly supportedVersions: readonly CNIVersion[];
  /** Text for standard error if the plugin is called without CNI_COMMAND: its version and those of the protocol. */
  readonly about: string;
  /**
   * Entry point of the process: handles the request in the environment and on standard input, and then ends the process.
   * It returns at once; do nothing after it.
   */
  main(system?: System): void;
  /**
   * Handles a request without a process and without changing anything global: for tests, and for programs that handle
   * many requests.
   */
  invoke(invocation: Invocation): Promise<Outcome>;
  /** JSON Schema (draft 2020-12) of the plugin's own keys, if the library of `conf` can export it. */
  readonly jsonSchema: object | undefined;
}

/** Properties of the definition that explicit type arguments require. */
type Kept<Conf, Args, K extends Kind> = (object extends Conf ? unknown : { readonly conf: StandardSchema<Conf> }) &
  (K8sArgs extends Args ? unknown : { readonly args: StandardSchema<Args> }) &
  (K extends 'interface' ? unknown : { readonly kind: K });

/**
 * Makes a plugin from its definition.
 * @throws TypeError the definition is invalid, which is only possible in untyped programs
 */
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
