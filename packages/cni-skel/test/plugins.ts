import { definePlugin, type Plugin } from '../src/index.ts';

type Calls = { readonly command: string; readonly context: Record<string, unknown> }[];

/** A plugin that handles every command and records its calls. */
export function recorder(
  definition: Partial<Parameters<typeof definePlugin<object>>[0]> = {},
): Plugin & { calls: Calls } {
  const calls: Calls = [];
  const note = (command: string) => (context: object) => {
    calls.push({ command, context: context as Record<string, unknown> });
  };
  const add = note('ADD');
  const plugin = definePlugin({
    name: 'recorder',
    version: '1.2.3',
    add(context) {
      add(context);
      return { ips: [{ address: '10.0.0.2/24' }] };
    },
    del: note('DEL'),
    check: note('CHECK'),
    gc: note('GC'),
    status: note('STATUS'),
    ...definition,
  });
  return Object.assign(plugin, { calls });
}
