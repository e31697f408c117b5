import { CNIError, ErrorCode } from '../error.ts';
import { type JSONObject, listOf, member, readObject, readString } from '../json.ts';
import { compareVersions, currentVersion } from '../version.ts';

/** A network configuration list, as in /etc/cni/net.d/*.conflist (SPEC section 1). */
export interface NetworkConfList {
  /** Version of the SPEC; 0.1.0 if absent. */
  readonly cniVersion?: string;
  /** Versions of the SPEC, of which the newest known one is used. */
  readonly cniVersions?: readonly string[];
  /** Name of the network, the same on every node. */
  readonly name: string;
  /** CHECK succeeds without running the plugins. */
  readonly disableCheck?: boolean;
  /** GC succeeds without running the plugins. */
  readonly disableGC?: boolean;
  /** The plugins in the order of ADD; DEL uses the reverse order. */
  readonly plugins: readonly NetworkConf[];
}

/** The configuration of one plugin in a list. */
export interface NetworkConf {
  /** Name of the plugin's executable. */
  readonly type: string;
  /** The capabilities whose values the plugin receives. */
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly [key: string]: unknown;
}

/**
 * The version to use: the newest that the list names and this library supports.
 * @throws CNIError code 6
 */
export function chooseVersion({ cniVersion, cniVersions = [] }: NetworkConfList): string {
  const named = [...(cniVersion ? [cniVersion] : []), ...cniVersions];
  if (named.length <= 1) return named[0] ?? '';
  const newestFirst = named.sort((a, b) => compareVersions(b, a));
  return newestFirst.find(version => compareVersions(version, currentVersion) <= 0) ?? newestFirst.at(-1)!;
}

/** What the runtime adds to the configuration of a plugin. */
export interface Injection {
  readonly cniVersion: string;
  readonly prevResult?: object | undefined;
  /** Values by capability; each plugin receives those that it declares. */
  readonly capabilityArgs?: Readonly<Record<string, unknown>> | undefined;
  /** Keys to add unchanged. */
  readonly keys?: object;
}

/** The configuration that a plugin of the list receives on standard input (SPEC section 3). */
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

/**
 * Parses a configuration list.
 * @throws CNIError code 7 that names the key
 */
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
