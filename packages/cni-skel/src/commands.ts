// Each command's way from a request to its handler and back (SPEC section 2).
import { validAttachments } from './conf.ts';
import { createDelegate, type Delegate, MissingPlugin } from './delegate/delegate.ts';
import { isTrue } from './environment.ts';
import { CNIError, ErrorCode } from './error.ts';
import type { AttachmentContext, Context, Kind } from './handlers.ts';
import { isObject } from './json.ts';
import { inspectNetNS } from './netns.ts';
import {
  attachmentContextOf,
  contextOf,
  type Request,
  type RequestFor,
  rawPrevResult,
  readPrevResult,
} from './request.ts';
import { wireResult } from './result/convert.ts';
import type { Result, WireResult } from './result/result.ts';
import { knows } from './version.ts';

export async function add<Conf, Args, K extends Kind>(request: RequestFor<Conf, Args, K>): Promise<WireResult> {
  const { definition, cmdArgs, json, cniVersion, rollback } = request;
  const { netns } = cmdArgs;
  if (!isTrue(cmdArgs.netnsOverride) && inspectNetNS(request.system, netns) === 'own') {
    throw new CNIError(ErrorCode.InvalidNetNS, "plugin's netns and netns from CNI_NETNS should not be the same");
  }
  const context = await attachmentContextOf(request);
  const prevResult = readPrevResult(request);
  if (definition.kind === 'chained' && !prevResult) {
    throw new CNIError(ErrorCode.InvalidNetworkConfig, 'must be called as chained plugin');
  }
  // A chained plugin has a previous result by now, and for the others it may be undefined.
  const result = await definition.add({ ...context, netns, prevResult: prevResult as Result, rollback });
  if (result) {
    if (definition.kind !== 'chained') requireInterfaces(result);
    return wireResult(result, cniVersion);
  }
  const passed = rawPrevResult(json);
  if (definition.kind === 'chained' && passed) return { ...passed, cniVersion } as WireResult;
  throw new CNIError(ErrorCode.Internal, `plugin ${definition.name} returned no result`);
}

/** Goes as far as it can: what is gone already, or was never made, is no error. */
export async function del<Conf, Args, K extends Kind>(request: RequestFor<Conf, Args, K>): Promise<void> {
  const { definition, json, log } = request;
  const netns = netnsToClean(request);
  let prevResult: Result | undefined;
  try {
    prevResult = readPrevResult(request);
  } catch (error) {
    log.warn(`DEL goes on without prevResult: ${CNIError.from(error).message}`);
  }
  let context: AttachmentContext<Conf, Args, K>;
  try {
    context = await attachmentContextOf(request);
  } catch (error) {
    // A typo in the configuration must not make the pod undeletable after its failed ADD.
    if (rawPrevResult(json)) throw error;
    log.warn(`ADD cannot have made anything: ${CNIError.from(error).message}`);
    const ipam = json['ipam'];
    const type = definition.delegates && isObject(ipam) ? ipam['type'] : undefined;
    if (typeof type === 'string') await release(request, createDelegate(request, type));
    return;
  }
  await throwAll([
    () => definition.del({ ...context, netns, prevResult }),
    ...delegatesOf(request, context).map(delegate => () => release(request, delegate)),
  ]);
}

/** DEL of a delegate. One that is not there can have made nothing, where no ADD has succeeded: its name may be the typo. */
async function release({ json, cniVersion, log }: Request, delegate: Delegate): Promise<void> {
  try {
    await delegate.del();
  } catch (error) {
    // Older requests never have a prevResult.
    if (!(error instanceof MissingPlugin) || rawPrevResult(json) || !knows(cniVersion, 'CHECK')) throw error;
    log.warn(`ADD cannot have made anything: ${error.message}`);
  }
}

export async function check<Conf, Args, K extends Kind>(request: RequestFor<Conf, Args, K>): Promise<void> {
  const { definition, cmdArgs } = request;
  const context = await attachmentContextOf(request);
  if (definition.check) {
    const prevResult = readPrevResult(request);
    if (!prevResult) throw new CNIError(ErrorCode.InvalidNetworkConfig, 'Required prevResult missing');
    await definition.check({ ...context, netns: cmdArgs.netns, prevResult });
  }
  for (const delegate of delegatesOf(request, context)) await delegate.check();
}

export async function gc<Conf, Args, K extends Kind>(request: RequestFor<Conf, Args, K>): Promise<void> {
  const { definition, json } = request;
  const context = await contextOf(request);
  const valid = validAttachments(json);
  await throwAll([
    () =>
      definition.gc?.({
        ...context,
        validAttachments: valid,
        isValid: ({ containerID, ifName }) =>
          valid?.some(one => one.containerID === containerID && one.ifName === ifName) ?? true,
      }),
    ...delegatesOf(request, context).map(delegate => () => delegate.gc()),
  ]);
}

export async function status<Conf, Args, K extends Kind>(request: RequestFor<Conf, Args, K>): Promise<void> {
  const { definition } = request;
  const context = await contextOf(request);
  await definition.status?.(context);
  for (const delegate of delegatesOf(request, context)) await delegate.status();
}

/**
 * The namespace that DEL may work in. One that is the plugin's own shows that the container's is gone, and its path
 * was reused: nothing on the host is the container's.
 */
function netnsToClean({ cmdArgs: { netns, netnsOverride }, log, system }: Request): string | undefined {
  if (!netns) return undefined;
  const what = inspectNetNS(system, netns);
  if (what === 'other' || (what === 'own' && isTrue(netnsOverride))) return netns;
  if (what !== 'absent') log.warn(`CNI_NETNS ${netns} is not the container's any more: ${what}`);
  return undefined;
}

function delegatesOf<Conf, Args, K extends Kind>(
  request: RequestFor<Conf, Args, K>,
  { conf }: Context<Conf, K>,
): Delegate[] {
  return (request.definition.delegates?.(conf) ?? []).map(type => createDelegate(request, type));
}

/** What earlier plugins of a chain wrote is theirs, but a plugin's own addresses point at its own interfaces. */
function requireInterfaces({ ips = [], interfaces = [] }: Result): void {
  for (const [index, { interface: at }] of ips.entries()) {
    if (at === undefined || interfaces[at]) continue;
    throw new CNIError(ErrorCode.Internal, `ips[${index}].interface: there is no interfaces[${at}]`);
  }
}

/** Takes every step, whatever the others do, and then throws what they threw. */
async function throwAll(steps: readonly (() => unknown)[]): Promise<void> {
  const errors: CNIError[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(CNIError.from(error));
    }
  }
  const [first, ...others] = errors;
  if (!first) return;
  if (others.length === 0) throw first;
  throw new CNIError(first.code, errors.map(({ message }) => message).join('; '), {
    cause: new AggregateError(errors),
  });
}
