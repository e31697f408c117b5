// Calls a handler with the skeleton's checks of a real ADD. So a request is refused for the same reasons.
import { type AddContext, type CNIError, currentVersion, definePlugin, type K8sArgs } from '@spider/cni-skel';
import { type Config, configSchema } from '../config/config.ts';
import type { Json } from './configuration.ts';

/** What a runtime passes to the plugin. */
export interface AddRequest {
  readonly netns: string;
  readonly ifName: string;
  readonly containerID: string;
  /** CNI_ARGS. */
  readonly args?: string | undefined;
  /** The plugin's own object, with the name of the network. */
  readonly conf: Json;
}

/** Returns what the handler returns. @throws Error with the error that ADD would return */
export async function asAdd<T>(
  { netns, ifName, containerID, args, conf }: AddRequest,
  handle: (context: AddContext<Config, K8sArgs, 'interface'>) => Promise<T>,
): Promise<T> {
  let answer: { readonly value: T } | undefined;
  const plugin = definePlugin({
    name: 'veth',
    version: '',
    conf: configSchema,
    async add(context) {
      answer = { value: await handle(context) };
      return {};
    },
    del() {},
  });
  const { error } = await plugin.invoke({
    env: {
      CNI_COMMAND: 'ADD',
      CNI_CONTAINERID: containerID,
      CNI_NETNS: netns,
      CNI_IFNAME: ifName,
      CNI_PATH: '/opt/cni/bin',
      ...(args && { CNI_ARGS: args }),
    },
    stdin: JSON.stringify({ cniVersion: currentVersion, ...conf, type: 'veth' }),
  });
  if (!answer) throw new Error(textOf(error!));
  return answer.value;
}

function textOf({ code, msg, details }: CNIError): string {
  return `code ${code}: ${msg}${details ? ` (${details})` : ''}`;
}
