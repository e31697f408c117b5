import type { StandardSchema } from '@spider/cni-skel';
import type { MacPrefix, Prefix } from '@spider/ip';
import type { Patience } from '../conflict/detect.ts';
import type { Limits } from '../log/rotate.ts';
import { aliases, aliasOf } from './aliases.ts';
import { nearest } from './nearest.ts';
import {
  absolutePath,
  boolean,
  destination,
  duration,
  InvalidValue,
  integer,
  interfaceName,
  type Keys,
  listOf,
  macPrefix,
  markBit,
  object,
  oneOf,
  type Parsed,
  type Selector,
  selector,
  type Value,
} from './value.ts';

/** The plugin's own keys in the network configuration. */
export const keys = {
  /** The addresses of pods of the cluster's overlay networks. */
  cluster_cidr: listOf(destination),
  /** The addresses of services. */
  service_cidr: listOf(destination),
  /** What else is to be reached through the node. */
  additional_cidr: listOf(destination),
  /** Reverse path filtering on our links and the pod's NICs (ip-sysctl: 0 off, 1 strict, 2 loose). */
  rp_filter: object({
    enabled: boolean,
    value: integer(0, 2),
    /** On the node's own interfaces too. It stays when the pod goes. */
    set_host: boolean,
  }),
  /** The first two octets of the NIC's hardware address; the last four are its first address. */
  hardware_prefix: macPrefix,
  /** Only the hardware address is set. */
  only_hardware: boolean,
  /** How a later NIC's own routes get into its table: 0 and 1 move them there, 2 leaves them in main. */
  move_routes: integer(0, 2),
  /** The NIC that shall own the default route of main; by default the first that has one. */
  default_route: interfaceName,
  /** Bytes, both ends of the pair; by default the NIC's. */
  mtu: integer(68, 65_535),
  /** Packets that may wait to be sent by the pod's NIC; by default as it is. */
  txqueuelen: integer(0, 0x7fff_ffff),
  /** Which of the node's addresses the pod reaches through the pair, by CIDR or by interface. */
  node_addresses: object({
    /** Beside the usual ones: also of links that are down, and gateways of pods. */
    include: listOf(selector),
    exclude: listOf(selector),
  }),
  /** Whether another on the link has an address of the NIC's is found out before anything is changed. */
  ip_conflict: object({
    enabled: boolean,
    /** How long is listened after each probe. */
    interval: duration(1, 60_000),
    /** Probes for each address. */
    retries: integer(1, 100),
  }),
  /** What comes in through the pair is answered through it, wherever it comes from: NodePorts that keep the source. */
  reply_path: object({
    enabled: boolean,
    /** By which a connection that came in through the pair is told. */
    mark: markBit,
  }),
  /** The call does nothing. */
  skip: boolean,
  log_options: object({
    log_level: oneOf('debug', 'info', 'warn', 'error'),
    log_file: absolutePath,
    /** Megabytes. */
    log_max_size: integer(1, 1_000_000),
    /** Days. */
    log_max_age: integer(0, 100_000),
    log_max_count: integer(0, 100_000),
  }),
} satisfies Keys;

/** A bit that neither kube-proxy, service meshes nor VPNs are known to use. */
const defaultReplyMark = 0x2000_0000;

/** What the configuration asks for, with defaults filled in. */
export interface Config {
  /** What is reached through the node: cluster, service and additional CIDRs, in this order. */
  readonly cidrs: readonly Prefix[];
  /** The value to write; undefined leaves the kernel's. */
  readonly rpFilter: number | undefined;
  /** Write it to the node's own interfaces too. */
  readonly rpFilterOnNode: boolean;
  readonly hardwarePrefix: MacPrefix | undefined;
  readonly onlyHardware: boolean;
  /** Whether a later NIC's own routes go to its table. */
  readonly movesRoutes: boolean;
  readonly defaultRoute: string | undefined;
  /** Bytes. */
  readonly mtu: number | undefined;
  readonly txqueuelen: number | undefined;
  readonly nodeAddresses: { readonly include: readonly Selector[]; readonly exclude: readonly Selector[] };
  /** How others are asked whether they have the NIC's addresses; undefined asks nobody. */
  readonly ipConflict: Patience | undefined;
  /** The mark by which replies find the pair again; undefined lets them go by their destination alone. */
  readonly replyMark: number | undefined;
  readonly skip: boolean;
  /** What an operator should know of it, though it is no error. */
  readonly warnings: readonly string[];
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    readonly file: string | undefined;
    readonly limits: Limits;
  };
}

/** Validates the plugin's keys for the skeleton. An unknown key is no error, but told. */
export const configSchema: StandardSchema<Config> = {
  '~standard': {
    version: 1,
    vendor: 'spider',
    validate(value) {
      const { config, issues } = read(value);
      return issues.length > 0 ? { issues: issues.map(message => ({ message })) } : { value: config };
    },
  },
};

/** The keys that are valid; the others are as if they had not been given. */
export function salvage(value: unknown): Config {
  return read(value).config;
}

function read(value: unknown): { config: Config; issues: readonly string[] } {
  const given = value as Readonly<Record<string, unknown>>;
  const parsed: Record<string, unknown> = {};
  const issues: string[] = [];
  const warnings: string[] = [];
  /** The name under which each key was given. */
  const names = new Map<string, string>();
  for (const name of Object.keys(given)) {
    const alias = aliasOf(name);
    const key = alias?.key ?? name;
    names.set(key, name);
    if (alias && Object.hasOwn(given, key)) issues.push(`${name}: is another name for ${key}, which is given too`);
    else if (!Object.hasOwn(keys, key)) warnings.push(unknown(name));
    else
      try {
        parsed[key] = (alias?.value ?? keys[key as keyof typeof keys]).parse(given[name], name);
      } catch (error) {
        if (!(error instanceof InvalidValue)) throw error;
        issues.push(error.message);
      }
  }
  if (parsed['only_hardware'] && !names.has('hardware_prefix'))
    issues.push(`${names.get('only_hardware')}: true needs a hardware_prefix`);
  return { config: configOf(parsed, warnings), issues };
}

function unknown(name: string): string {
  const inside = keysWith(name).map(key => `${key}.${name}`);
  const guess = inside.join(' or ') || nearest(name, [...Object.keys(keys), ...Object.keys(aliases)]);
  return `${name}: unknown key, ignored${guess ? `; did you mean ${guess}?` : ''}`;
}

/** The keys whose objects have a key by this name. */
function keysWith(name: string): string[] {
  const has = ({ schema }: Value<unknown>) =>
    'properties' in schema && Object.hasOwn(schema.properties as object, name);
  return Object.entries(keys).flatMap(([key, value]) => (has(value) ? [key] : []));
}

function configOf(parsed: Parsed<typeof keys>, warnings: readonly string[]): Config {
  const { rp_filter: rpFilter, ip_conflict: conflict, reply_path: reply, log_options: log } = parsed;
  return {
    cidrs: [...(parsed.cluster_cidr ?? []), ...(parsed.service_cidr ?? []), ...(parsed.additional_cidr ?? [])],
    rpFilter: rpFilter?.enabled === false ? undefined : (rpFilter?.value ?? 0),
    rpFilterOnNode: rpFilter?.set_host ?? false,
    hardwarePrefix: parsed.hardware_prefix,
    onlyHardware: parsed.only_hardware ?? false,
    movesRoutes: parsed.move_routes !== 2,
    defaultRoute: parsed.default_route,
    mtu: parsed.mtu,
    txqueuelen: parsed.txqueuelen,
    nodeAddresses: { include: parsed.node_addresses?.include ?? [], exclude: parsed.node_addresses?.exclude ?? [] },
    ipConflict: conflict?.enabled ? { interval: conflict.interval ?? 100, retries: conflict.retries ?? 3 } : undefined,
    replyMark: reply && reply.enabled !== false ? (reply.mark ?? defaultReplyMark) : undefined,
    skip: parsed.skip ?? false,
    warnings,
    log: {
      level: log?.log_level ?? 'info',
      file: log?.log_file,
      limits: {
        size: (log?.log_max_size ?? 100) * 1_000_000,
        age: (log?.log_max_age ?? 5) * 86_400_000,
        count: log?.log_max_count ?? 5,
      },
    },
  };
}
