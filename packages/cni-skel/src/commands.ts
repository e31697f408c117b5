// Runs the handler of each command (SPEC section 2): from a request to its answer.
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
  // The check above ensures that a chained plugin has a previous result. For other kinds it may be undefined.
  const result = await definition.add({ ...context, netns, prevResult: prevResult as Result, rollback });
  if (result) {
    if (definition.kind !== 'chained') requireInterfaces(result);
    return wireResult(result, cniVersion);
  }
  const passed = rawPrevResult(json);
  if (definition.kind === 'chained' && passed) return { ...passed, cniVersion } as WireResult;
  throw new CNIError(ErrorCode.Internal, `plugin ${definition.name} returned no result`);
}

/** Removes as much as it can. It is not an error if something is gone already or was never created. */
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
    // After an ADD that failed because of a mistake in the configuration, it must still be possible to delete the pod.
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

/**
 * Runs DEL of a delegate. If no ADD has succeeded and the delegate's executable does not exist, its name may be the
 * mistake in the configuration, so that is not an error.
 */
async function release({ json, cniVersion, log }: Request, delegate: Delegate): Promise<void> {
  try {
    await delegate.del();
  } catch (error) {
    // In versions before CHECK, requests never have a prevResult, so its absence means nothing.
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
 * The namespace that DEL may work in. If CNI_NETNS is the plugin's own namespace, the container's namespace is gone and
 * its path was reused: nothing on the host belongs to the container.
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

/**
 * Checks that the plugin's own addresses refer to its own interfaces. Entries of earlier plugins in a chain are not
 * checked.
 */
function requireInterfaces({ ips = [], interfaces = [] }: Result): void {
  for (const [index, { interface: at }] of ips.entries()) {
    if (at === undefined || interfaces[at]) continue;
    throw new CNIError(ErrorCode.Internal, `ips[${index}].interface: there is no interfaces[${at}]`);
  }
}

/** Runs all steps even if some fail, and then throws their errors as one. */
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
