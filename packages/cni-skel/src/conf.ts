import { validateNetworkName } from './environment.ts';
import { CNIError, ErrorCode, messageOf } from './error.ts';
import {
  compact,
  foldKeys,
  isObject,
  type JSONObject,
  listOf,
  member,
  parseJSON,
  readBoolean,
  readObject,
  readString,
} from './json.ts';
import { readDNS } from './result/parse.ts';
import type { DNS } from './result/result.ts';
import type { CNIVersion } from './version.ts';

/** The keys of a network configuration that the SPEC defines (section 1). */
export interface PluginConf {
  /** Version of the SPEC that the configuration uses; 0.1.0 if it has none. */
  cniVersion: CNIVersion;
  /** Name of the network. */
  name: string;
  /** Name of the plugin. */
  type: string;
  /** The IPAM plugin and its settings. */
  ipam?: { type: string; [key: string]: unknown };
  /** DNS settings to return instead of those of the IPAM plugin: see `dnsOf`. */
  dns?: DNS;
  /** Whether the host should masquerade traffic that leaves the network. */
  ipMasq?: boolean;
  /**
   * Arguments of the runtime and, in `cni`, of CONVENTIONS.md. They are not validated; unknown ones are to be ignored.
   */
  args?: {
    cni?: { ips?: string[]; labels?: { key: string; value: string }[]; [key: string]: unknown };
    [key: string]: unknown;
  };
}

/**
 * Values of the well-known capabilities of CONVENTIONS.md: those that the configuration declares and the runtime
 * supports. They are passed on as the runtime sent them, without validation.
 */
export interface RuntimeConfig {
  /** Ports of the node to map to ports of the container, 1 to 65535. `protocol` is tcp, udp or sctp. */
  portMappings?: { hostPort: number; containerPort: number; protocol?: string; hostIP?: string }[];
  /** Address ranges: one address is to be allocated from each list. */
  ipRanges?: { subnet: string; rangeStart?: string; rangeEnd?: string; gateway?: string }[][];
  /** Rates in bits per second, bursts in bits. */
  bandwidth?: { ingressRate?: number; ingressBurst?: number; egressRate?: number; egressBurst?: number };
  /** DNS settings of the container, as the runtime knows them. */
  dns?: { servers?: string[]; searches?: string[]; options?: string[] };
  /** Requested addresses, with or without prefix length. */
  ips?: string[];
  /** Requested hardware address. */
  mac?: string;
  /** GUID of an InfiniBand device, as 8 bytes in hexadecimal with colons. */
  infinibandGUID?: string;
  /** Device that the runtime allocated: a PCI address, or a name under /sys/bus. */
  deviceID?: string;
  /** Names of the container in the network, for plugins that provide name resolution. */
  aliases?: string[];
  /** Path of the pod's cgroup, relative to the root of the cgroup file system. */
  cgroupPath?: string;
  [capability: string]: unknown;
}

/** An attachment of a container to a network: ADD creates it and DEL removes it (SPEC section 2). */
export interface Attachment {
  /** `CNI_CONTAINERID`: a letter or digit, then letters, digits, `_`, `.` and `-`. */
  readonly containerID: string;
  /** `CNI_IFNAME`: 1 to 15 bytes. */
  readonly ifName: string;
}

/** All top-level keys that are not the plugin's own. */
const reservedKeys = [
  'cniVersion',
  'name',
  'type',
  'ipam',
  'dns',
  'ipMasq',
  'args',
  'capabilities',
  'runtimeConfig',
  'prevResult',
  'cni.dev/valid-attachments',
  'cni.dev/attachments',
];

/**
 * Reads the network configuration from standard input: a JSON object with a valid `name`. Keys that the SPEC defines are
 * accepted in any case.
 * @throws CNIError code 6 or 7
 */
export function parseConf(stdin: Uint8Array): JSONObject {
  const refuse = (msg: string) => new CNIError(ErrorCode.DecodingFailure, `error unmarshall network config: ${msg}`);
  let json: unknown;
  try {
    json = parseJSON(stdin);
  } catch (error) {
    throw refuse(messageOf(error));
  }
  if (json === null) json = {};
  if (!isObject(json)) throw refuse('it is not a JSON object');
  const conf = foldKeys(json, reservedKeys);
  const name = conf['name'] ?? '';
  if (typeof name !== 'string') throw refuse(`name ${JSON.stringify(name)} is not a string`);
  validateNetworkName(name);
  return conf;
}

/** The plugin's own keys, which its author's schema validates. */
export function ownKeys(conf: JSONObject): JSONObject {
  const own: Record<string, unknown> = { ...conf };
  for (const key of Object.keys(own)) {
    if (reservedKeys.includes(key) || key.startsWith('cni.dev/')) delete own[key];
  }
  return own;
}

/**
 * The part of the configuration that the SPEC defines.
 * @throws CNIError code 7 that names the key
 */
export function pluginConf(conf: JSONObject, cniVersion: string): PluginConf {
  return orInvalid(() => ({
    // `requireSupported` has already checked the version.
    cniVersion: cniVersion as CNIVersion,
    name: readString(conf['name'], 'name'),
    type: member(conf, 'type', readString) ?? '',
    ...compact({
      ipam: member(conf, 'ipam', readIPAM),
      dns: member(conf, 'dns', readDNS),
      ipMasq: member(conf, 'ipMasq', readBoolean),
      args: member(conf, 'args', readObject),
    }),
  }));
}

function readIPAM(value: unknown, at: string): { type: string } {
  const ipam = foldKeys(readObject(value, at), ['type']);
  return { ...ipam, type: member(ipam, 'type', readString, at) ?? '' };
}

/** The capability arguments. @throws CNIError code 7 */
export function runtimeConfig(conf: JSONObject): RuntimeConfig {
  return orInvalid(() => member(conf, 'runtimeConfig', readObject) ?? {});
}

/**
 * The attachments that still exist, for GC. Undefined if the runtime sent no list, so that no attachment is known to be
 * stale. Null is an empty list, as Go encodes it.
 * @throws CNIError code 7
 */
export function validAttachments(conf: JSONObject): readonly Attachment[] | undefined {
  const key = ['cni.dev/valid-attachments', 'cni.dev/attachments'].find(key => conf[key] !== undefined);
  if (key === undefined) return undefined;
  return orInvalid(() => member(conf, key, listOf(readAttachment)) ?? []);
}

function readAttachment(value: unknown, at: string): Attachment {
  const json = foldKeys(readObject(value, at), ['containerID', 'ifname']);
  return {
    containerID: readString(json['containerID'], `${at}.containerID`),
    ifName: readString(json['ifname'], `${at}.ifname`),
  };
}

/**
 * JSON of a wrong type is an invalid configuration (code 7), not a decoding failure: standard input as a whole could be
 * decoded.
 */
function orInvalid<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CNIError(ErrorCode.InvalidNetworkConfig, CNIError.from(error).msg, { cause: error });
  }
}
