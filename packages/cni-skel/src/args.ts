import { isTrue } from './environment.ts';
import { CNIError, ErrorCode } from './error.ts';
import { type StandardSchema, validate } from './schema.ts';

/** The arguments that Kubernetes runtimes send in CNI_ARGS, and the conventional `IP`. All are strings. */
export interface K8sArgs {
  /** Requested address, or several separated by commas (CONVENTIONS.md). */
  IP?: string;
  /** Namespace of the pod in the cluster. */
  K8S_POD_NAMESPACE?: string;
  /** Name of the pod. */
  K8S_POD_NAME?: string;
  /** ID of the container that holds the pod's namespaces; usually equal to `containerID`. */
  K8S_POD_INFRA_CONTAINER_ID?: string;
  /** UID of the pod. Unlike the name, it is never used again for a later pod. */
  K8S_POD_UID?: string;
}

const k8sKeys = ['IP', 'K8S_POD_NAMESPACE', 'K8S_POD_NAME', 'K8S_POD_INFRA_CONTAINER_ID', 'K8S_POD_UID'];

/**
 * Reads CNI_ARGS, `K=V;K2=V2`, for a plugin with a schema for them. Keys that the schema's output does not have are
 * unknown, and refused unless `IgnoreUnknown` is true.
 * @throws CNIError code 4
 */
export async function parseArgs<Args>(text: string, schema: StandardSchema<Args>): Promise<Args> {
  const args = pairs(text);
  const ignoreUnknown = takeIgnoreUnknown(args);
  let known: Args;
  try {
    known = await validate(schema, Object.fromEntries(args), 'ARGS');
  } catch (error) {
    const { msg, details } = CNIError.from(error);
    throw new CNIError(ErrorCode.InvalidEnvironmentVariables, msg, { details, cause: error });
  }
  const unknown = [...args].filter(([key]) => !Object.hasOwn(Object(known), key));
  if (unknown.length > 0 && !ignoreUnknown) {
    const list = unknown.map(([key, value]) => JSON.stringify(`${key}=${value}`)).join(' ');
    throw invalid(`unknown args [${list}]`);
  }
  return known;
}

/** The well-known arguments, for a plugin without a schema. Anything else in CNI_ARGS is ignored. */
export function wellKnownArgs(text: string): K8sArgs {
  const known: Record<string, string> = {};
  for (const pair of text.split(';')) {
    const [key = '', value, ...rest] = pair.split('=');
    if (value !== undefined && rest.length === 0 && k8sKeys.includes(key)) known[key] = value;
  }
  return known;
}

/** Keys and values in the order of their first appearance. Of equal keys the last value counts. */
function pairs(text: string): Map<string, string> {
  const args = new Map<string, string>();
  if (text === '') return args;
  for (const pair of text.split(';')) {
    const [key = '', value, ...rest] = pair.split('=');
    if (value === undefined || rest.length > 0) throw invalid(`invalid pair ${JSON.stringify(pair)}`);
    if (key === 'IgnoreUnknown') requireBoolean(pair, value);
    args.set(key, value);
  }
  return args;
}

function takeIgnoreUnknown(args: Map<string, string>): boolean {
  const value = args.get('IgnoreUnknown') ?? '';
  args.delete('IgnoreUnknown');
  return isTrue(value);
}

function requireBoolean(pair: string, value: string): void {
  if (isTrue(value) || value === '0' || value.toLowerCase() === 'false') return;
  const what = JSON.stringify(pair);
  throw invalid(`error parsing value of pair ${what}: boolean unmarshal error: invalid input ${value}`);
}

function invalid(problem: string): CNIError {
  return new CNIError(ErrorCode.InvalidEnvironmentVariables, `ARGS: ${problem}`);
}
