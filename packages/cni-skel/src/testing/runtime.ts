import type { Attachment } from '../conf.ts';
import { delegatedResult } from '../delegate/delegate.ts';
import { execPlugin } from '../delegate/exec.ts';
import { findInPath } from '../delegate/find.ts';
import { type Environment, validateContainerID, validateInterfaceName, validateNetworkName } from '../environment.ts';
import { CNIError, ErrorCode } from '../error.ts';
import { wireResult } from '../result/convert.ts';
import { readResult, resultVersion } from '../result/parse.ts';
import type { WireResult } from '../result/result.ts';
import { writeStderr } from '../stdio.ts';
import { currentVersion, knows, oldestVersion } from '../version.ts';
import { type CachedAttachment, directoryCache, memoryCache, type ResultCache } from './cache.ts';
import { chooseVersion, type Injection, type NetworkConf, type NetworkConfList, requestConf } from './conflist.ts';
import { decodeVersionInfo, predatesVersion } from './version-info.ts';

/** Where a runtime finds plugins, and how it runs them. */
export interface RuntimeOptions {
  /** Directories with executables of plugins, in search order. */
  readonly pluginDirs: readonly string[];
  /** Directory to store results of ADD in, for CHECK, DEL and GC; by default they are kept in memory. */
  readonly cacheDir?: string;
  /** A program and its arguments that run a plugin: `['nsenter', '--net=/run/netns/node']` runs it in that namespace. */
  readonly exec?: readonly string[];
  /** Environment of the plugins in addition to the `CNI_*` variables; default that of this process. */
  readonly env?: Environment;
  /** Receives what plugins write to standard error; default standard error of this process. */
  readonly stderr?: (chunk: Uint8Array) => void;
  /** Milliseconds that each plugin may take; default no limit. */
  readonly timeout?: number;
}

/** A runtime's description of an attachment: libcni's RuntimeConf. */
export interface RuntimeConf {
  /** `CNI_CONTAINERID` */
  readonly containerID: string;
  /** Path of the network namespace. Optional for DEL. */
  readonly netns?: string;
  /** `CNI_IFNAME` */
  readonly ifName: string;
  /** Pairs for CNI_ARGS, in order. */
  readonly args?: Readonly<Record<string, string>>;
  /** Values of capabilities that plugins declare. */
  readonly capabilityArgs?: Readonly<Record<string, unknown>>;
}

/**
 * The CNI part of a container runtime: runs the plugins of a list as libcni does, for tests and labs. It does not lock
 * anything against other processes. Every method throws the CNIError of the plugin that failed, or an Error that names a
 * plugin that does not exist. If several plugins fail in `gc`, it throws an AggregateError.
 */
export class Runtime {
  readonly #options: RuntimeOptions;
  readonly #cache: ResultCache;

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.#cache = options.cacheDir === undefined ? memoryCache() : directoryCache(options.cacheDir);
  }

  /** Runs the plugins in order, each with the result of the one before. If one fails, no result is stored. */
  async add(list: NetworkConfList, attachment: RuntimeConf): Promise<WireResult> {
    validate(list, attachment);
    const cniVersion = chooseVersion(list);
    const { capabilityArgs } = attachment;
    let prevResult: WireResult | undefined;
    for (const conf of list.plugins) {
      const injection = { cniVersion, prevResult, capabilityArgs };
      const stdout = await this.#run('ADD', list, conf, injection, attachment);
      const version = cniVersion || oldestVersion;
      prevResult = wireResult(delegatedResult(stdout, version), version);
    }
    if (!prevResult) throw new CNIError(ErrorCode.InvalidNetworkConfig, 'plugins: the list is empty');
    this.#cache.set(toCached(list, attachment, prevResult));
    return prevResult;
  }

  /** Runs the plugins with the final result of ADD. */
  async check(list: NetworkConfList, attachment: RuntimeConf): Promise<void> {
    validate(list, attachment);
    const cniVersion = chooseVersion(list);
    if (!knows(cniVersion, 'CHECK')) {
      const msg = `configuration version ${JSON.stringify(cniVersion)} does not support the CHECK command`;
      throw new CNIError(ErrorCode.IncompatibleCNIVersion, msg);
    }
    if (list.disableCheck) return;
    const prevResult = this.#cachedResult(list, attachment, cniVersion);
    const injection = { cniVersion, prevResult, capabilityArgs: attachment.capabilityArgs };
    for (const conf of list.plugins) await this.#run('CHECK', list, conf, injection, attachment);
  }

  /** Runs the plugins in reverse order, with the final result of ADD if that is known. */
  async del(list: NetworkConfList, attachment: RuntimeConf): Promise<void> {
    validate(list, attachment);
    const cniVersion = chooseVersion(list);
    const prevResult = this.#resultForDel(list, attachment, cniVersion);
    const injection = { cniVersion, prevResult, capabilityArgs: attachment.capabilityArgs };
    for (const conf of list.plugins.toReversed()) await this.#run('DEL', list, conf, injection, attachment);
    this.#cache.delete(keyOf(list, attachment));
  }

  /**
   * Runs DEL for every stored attachment that is not valid, and then GC with the list. Without a list it runs only GC,
   * which then must remove nothing.
   */
  async gc(list: NetworkConfList, validAttachments: readonly Attachment[] | undefined): Promise<void> {
    validateNetworkName(list.name);
    if (list.disableGC) return;
    const errors: unknown[] = [];
    const attempt = (step: Promise<unknown>) => step.catch(error => errors.push(error));
    for (const stale of this.#stale(list, validAttachments)) await attempt(this.del(list, stale));
    const cniVersion = chooseVersion(list);
    if (knows(cniVersion, 'GC')) {
      const valid = validAttachments?.map(({ containerID, ifName }) => ({ containerID, ifname: ifName }));
      const keys = valid && { 'cni.dev/valid-attachments': valid, 'cni.dev/attachments': valid };
      const injection = { cniVersion, ...(keys && { keys }) };
      for (const conf of list.plugins) await attempt(this.#run('GC', list, conf, injection));
    }
    if (errors.length > 1)
      throw new AggregateError(errors, errors.map(error => CNIError.from(error).message).join('; '));
    if (errors.length === 1) throw errors[0];
  }

  /** Asks the plugins in order whether they can handle ADD, until one cannot. */
  async status(list: NetworkConfList): Promise<void> {
    validateNetworkName(list.name);
    const cniVersion = chooseVersion(list);
    if (!knows(cniVersion, 'STATUS')) return;
    for (const conf of list.plugins) await this.#run('STATUS', list, conf, { cniVersion });
  }

  /** The versions that a plugin supports, by its answer to VERSION. */
  async version(type: string): Promise<readonly string[]> {
    const dummies = { CNI_NETNS: 'dummy', CNI_IFNAME: 'dummy', CNI_PATH: 'dummy' };
    try {
      const stdin = { cniVersion: currentVersion };
      return decodeVersionInfo(await this.#exec(type, stdin, { CNI_COMMAND: 'VERSION', ...dummies }));
    } catch (error) {
      if (predatesVersion(error)) return [oldestVersion];
      throw error;
    }
  }

  /** The result of the last ADD of an attachment; undefined after DEL. */
  cachedResult(list: NetworkConfList, attachment: Attachment): object | undefined {
    return this.#cache.get(keyOf(list, attachment))?.result;
  }

  #run(
    command: string,
    list: NetworkConfList,
    conf: NetworkConf,
    injection: Injection,
    { containerID, netns = '', ifName, args = {} }: Partial<RuntimeConf> = {},
  ): Promise<Uint8Array> {
    return this.#exec(conf.type, requestConf(list, conf, injection), {
      CNI_COMMAND: command,
      CNI_CONTAINERID: containerID ?? '',
      CNI_NETNS: netns,
      CNI_IFNAME: ifName ?? '',
      CNI_ARGS: Object.entries(args)
        .map(([key, value]) => `${key}=${value}`)
        .join(';'),
      CNI_PATH: this.#options.pluginDirs.join(':'),
    });
  }

  async #exec(type: string, stdin: object, variables: Readonly<Record<string, string>>): Promise<Uint8Array> {
    const { pluginDirs, env = process.env, exec, stderr = writeStderr, timeout } = this.#options;
    const inherited = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
    return execPlugin(findInPath(type, pluginDirs), {
      stdin: new TextEncoder().encode(JSON.stringify(stdin)),
      env: { ...(inherited as Record<string, string>), ...variables },
      prefix: exec,
      stderr,
      signal: timeout === undefined ? undefined : AbortSignal.timeout(timeout),
    });
  }

  #cachedResult(list: NetworkConfList, attachment: RuntimeConf, cniVersion: string): WireResult | undefined {
    const cached = this.#cache.get(keyOf(list, attachment));
    return cached && wireResult(readResult(cached.result, resultVersion(cached.result, cniVersion)), cniVersion);
  }

  #resultForDel(list: NetworkConfList, attachment: RuntimeConf, cniVersion: string): WireResult | undefined {
    if (!knows(cniVersion, 'CHECK')) return undefined;
    try {
      return this.#cachedResult(list, attachment, cniVersion);
    } catch {
      return undefined;
    }
  }

  #stale(list: NetworkConfList, valid: readonly Attachment[] | undefined): RuntimeConf[] {
    if (!valid) return [];
    const isValid = (cached: CachedAttachment) =>
      valid.some(({ containerID, ifName }) => containerID === cached.containerId && ifName === cached.ifName);
    return this.#cache
      .all()
      .filter(cached => cached.networkName === list.name && !isValid(cached))
      .map(fromCached);
  }
}

function validate(list: NetworkConfList, { containerID, ifName }: RuntimeConf): void {
  validateNetworkName(list.name);
  validateContainerID(containerID);
  validateInterfaceName(ifName);
}

function keyOf(list: NetworkConfList, { containerID, ifName }: Attachment) {
  return { networkName: list.name, containerId: containerID, ifName };
}

function toCached(list: NetworkConfList, attachment: RuntimeConf, result: object): CachedAttachment {
  const { netns = '', args = {}, capabilityArgs = {} } = attachment;
  return {
    kind: 'cniCacheV1',
    config: Buffer.from(JSON.stringify(list)).toString('base64'),
    ...keyOf(list, attachment),
    netns,
    cniArgs: Object.entries(args),
    capabilityArgs,
    result,
  };
}

function fromCached({ containerId, netns, ifName, cniArgs, capabilityArgs }: CachedAttachment): RuntimeConf {
  return { containerID: containerId, netns, ifName, args: Object.fromEntries(cniArgs), capabilityArgs };
}
