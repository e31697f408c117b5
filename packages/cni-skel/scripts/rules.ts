/** What the CNI protocol asks of a plugin, from the SPEC and from what the reference implementation does. */
export interface Rule {
  readonly demand: string;
  /** The SPEC's section, or the function of the reference implementation (containernetworking/cni, …/plugins). */
  readonly source: string;
  /** Where we do otherwise on purpose: why. */
  readonly differs?: string;
  /** Where the skeleton cannot do it: who does. */
  readonly elsewhere?: string;
}

type Rules = Readonly<Record<string, Rule>>;

const skel = 'skel.getCmdArgsFromEnv';
const theAuthor = 'The plugin: only its author knows.';

const entry: Rules = {
  C1: { demand: 'Environment and standard input are the only inputs; arguments are ignored.', source: 'SPEC 2' },
  C2: { demand: 'The `CNI_*` variables are read in one order; an empty one is missing.', source: skel },
  C3: { demand: 'Each command requires its variables.', source: skel },
  C4: { demand: 'Error 4 names all missing variables.', source: skel },
  C5: { demand: 'If `CNI_COMMAND` is missing, error 4 names only that.', source: skel },
  C6: {
    demand: 'Without `CNI_COMMAND` a plugin that can describe itself does so on standard error and exits with 0.',
    source: 'skel.pluginMain',
  },
  C7: {
    demand: 'A plugin that cannot describe itself answers with error 4.',
    source: 'skel.PluginMainFuncs',
    elsewhere: 'Nobody: every plugin of the skeleton can.',
  },
  C8: { demand: 'The first invalid variable is reported, before missing ones.', source: skel },
  C9: { demand: 'An unknown command is error 4, after the configuration is checked.', source: 'skel.pluginMain' },
  C10: { demand: 'VERSION reads no standard input.', source: 'skel.pluginMain' },
  C11: {
    demand: 'Variables, configuration, version, namespace and keys are checked in this order.',
    source: 'skel.pluginMain',
  },
  C12: {
    demand: 'A missing CHECK, GC or STATUS handler is success.',
    source: 'skel.checkVersionAndCall',
    differs: 'ADD and DEL are not optional.',
  },
  C13: { demand: 'A handler can see the request as it came.', source: 'skel.CmdArgs' },
};

const validation: Rules = {
  C14: {
    demand: 'A container ID consists of letters, digits, `_`, `.` and `-`; another is error 4.',
    source: 'utils.ValidateContainerID',
  },
  C15: {
    demand: 'A network name consists of the same characters; another is error 7.',
    source: 'utils.ValidateNetworkName',
  },
  C16: { demand: 'Neither container ID nor network name may end in a newline.', source: 'observed' },
  C17: { demand: 'An interface name has 1 to 15 bytes.', source: 'utils.ValidateInterfaceName' },
  C18: { demand: 'An interface name is not `.` or `..`.', source: 'utils.ValidateInterfaceName' },
  C19: { demand: 'An interface name has no `/`, `:` or Unicode white space.', source: 'utils.ValidateInterfaceName' },
  C20: {
    demand: 'The kernel treats `%` in an interface name as a template.',
    source: 'SPEC 2',
    elsewhere: 'Plugins that create links. For others such a name is valid.',
  },
  C21: { demand: 'Standard input is one JSON object; anything else is error 6.', source: 'skel.validateConfig' },
  C22: { demand: 'A `name` or `cniVersion` that is not a string is error 6.', source: 'skel.validateConfig' },
  C23: { demand: 'The last of two equal keys counts.', source: 'observed' },
  C24: {
    demand: 'Keys match in any case.',
    source: 'observed',
    differs: "Only the SPEC's own keys: a plugin's own are spelled as its schema has them.",
  },
  C25: { demand: 'Invalid UTF-8 becomes U+FFFD.', source: 'observed' },
  C26: {
    demand: 'Standard input may be of any size.',
    source: 'observed',
    differs: 'More than 16 MiB is error 5: no configuration is near that.',
  },
  C27: { demand: 'Standard input that cannot be read is error 5.', source: skel },
};

const versions: Rules = {
  C28: { demand: 'There are seven versions; the newest is 1.1.0.', source: 'version.All' },
  C29: { demand: 'A configuration without a version has version 0.1.0.', source: 'create.DecodeVersion' },
  C30: { demand: 'ADD and DEL compare versions as strings.', source: 'version.Reconciler' },
  C31: { demand: 'An unsupported version is error 1, which lists the supported ones.', source: 'version.Reconciler' },
  C32: { demand: 'CHECK needs a configuration and a plugin of 0.4.0.', source: 'skel.pluginMain' },
  C33: { demand: 'GC needs 1.1.0.', source: 'skel.pluginMain' },
  C34: { demand: 'STATUS needs 1.1.0.', source: 'skel.pluginMain' },
  C35: { demand: 'A version has up to three integers; anything else is error 6.', source: 'version.ParseVersion' },
  C36: { demand: 'VERSION answers with the newest version and the supported ones.', source: 'version.pluginInfo' },
  C37: { demand: 'Supported versions keep their order.', source: 'version.PluginSupports' },
  C38: { demand: 'An answer to VERSION that cannot be written is error 5.', source: 'skel.pluginMain' },
  C39: { demand: "A result has the configuration's version.", source: 'SPEC 5' },
  C40: { demand: "Old plugins' answers to VERSION are understood.", source: 'version.PluginDecoder' },
  C41: { demand: 'VERSION is asked with the newest version and dummy variables.', source: 'invoke.GetVersionInfo' },
};

const output: Rules = {
  C42: { demand: 'The exit status is 0 or 1.', source: 'SPEC 2' },
  C43: { demand: 'ADD prints its result; other commands print nothing.', source: 'SPEC 5' },
  C44: { demand: 'Errors are JSON on standard output.', source: 'SPEC 5' },
  C45: { demand: 'Standard output is exactly one JSON value.', source: 'SPEC 5' },
  C46: {
    demand: 'JSON is indented by four spaces.',
    source: 'types.prettyPrint',
    differs: 'It ends in a newline, which terminals need and JSON parsers ignore.',
  },
  C47: { demand: 'Standard error is for logs.', source: 'SPEC 5' },
  C48: { demand: 'An error has an integer code, a message and optional details.', source: 'types.Error' },
  C49: { demand: 'An error reads as `msg; details`.', source: 'types.Error' },
  C50: { demand: 'Codes below 100 are reserved.', source: 'SPEC 5' },
  C51: { demand: "A handler's CNI error is printed as it is, even as a cause.", source: 'skel.checkVersionAndCall' },
  C52: { demand: 'Any other error has code 999.', source: 'skel.checkVersionAndCall' },
  C53: { demand: 'An error names the version of the configuration.', source: 'SPEC 5' },
  C54: {
    demand: 'A crash ends the process with status 2 and a stack on standard error.',
    source: 'Go',
    differs: 'One shape for every failure: error JSON and status 1.',
  },
  C55: {
    demand: 'An error that cannot be written to standard output is printed on standard error.',
    source: 'skel.PluginMainFuncs',
  },
  C56: {
    demand: 'A result that cannot be written fails ADD.',
    source: 'observed',
    differs: 'ADD is rolled back too.',
  },
  C57: { demand: 'A result of any size is written whole before the process ends.', source: 'write(2)' },
  C58: { demand: 'Members without a value are left out.', source: 'types MarshalJSON' },
};

const namespace: Rules = {
  C59: {
    demand: "ADD and DEL are refused in the plugin's own namespace.",
    source: 'skel.pluginMain',
    differs: 'DEL goes on: see C65.',
  },
  C60: { demand: "`CNI_NETNS_OVERRIDE` of 1 or true allows the plugin's own namespace.", source: 'skel.pluginMain' },
  C61: { demand: 'Namespaces are equal if device and inode are.', source: 'ns.CheckNetNS' },
  C62: { demand: 'The plugin decides about a path that is no namespace.', source: 'ns.CheckNetNS' },
  C63: {
    demand: "The refusal of the plugin's own namespace is error 8.",
    source: 'ns.CheckNetNS',
    differs:
      'It is checked before the handler runs; the reference implementation checks after the handler has run and printed.',
  },
  C64: { demand: "The plugin's namespace is that of its main thread.", source: 'namespaces(7)' },
  C65: {
    demand: "DEL in the plugin's own namespace is error 8.",
    source: 'skel.pluginMain',
    differs: 'It means that the container is gone: DEL runs without a namespace, and succeeds.',
  },
};

const results: Rules = {
  C66: { demand: 'Every version converts to every other.', source: 'types/internal' },
  C67: { demand: 'Results have three shapes.', source: 'types NewResult' },
  C68: { demand: 'The key is `ips` in 0.3.0 too.', source: 'spec-upgrades.md' },
  C69: { demand: 'Older interfaces have a name, a MAC and a sandbox.', source: '100.convertInterfaceTo040' },
  C70: { demand: 'Older addresses name their IP version.', source: '100.convertIPConfigTo040' },
  C71: { demand: 'Newer addresses do not name their IP version.', source: '100.convertIPConfigFrom040' },
  C72: { demand: 'Routes keep all their fields from 0.3.0 on.', source: 'types.Route' },
  C73: { demand: 'Results of 1.0.0 and 1.1.0 differ only in the version.', source: '100.convertFrom100' },
  C74: {
    demand: 'A result of 0.2.0 has the first address of each family.',
    source: '040.convertTo02x',
    differs: 'The family is told from the address: handlers and conversions know only the newest shape.',
  },
  C75: { demand: 'A result of 0.2.0 has the routes of each family that has an address.', source: '040.convertTo02x' },
  C76: { demand: 'A result of 0.2.0 needs an address.', source: '040.convertTo02x' },
  C77: { demand: 'Addresses and routes of a 0.2.0 result become lists.', source: '040.convertFrom02x' },
  C78: { demand: 'DNS settings survive every conversion.', source: 'types' },
  C79: { demand: 'Addresses have a prefix length and keep their host bits.', source: 'types.ParseCIDR' },
  C80: { demand: 'IPv6 is printed in canonical form.', source: 'RFC 5952' },
  C81: { demand: 'Gateways are addresses; an empty one is absent.', source: 'net.IP' },
  C82: {
    demand: 'A missing address is printed as `<nil>`.',
    source: 'observed',
    differs: 'It is error 6.',
  },
  C83: {
    demand: 'An address may refer to an interface that the result does not have.',
    source: 'spec-upgrades.md',
    differs: 'Not in a result that a plugin makes itself.',
  },
  C84: { demand: 'A zero table or scope is printed, a zero MTU is not.', source: 'types.Route' },
  C85: {
    demand: 'Unknown keys are dropped; null elements crash.',
    source: 'observed',
    differs: 'A result passed on unchanged keeps them; null elements are error 6.',
  },
  C86: { demand: "The container's interface names its sandbox.", source: 'SPEC 5' },
  C87: { demand: 'A route without a gateway may use one of the addresses.', source: 'SPEC 5' },
  C88: { demand: 'DNS settings of the configuration replace those of IPAM.', source: 'plugins bridge' },
};

const prevResult: Rules = {
  C89: { demand: 'prevResult may be absent, null or empty.', source: 'version.ParsePrevResult' },
  C90: {
    demand: "A prevResult without a version has the configuration's version.",
    source: 'version.ParsePrevResult',
    differs: 'So has one with the version "", on which the reference implementation fails.',
  },
  C91: {
    demand: "The version of prevResult belongs to the same family as the configuration's.",
    source: 'version.ParsePrevResult',
  },
  C92: { demand: 'A chained plugin returns prevResult with its changes.', source: 'SPEC 5' },
  C93: { demand: 'A chained plugin cannot be the first in the list.', source: 'plugins sample' },
  C94: { demand: 'CHECK needs prevResult.', source: 'SPEC 2' },
  C95: { demand: 'DEL does not need prevResult.', source: 'SPEC 2' },
  C96: { demand: 'GC and STATUS have no prevResult.', source: 'SPEC 3' },
  C97: { demand: 'CHECK and DEL get the final result of the chain.', source: 'SPEC 3' },
  C98: {
    demand: 'A prevResult that cannot be read is an error.',
    source: 'version.ParsePrevResult',
    differs: 'Not for DEL, which removes what it can.',
  },
};

const args: Rules = {
  C99: { demand: 'CNI_ARGS is `K=V;K2=V2`, without any other `=` or `;`.', source: 'types.LoadArgs' },
  C100: { demand: 'Unknown keys are refused unless `IgnoreUnknown` is true.', source: 'types.LoadArgs' },
  C101: {
    demand: 'Errors come in the order of the pairs, with code 999.',
    source: 'types.LoadArgs',
    differs: 'Code 4: the variable is invalid.',
  },
  C102: { demand: "Kubernetes' keys are known.", source: 'Kubernetes runtimes' },
  C103: { demand: 'A plugin that expects no CNI_ARGS cannot fail on them.', source: 'types.LoadArgs' },
  C104: {
    demand: 'An equivalent in `args` overrides one in CNI_ARGS.',
    source: 'CONVENTIONS.md',
    elsewhere: theAuthor,
  },
  C105: {
    demand: 'CNI_ARGS < `args.cni` < `runtimeConfig`.',
    source: 'plugins bridge',
    elsewhere: theAuthor,
  },
  C106: { demand: '`runtimeConfig` holds declared capabilities that the runtime had.', source: 'SPEC 3' },
  C107: { demand: 'Well-known capabilities arrive as they were sent.', source: 'CONVENTIONS.md' },
  C108: { demand: 'The plugin does not validate reserved keys.', source: 'SPEC 1' },
  C109: { demand: 'Unknown keys of a plugin may be refused.', source: 'SPEC 1' },
};

const gcAndStatus: Rules = {
  C110: { demand: 'GC reads `cni.dev/valid-attachments`, or if it is absent `cni.dev/attachments`.', source: 'SPEC 2' },
  C111: {
    demand: 'An empty list makes everything stale, and so does an absent one.',
    source: 'observed',
    differs: 'An absent list makes nothing stale.',
  },
  C112: { demand: 'An attachment is a container and an interface together.', source: 'SPEC 3' },
  C113: { demand: 'GC continues after errors and reports them all.', source: 'SPEC 2' },
  C114: { demand: 'GC is passed on to delegates.', source: 'SPEC 4' },
  C115: { demand: 'GC works without namespaces.', source: 'SPEC 2' },
  C116: { demand: 'STATUS answers with 0, 50 or 51, also for delegates.', source: 'SPEC 2' },
  C117: { demand: 'Runtimes skip commands that a version lacks or a list disables.', source: 'libcni' },
};

const delegation: Rules = {
  C118: { demand: 'A plugin is the first regular file of its name in CNI_PATH.', source: 'invoke.FindInPath' },
  C119: {
    demand: "A plugin's name has no `/`, and CNI_PATH is not empty.",
    source: 'invoke.FindInPath',
    differs: 'An empty element is skipped: it would be the working directory.',
  },
  C120: { demand: 'A delegate gets our environment, with its own command.', source: 'invoke.DelegateArgs' },
  C121: { demand: 'A delegate gets our configuration byte for byte.', source: 'SPEC 4' },
  C122: { demand: 'Our own environment stays as it is.', source: 'invoke delegate_test' },
  C123: {
    demand: "A delegate's result without a version has the configuration's version.",
    source: 'invoke.fixupResultVersion',
  },
  C124: { demand: 'CHECK, DEL, GC and STATUS have no result.', source: 'invoke.ExecPluginWithoutResult' },
  C125: { demand: "A delegate's error is passed on unchanged.", source: 'RawExec.pluginErr' },
  C126: {
    demand: 'If a delegate fails and prints nothing, its exit status is the message.',
    source: 'RawExec.pluginErr',
  },
  C127: { demand: 'If it prints only to standard error, that text is the message.', source: 'RawExec.pluginErr' },
  C128: {
    demand: 'An answer of a failed delegate that is no error is quoted.',
    source: 'RawExec.pluginErr',
    differs: 'An empty error is no message, and C126 applies.',
  },
  C129: {
    demand: "A delegate's standard error is passed on if it succeeds.",
    source: 'RawExec',
    differs: 'Always, and as it comes, as SPEC 4 asks.',
  },
  C130: {
    demand: 'A delegate is killed when we are told to end.',
    source: 'exec.CommandContext',
    differs: 'It is asked to end first, and every process that it started ends with it.',
  },
  C131: { demand: 'Trace context reaches a delegate.', source: 'invoke.injectTraceContext' },
  C132: { demand: 'A busy executable is tried six times.', source: 'RawExec' },
  C133: {
    demand: 'After that the plugin counts as having run.',
    source: 'RawExec',
    differs: 'It is error 11, because it has not run.',
  },
  C134: { demand: 'A delegate need not read its standard input.', source: 'pipe(7)' },
  C135: { demand: 'A failed ADD is followed by DEL.', source: 'SPEC 4' },
  C136: { demand: 'DEL, CHECK, GC and STATUS are passed on.', source: 'SPEC 4' },
  C137: { demand: 'The device is removed before its addresses are released.', source: 'plugins bridge' },
  C138: {
    demand: 'An IPAM result without addresses is an error.',
    source: 'plugins bridge',
    elsewhere: 'The plugin: the skeleton does not know which delegate assigns addresses.',
  },
};

const verbs: Rules = {
  C139: { demand: 'ADD of an existing interface is an error.', source: 'SPEC 2' },
  C140: { demand: 'A container may have several attachments.', source: 'SPEC 2' },
  C141: { demand: 'DEL after a failed ADD succeeds.', source: 'SPEC 3' },
  C142: {
    demand: 'An ADD that fails leaves what it made.',
    source: 'plugins',
    differs: 'It is rolled back, in reverse order, whatever failed.',
  },
  C143: { demand: 'DEL succeeds if what it would remove is already gone.', source: 'SPEC 2' },
  C144: { demand: 'DEL can be repeated.', source: 'SPEC 2' },
  C145: { demand: 'DEL does not validate against live state.', source: 'plugins macvlan', elsewhere: theAuthor },
  C146: { demand: 'DEL may fail on input that is not a request.', source: 'SPEC 2' },
  C147: {
    demand: 'DEL fails on an invalid configuration.',
    source: 'plugins',
    differs:
      'DEL does not fail on a missing prevResult or delegate, nor if the valid part of the configuration is enough: a typo must not make a pod undeletable.',
  },
  C148: { demand: 'CHECK fails if something that ADD made is missing.', source: 'SPEC 2' },
  C149: { demand: 'Requests for different containers can run at once.', source: 'SPEC 3' },
  C150: {
    demand: "Plugins run in the host's namespace.",
    source: 'SPEC 2',
    elsewhere: 'The runtime.',
  },
};

/** By chapter. */
export const rules: Readonly<Record<string, Rules>> = {
  'Entry, environment, dispatch': entry,
  Validation: validation,
  Versions: versions,
  'Output, errors, exit status': output,
  'Namespace guard': namespace,
  'Results and their conversion': results,
  prevResult,
  'CNI_ARGS, args, capabilities': args,
  'GC and STATUS': gcAndStatus,
  Delegation: delegation,
  'What each command means': verbs,
};
