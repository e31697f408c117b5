import { type K8sArgs, parseArgs, wellKnownArgs } from './args.ts';
import { ownKeys, pluginConf, runtimeConfig } from './conf.ts';
import type { PluginDefinition } from './definition.ts';
import { createDelegate, type Exec } from './delegate/delegate.ts';
import type { CmdArgs, Environment } from './environment.ts';
import { CNIError, ErrorCode } from './error.ts';
import type { AttachmentContext, ConfOf, Context, Kind } from './handlers.ts';
import { isObject, type JSONObject } from './json.ts';
import type { Log } from './log.ts';
import { readResultFor } from './result/parse.ts';
import type { Result } from './result/result.ts';
import type { RollbackStack } from './rollback.ts';
import { validate } from './schema.ts';
import type { System } from './system.ts';

/** A request whose configuration has been decoded and has a version that the plugin supports. */
export interface Request {
  readonly cmdArgs: CmdArgs;
  readonly env: Environment;
  /** The configuration as it was sent. */
  readonly json: JSONObject;
  readonly cniVersion: string;
  readonly signal: AbortSignal;
  readonly rollback: RollbackStack;
  readonly exec: Exec;
  readonly system: System;
  readonly stderr: (text: string) => void;
  readonly log: Log;
}

/** A request to a plugin. */
export interface RequestFor<Conf, Args, K extends Kind> extends Request {
  readonly definition: PluginDefinition<Conf, Args, K>;
}

/**
 * Parameters of all handlers.
 * @throws CNIError code 7 for an invalid configuration
 */
export async function contextOf<Conf, Args, K extends Kind>(
  request: RequestFor<Conf, Args, K>,
): Promise<Context<Conf, K>> {
  const { definition, cmdArgs, signal, log } = request;
  const conf = await readConf(request);
  if (definition.log) log.open(await definition.log(conf));
  return {
    conf,
    log,
    signal,
    cmdArgs,
    delegate: (type, conf) => createDelegate(request, type, conf),
  };
}

/**
 * Parameters of the handlers for one attachment.
 * @throws CNIError code 4 or 7
 */
export async function attachmentContextOf<Conf, Args, K extends Kind>(
  request: RequestFor<Conf, Args, K>,
): Promise<AttachmentContext<Conf, Args, K>> {
  const { definition, cmdArgs, json } = request;
  const context = await contextOf(request);
  const { args: schema } = definition;
  // Without a schema Args is K8sArgs, the default of definePlugin.
  const args = schema ? await parseArgs(cmdArgs.args, schema) : (wellKnownArgs(cmdArgs.args) satisfies K8sArgs as Args);
  const { containerID, ifName } = cmdArgs;
  return { ...context, containerID, ifName, args, runtimeConfig: runtimeConfig(json) };
}

async function readConf<Conf, Args, K extends Kind>(request: RequestFor<Conf, Args, K>): Promise<ConfOf<Conf, K>> {
  const { definition, json, cniVersion, cmdArgs, log } = request;
  const { conf: schema, salvage } = definition;
  const base = pluginConf(json, cniVersion);
  const isIPAM = definition.kind === 'ipam';
  if (isIPAM && !base.ipam) throw new CNIError(ErrorCode.InvalidNetworkConfig, 'ipam is missing');
  const { type, ...ipam } = base.ipam ?? { type: '' };
  const keys: JSONObject = isIPAM ? ipam : ownKeys(json);
  let own: Conf | JSONObject = keys;
  try {
    if (schema) own = await validate(schema, keys, isIPAM ? 'ipam' : 'network configuration');
  } catch (error) {
    if (!salvage || !removing.includes(cmdArgs.command)) throw error;
    log.warn(`${cmdArgs.command} goes by what is valid: ${CNIError.from(error).message}`);
    own = await salvage(keys);
  }
  return (isIPAM ? { ...base, ipam: { ...own, type } } : { ...own, ...base }) as ConfOf<Conf, K>;
}

/** The commands that only remove something. */
const removing = ['DEL', 'GC'];

/**
 * The result of the plugins before this one.
 * @throws CNIError code 6
 */
export function readPrevResult({ json, cniVersion }: Request): Result | undefined {
  const raw = json['prevResult'];
  if (raw === undefined || raw === null) return undefined;
  try {
    return readResultFor(raw, cniVersion);
  } catch (error) {
    const { code, msg } = CNIError.from(error);
    throw new CNIError(code, `could not parse prevResult: ${msg}`, { cause: error });
  }
}

export function rawPrevResult(json: JSONObject): JSONObject | undefined {
  return isObject(json['prevResult']) ? json['prevResult'] : undefined;
}
