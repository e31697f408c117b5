import type { StandardSchema } from '@spider/cni-skel';
import type { MacPrefix, Prefix } from '@spider/ip';
import type { ProbeOptions } from '../conflict/detect.ts';
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
  /** Other destinations that the pod reaches through the node. */
  additional_cidr: listOf(destination),
  /** Reverse path filtering on our links and the pod's NICs (ip-sysctl: 0 off, 1 strict, 2 loose). */
  rp_filter: object({
    enabled: boolean,
    value: integer(0, 2),
    /** Write it to the node's own interfaces too. It stays when the pod is deleted. */
    set_host: boolean,
  }),
  /** The first two octets of the NIC's hardware address; the last four are its first address. */
  hardware_prefix: macPrefix,
  /** Set the hardware address and nothing else. */
  only_hardware: boolean,
  /** What happens to a secondary NIC's own routes: 0 and 1 move them to its table, 2 leaves them in main. */
  move_routes: integer(0, 2),
  /** The NIC that owns the default route of main; by default the first that has one. */
  default_route: interfaceName,
  /** Bytes, for both ends of the pair; by default the NIC's MTU. */
  mtu: integer(68, 65_535),
  /** Length of the NIC's transmit queue, in packets; unchanged by default. */
  txqueuelen: integer(0, 0x7fff_ffff),
  /** Which of the node's addresses the pod reaches through the pair, by CIDR or by interface. */
  node_addresses: object({
    /** Addresses that are left out by default: those on links that are down, and the gateways of pods. */
    include: listOf(selector),
    exclude: listOf(selector),
  }),
  /** Before anything is changed, ask the link whether another host has one of the NIC's addresses. */
  ip_conflict: object({
    enabled: boolean,
    /** How long to listen after each probe. */
    interval: duration(1, 60_000),
    /** Probes for each address. */
    retries: integer(1, 100),
  }),
  /** Replies to what came in through the pair leave through it, whatever the source. For NodePorts that keep the source. */
  reply_path: object({
    enabled: boolean,
    /** Marks the connections that came in through the pair. */
    mark: markBit,
  }),
  /** ADD and CHECK do nothing. */
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

/** A bit that no kube-proxy, service mesh or VPN is known to use. */
const defaultReplyMark = 0x2000_0000;

/** What the configuration asks for, with defaults filled in. */
export interface Config {
  /** The destinations behind the node: cluster, service and additional CIDRs, in this order. */
  readonly cidrs: readonly Prefix[];
  /** The value to write; undefined leaves the present one. */
  readonly rpFilter: number | undefined;
  /** Write it to the node's own interfaces too. */
  readonly rpFilterOnNode: boolean;
  readonly hardwarePrefix: MacPrefix | undefined;
  readonly onlyHardware: boolean;
  /** Whether a secondary NIC's own routes move to its table. */
  readonly movesRoutes: boolean;
  readonly defaultRoute: string | undefined;
  /** Bytes. */
  readonly mtu: number | undefined;
  readonly txqueuelen: number | undefined;
  readonly nodeAddresses: { readonly include: readonly Selector[]; readonly exclude: readonly Selector[] };
  /** How to probe for address conflicts; undefined sends no probes. */
  readonly ipConflict: ProbeOptions | undefined;
  /** The mark that routes replies through the pair; undefined routes them by destination alone. */
  readonly replyMark: number | undefined;
  readonly skip: boolean;
  /** For the operator: what is odd about the configuration, but no error. */
  readonly warnings: readonly string[];
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    readonly file: string | undefined;
    readonly limits: Limits;
  };
}

/** Validates the plugin's keys for the skeleton. An unknown key is a warning, not an error. */
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

/** Reads the valid keys and ignores the others. */
export function salvage(value: unknown): Config {
  return read(value).config;
}

function read(value: unknown): { config: Config; issues: readonly string[] } {
  const given = value as Readonly<Record<string, unknown>>;
  const parsed: Record<string, unknown> = {};
  const issues: string[] = [];
  const warnings: string[] = [];
  /** The name, the key's own or an alias, under which each key was given. */
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

/** The keys whose values are objects with a key of this name. */
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
