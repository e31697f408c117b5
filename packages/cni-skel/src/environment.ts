import { CNIError, ErrorCode } from './error.ts';

/** A value of `CNI_COMMAND` (SPEC section 2). */
export type Command = 'ADD' | 'DEL' | 'CHECK' | 'GC' | 'STATUS' | 'VERSION';

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The request as the runtime sent it (SPEC section 2, Parameters). Variables that it did not send are "". */
export interface CmdArgs {
  /** `CNI_COMMAND`, unchanged. Values other than a {@link Command} never reach a handler. */
  readonly command: string;
  /** `CNI_CONTAINERID`: identifier of the container. */
  readonly containerID: string;
  /** `CNI_NETNS`: path of the container's network namespace. */
  readonly netns: string;
  /** `CNI_IFNAME`: name of the interface in the container. */
  readonly ifName: string;
  /** `CNI_ARGS`: `KEY=VALUE` pairs, separated by `;`. */
  readonly args: string;
  /** `CNI_PATH`: directories to search for plugins, separated by `:`. */
  readonly path: string;
  /** `CNI_NETNS_OVERRIDE`: "1" or "true" allows CNI_NETNS to be the plugin's own namespace. */
  readonly netnsOverride: string;
  /** Standard input, unchanged. */
  readonly stdinData: Uint8Array;
}

interface Variable {
  name: string;
  field: Exclude<keyof CmdArgs, 'stdinData'>;
  requiredBy?: readonly string[];
  validate?: (value: string) => void;
}

const attachment = ['ADD', 'DEL', 'CHECK'];

/** In the order in which an error names missing ones. */
const variables: readonly Variable[] = [
  { name: 'CNI_COMMAND', field: 'command' },
  { name: 'CNI_CONTAINERID', field: 'containerID', requiredBy: attachment, validate: validateContainerID },
  { name: 'CNI_NETNS', field: 'netns', requiredBy: ['ADD', 'CHECK'] },
  { name: 'CNI_IFNAME', field: 'ifName', requiredBy: attachment, validate: validateInterfaceName },
  { name: 'CNI_ARGS', field: 'args' },
  { name: 'CNI_PATH', field: 'path', requiredBy: [...attachment, 'GC', 'STATUS'] },
  { name: 'CNI_NETNS_OVERRIDE', field: 'netnsOverride' },
];

/**
 * Reads the `CNI_*` variables; an empty one counts as missing. A request without a command has command "", which is not
 * an error here.
 * @throws CNIError code 4
 */
export function readEnvironment(env: Environment): Omit<CmdArgs, 'stdinData'> {
  const command = env['CNI_COMMAND'] ?? '';
  const args: Record<Variable['field'], string> = {
    command,
    containerID: '',
    netns: '',
    ifName: '',
    args: '',
    path: '',
    netnsOverride: '',
  };
  const missing: string[] = [];
  for (const { name, field, requiredBy, validate } of variables) {
    const value = env[name] ?? '';
    const required = requiredBy?.includes(command);
    if (value && required) validate?.(value);
    else if (required) missing.push(name);
    args[field] = value;
  }
  if (missing.length > 0) {
    const names = missing.join(',');
    throw new CNIError(ErrorCode.InvalidEnvironmentVariables, `required env variables [${names}] missing`);
  }
  return args;
}

/** Whether a variable is `1` or, in any case, `true`. */
export function isTrue(value: string): boolean {
  return value === '1' || value.toLowerCase() === 'true';
}

/** A letter or digit, then letters, digits, `_`, `.` and `-`. */
const identifier = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** `/`, `:`, and white space as in Go's unicode.IsSpace (JavaScript's `\s` contains U+FEFF and not U+0085). */
const notInInterfaceName = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000/:]/;

/** @throws CNIError code 3 or 4 */
export function validateContainerID(containerID: string): void {
  if (!containerID) throw new CNIError(ErrorCode.UnknownContainer, 'missing containerID');
  if (identifier.test(containerID)) return;
  throw new CNIError(ErrorCode.InvalidEnvironmentVariables, 'invalid characters in containerID', {
    details: containerID,
  });
}

/** @throws CNIError code 7 */
export function validateNetworkName(name: string): void {
  if (!name) throw new CNIError(ErrorCode.InvalidNetworkConfig, 'missing network name');
  if (identifier.test(name)) return;
  throw new CNIError(ErrorCode.InvalidNetworkConfig, 'invalid characters found in network name', { details: name });
}

/**
 * 1 to 15 bytes (IFNAMSIZ less its terminator), not `.` or `..`, no `/`, `:` or white space.
 * @throws CNIError code 4
 */
export function validateInterfaceName(name: string): void {
  const refuse = (msg: string, details?: string) =>
    new CNIError(ErrorCode.InvalidEnvironmentVariables, msg, { details });
  if (!name) throw refuse('interface name is empty');
  if (utf8Length(name) > 15) {
    throw refuse('interface name is too long', 'interface name should be less than 16 characters');
  }
  if (name === '.' || name === '..') throw refuse('interface name is . or ..');
  if (notInInterfaceName.test(name)) {
    throw refuse('interface name contains / or : or whitespace characters');
  }
}

/** Length of a text in UTF-8, in bytes. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
