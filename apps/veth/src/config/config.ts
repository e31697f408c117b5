import type { StandardSchema } from '@spider/cni-skel';
import type { MacPrefix, Prefix } from '@spider/ip';
import {
  boolean,
  cidr,
  InvalidValue,
  integer,
  type Keys,
  listOf,
  macPrefix,
  object,
  oneOf,
  type Parsed,
  text,
} from './value.ts';

/** The plugin's own keys in the network configuration. */
export const keys = {
  /** The addresses of pods of the cluster's overlay networks. */
  cluster_cidr: listOf(cidr),
  /** The addresses of services. */
  service_cidr: listOf(cidr),
  /** What else is to be reached through the node. */
  additional_cidr: listOf(cidr),
  /** Reverse path filtering on our links and the pod's NICs (ip-sysctl: 0 off, 1 strict, 2 loose). */
  rp_filter: object({ enabled: boolean, value: integer(0, 2) }),
  /** The first two octets of the NIC's hardware address; the last four are its first address. */
  hardware_prefix: macPrefix,
  /** Only the hardware address is set. */
  only_hardware: boolean,
  log_options: object({
    log_level: oneOf('debug', 'info', 'warn', 'error'),
    log_file: text,
    /** Megabytes. */
    log_max_size: integer(0, 1_000_000),
    /** Days. */
    log_max_age: integer(0, 100_000),
    log_max_count: integer(0, 100_000),
  }),
} satisfies Keys;

/** What the configuration asks for, with defaults filled in. */
export interface Config {
  /** What is reached through the node: cluster, service and additional CIDRs, in this order. */
  readonly cidrs: readonly Prefix[];
  /** The value to write; undefined leaves the kernel's. */
  readonly rpFilter: number | undefined;
  readonly hardwarePrefix: MacPrefix | undefined;
  readonly onlyHardware: boolean;
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly file: string | undefined };
}

/** Validates the plugin's keys for the skeleton. Keys of later or other versions are no error. */
export const configSchema: StandardSchema<Config> = {
  '~standard': {
    version: 1,
    vendor: 'spider',
    validate(value) {
      const parsed: Record<string, unknown> = {};
      const issues: { message: string }[] = [];
      for (const [name, element] of Object.entries(value as Record<string, unknown>)) {
        if (!Object.hasOwn(keys, name)) continue;
        try {
          parsed[name] = keys[name as keyof typeof keys].parse(element);
        } catch (error) {
          if (!(error instanceof InvalidValue)) throw error;
          issues.push({ message: `${name}${error.path}: ${error.message}` });
        }
      }
      if (parsed['only_hardware'] && parsed['hardware_prefix'] === undefined && issues.length === 0)
        issues.push({ message: 'only_hardware: true needs a hardware_prefix' });
      return issues.length > 0 ? { issues } : { value: configOf(parsed) };
    },
  },
};

function configOf(parsed: Parsed<typeof keys>): Config {
  const { rp_filter: rpFilter, log_options: log } = parsed;
  return {
    cidrs: [...(parsed.cluster_cidr ?? []), ...(parsed.service_cidr ?? []), ...(parsed.additional_cidr ?? [])],
    rpFilter: rpFilter?.enabled === false ? undefined : (rpFilter?.value ?? 0),
    hardwarePrefix: parsed.hardware_prefix,
    onlyHardware: parsed.only_hardware ?? false,
    log: { level: log?.log_level ?? 'info', file: log?.log_file },
  };
}
