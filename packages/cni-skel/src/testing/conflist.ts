import { CNIError, ErrorCode } from '../error.ts';
import { type JSONObject, listOf, member, readObject, readString } from '../json.ts';
import { compareVersions, currentVersion } from '../version.ts';

/** A network configuration list, as in /etc/cni/net.d/*.conflist (SPEC section 1). */
export interface NetworkConfList {
  /** Version of the SPEC; absent is 0.1.0. */
  readonly cniVersion?: string;
  /** Versions to choose the newest known of. */
  readonly cniVersions?: readonly string[];
  /** The network's name, the same on every node. */
  readonly name: string;
  /** CHECK succeeds without asking the plugins. */
  readonly disableCheck?: boolean;
  /** GC succeeds without asking the plugins. */
  readonly disableGC?: boolean;
  /** In the order of ADD; DEL goes the other way. */
  readonly plugins: readonly NetworkConf[];
}

/** The configuration of one plugin in a list. */
export interface NetworkConf {
  /** Name of the plugin's executable. */
  readonly type: string;
  /** Those whose arguments the plugin is to get. */
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly [key: string]: unknown;
}

/** The version to speak: the newest that the list names and this library knows. @throws CNIError code 6 */
export function chooseVersion({ cniVersion, cniVersions = [] }: NetworkConfList): string {
  const named = [...(cniVersion ? [cniVersion] : []), ...cniVersions];
  if (named.length <= 1) return named[0] ?? '';
  const newestFirst = named.sort((a, b) => compareVersions(b, a));
  return newestFirst.find(version => compareVersions(version, currentVersion) <= 0) ?? newestFirst.at(-1)!;
}

/** What goes into the configuration that a plugin gets, beside what the list says of it. */
export interface Injection {
  readonly cniVersion: string;
  readonly prevResult?: object | undefined;
  /** By capability; each plugin gets those that it declared. */
  readonly capabilityArgs?: Readonly<Record<string, unknown>> | undefined;
  /** Keys to set as they are. */
  readonly keys?: object;
}

/** The configuration that a plugin of the list gets on standard input (SPEC section 3). */
export function requestConf(list: NetworkConfList, conf: NetworkConf, injection: Injection): JSONObject {
  const { cniVersion, prevResult, capabilityArgs = {}, keys } = injection;
  const declared = Object.entries(capabilityArgs).filter(([capability]) => conf.capabilities?.[capability]);
  return {
    ...conf,
    name: list.name,
    cniVersion,
    ...(prevResult && { prevResult }),
    ...(declared.length > 0 && { runtimeConfig: Object.fromEntries(declared) }),
    ...keys,
  };
}

/** Reads a configuration list's JSON. @throws CNIError code 7 that names the key */
export function parseConfList(json: string): NetworkConfList {
  try {
    const list = readObject(JSON.parse(json), 'network configuration list');
    member(list, 'cniVersion', readString);
    member(list, 'cniVersions', listOf(readString));
    readString(list['name'], 'name');
    const plugins = listOf(readObject)(list['plugins'], 'plugins');
    plugins.forEach((plugin, index) => {
      readString(plugin['type'], `plugins[${index}].type`);
    });
    return list as unknown as NetworkConfList;
  } catch (error) {
    throw new CNIError(ErrorCode.InvalidNetworkConfig, CNIError.from(error).msg, { cause: error });
  }
}
