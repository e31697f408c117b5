// What the container runtime keeps about its attachments. libcni, which containerd, CRI-O and Multus use, writes a file for
// each at ADD and removes it at DEL: the configuration of the network, and the result of the last plugin.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Attachment, attachmentName, podNamed } from '../names.ts';
import { configurationIn, type Json } from './configuration.ts';

/** An attachment of a network with veth in it. */
export interface Cached extends Attachment {
  readonly netns: string | undefined;
  /** veth's own object, with the name and version of its network. */
  readonly conf: Json;
  readonly result: CachedResult | undefined;
  readonly args: readonly (readonly [string, string])[];
}

/** The part of a result that is read here. The skeleton checks the rest. */
interface CachedResult {
  readonly cniVersion?: string;
  readonly interfaces?: readonly { readonly name?: string; readonly sandbox?: string }[];
  readonly ips?: readonly { readonly address?: string }[];
}

/** A file of libcni's cache (libcni/api.go, cachedInfo). */
interface CacheFile {
  readonly kind?: string;
  readonly containerId: string;
  readonly ifName: string;
  readonly networkName: string;
  /** Base64. */
  readonly config: string;
  /** Since libcni 1.3. */
  readonly netns?: string;
  readonly cniArgs?: readonly (readonly [string, string])[];
  readonly result?: CachedResult;
}

/** Where libcni keeps the attachments of containerd and CRI-O, and those of Multus. */
export const defaultCaches = ['/var/lib/cni/results', '/var/lib/cni/multus/results'];

/** Attachments by their names, as the host ends of pairs bear them. */
export type Caches = ReadonlyMap<string, Cached>;

/** Reads the attachments in these directories. Whatever is not the attachment of a network with veth is left out. */
export function readCaches(directories: readonly string[]): Caches {
  const found = directories.flatMap(directory => filesIn(directory).flatMap(file => readCached(file) ?? []));
  return new Map(found.map(cached => [attachmentName(cached), cached]));
}

/** The pod's namespace and name, if the runtime passed them. */
export function podNamedIn({ args }: Cached): string | undefined {
  return podNamed(Object.fromEntries(args));
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .sort()
      .map(name => join(directory, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function readCached(file: string): Cached | undefined {
  try {
    const cached = JSON.parse(readFileSync(file, 'utf8')) as CacheFile;
    if (cached.kind !== 'cniCacheV1') return undefined;
    const {
      containerId: containerID,
      ifName,
      networkName: network,
      config,
      netns,
      cniArgs: args = [],
      result,
    } = cached;
    const sandbox = result?.interfaces?.find(({ name, sandbox }) => name === ifName && sandbox)?.sandbox;
    const conf = { ...configurationIn(Buffer.from(config, 'base64').toString()), name: network };
    return { containerID, ifName, network, netns: netns || sandbox, conf, result, args };
  } catch {
    // Removed by a DEL meanwhile, half written, or of a network without veth.
    return undefined;
  }
}
