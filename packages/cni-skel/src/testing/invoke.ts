import type { Attachment } from '../conf.ts';
import type { Command } from '../environment.ts';
import type { Invocation, Outcome } from '../invocation.ts';
import type { Plugin } from '../plugin.ts';
import { currentVersion } from '../version.ts';

/** A request. Everything that it does not specify has a default that a plugin accepts. */
export interface Call extends Partial<Omit<Invocation, 'env' | 'stdin'>> {
  /** The network configuration; by default it has the newest version and the plugin's name. */
  readonly conf?: object;
  /** Default `container`. */
  readonly containerID?: string;
  /** By default a path that does not exist. */
  readonly netns?: string;
  /** Default `eth0`. */
  readonly ifName?: string;
  /** CNI_ARGS; default none. */
  readonly args?: string;
  /** CNI_PATH; default /opt/cni/bin. */
  readonly path?: string;
  /** Additional environment variables, which override those above. */
  readonly env?: Invocation['env'];
  /** Result of the plugins before this one; default none. */
  readonly prevResult?: object | undefined;
  /** Values of capabilities; default none. */
  readonly runtimeConfig?: object;
  /** For GC: the attachments that still exist. By default there is no list, which differs from an empty list. */
  readonly validAttachments?: readonly Attachment[];
}

/** Runs a plugin in this process, as a runtime would. */
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
