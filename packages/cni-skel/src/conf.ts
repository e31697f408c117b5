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
  /** The version of the SPEC that the configuration is of; 0.1.0 where it names none. */
  cniVersion: CNIVersion;
  /** The network's name. */
  name: string;
  /** The plugin's name. */
  type: string;
  /** The IPAM plugin and its settings. */
  ipam?: { type: string; [key: string]: unknown };
  /** DNS settings to return in place of the IPAM plugin's: see `dnsOf`. */
  dns?: DNS;
  /** Whether the host should masquerade traffic that leaves the network. */
  ipMasq?: boolean;
  /** Arguments of the runtime and, under `cni`, of CONVENTIONS.md, as they came; unknown ones are to be ignored. */
  args?: {
    cni?: { ips?: string[]; labels?: { key: string; value: string }[]; [key: string]: unknown };
    [key: string]: unknown;
  };
}

/**
 * The well-known capabilities of CONVENTIONS.md; holds those that the configuration declared and the runtime had, as that
 * sent them: nobody has looked at them.
 */
export interface RuntimeConfig {
  /** Ports of the node that lead to the container's; 1 to 65535, `protocol` is tcp, udp or sctp. */
  portMappings?: { hostPort: number; containerPort: number; protocol?: string; hostIP?: string }[];
  /** Where addresses are to be taken from: one from each list of ranges. */
  ipRanges?: { subnet: string; rangeStart?: string; rangeEnd?: string; gateway?: string }[][];
  /** Rates in bits per second, bursts in bits. */
  bandwidth?: { ingressRate?: number; ingressBurst?: number; egressRate?: number; egressBurst?: number };
  /** DNS settings of the container, as the runtime knows them. */
  dns?: { servers?: string[]; searches?: string[]; options?: string[] };
  /** Addresses that are asked for, with or without prefix length. */
  ips?: string[];
  /** Hardware address that is asked for. */
  mac?: string;
  /** GUID of an InfiniBand device, as 8 bytes in hexadecimal with colons. */
  infinibandGUID?: string;
  /** Device that the runtime allotted: a PCI address, or a name under /sys/bus. */
  deviceID?: string;
  /** Names of the container in the network, for plugins that serve names. */
  aliases?: string[];
  /** Path of the pod's cgroup, below the root of the cgroup file system. */
  cgroupPath?: string;
  [capability: string]: unknown;
}

/** An interface of a container: what one ADD makes and one DEL removes. */
export interface Attachment {
  /** `CNI_CONTAINERID`: letters, digits, `_`, `.` and `-`. */
  readonly containerID: string;
  /** `CNI_IFNAME`: 1 to 15 bytes. */
  readonly ifName: string;
}

/** Every top-level key that is not the plugin's own. */
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
 * The network configuration on standard input: a JSON object with a valid `name`. SPEC-defined keys in any case.
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

/** The plugin's own keys: what its author's schema sees. */
export function ownKeys(conf: JSONObject): JSONObject {
  const own: Record<string, unknown> = { ...conf };
  for (const key of Object.keys(own)) {
    if (reservedKeys.includes(key) || key.startsWith('cni.dev/')) delete own[key];
  }
  return own;
}

/** The SPEC's own part of the configuration. @throws CNIError code 7 that names the key */
export function pluginConf(conf: JSONObject, cniVersion: string): PluginConf {
  return orInvalid(() => ({
    // A version that the plugin supports, or it would not have come this far.
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
 * The attachments that still exist, for GC. Undefined where the runtime sent no list, which says nothing about any
 * attachment; null is Go's empty list.
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

/** JSON of the wrong type makes an invalid configuration: standard input as a whole could be decoded. */
function orInvalid<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CNIError(ErrorCode.InvalidNetworkConfig, CNIError.from(error).msg, { cause: error });
  }
}
