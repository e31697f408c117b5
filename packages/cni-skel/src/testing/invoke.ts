import type { Attachment } from '../conf.ts';
import type { Command } from '../environment.ts';
import type { Invocation, Outcome } from '../invocation.ts';
import type { Plugin } from '../plugin.ts';
import { currentVersion } from '../version.ts';

/** A request; what it does not say has a default that a plugin accepts. */
export interface Call extends Partial<Omit<Invocation, 'env' | 'stdin'>> {
  /** The network configuration; default of the newest version and with the plugin's name. */
  readonly conf?: object;
  /** Default `container`. */
  readonly containerID?: string;
  /** Default a path at which there is nothing. */
  readonly netns?: string;
  /** Default `eth0`. */
  readonly ifName?: string;
  /** CNI_ARGS */
  readonly args?: string;
  /** CNI_PATH */
  readonly path?: string;
  /** Further variables, or others. */
  readonly env?: Invocation['env'];
  /** What the plugins before made; default none. */
  readonly prevResult?: object | undefined;
  /** Arguments for capabilities; default none. */
  readonly runtimeConfig?: object;
  /** For GC: what still exists. Default no list, which is not an empty one. */
  readonly validAttachments?: readonly Attachment[];
}

/** Calls a plugin inside this process, as a runtime would. */
export function invoke(plugin: Pick<Plugin, 'name' | 'invoke'>, command: Command, call: Call = {}): Promise<Outcome> {
  const { conf, containerID = 'container', netns = '/run/netns/none', ifName = 'eth0', args = '' } = call;
  const { path = '/opt/cni/bin', env, prevResult, runtimeConfig, validAttachments, ...rest } = call;
  return plugin.invoke({
    ...rest,
    env: {
      CNI_COMMAND: command,
      CNI_CONTAINERID: containerID,
      CNI_NETNS: netns,
      CNI_IFNAME: ifName,
      CNI_ARGS: args,
      CNI_PATH: path,
      ...env,
    },
    stdin: JSON.stringify({
      cniVersion: currentVersion,
      name: 'network',
      type: plugin.name,
      ...conf,
      ...(prevResult && { prevResult }),
      ...(runtimeConfig && { runtimeConfig }),
      ...(validAttachments && {
        'cni.dev/valid-attachments': validAttachments.map(({ containerID, ifName }) => ({
          containerID,
          ifname: ifName,
        })),
      }),
    }),
  });
}
