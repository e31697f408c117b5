/**
 * Cases of the conformance kit that Debian 12's reference plugins (containernetworking-plugins 1.1.1) fail, by plugin. A
 * test runs the kit against them. It fails for a difference that is not listed, and for one that no longer exists.
 */
export type Differences = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Differences of all plugins. */
const errors = {
  'an error names the version of the configuration':
    'Errors of the reference library have no `cniVersion`, which SPEC 5 requires.',
};
/** Differences of plugins that need nothing to exist in the namespace. */
const guard = {
  'ADD in the namespace of the plugin is an error, and changes nothing':
    "CNI_NETNS is not compared with the plugin's own namespace, so ADD works on the node.",
};

const routesStay = 'DEL deletes the rules, but leaves the routes in the table to which ADD moved them.';
const goesIn = 'DEL has to enter CNI_NETNS and find the interface there.';
const checkIsEmpty = 'CHECK does nothing.';
const sysctlsStay = 'DEL restores the attributes of the link, but no sysctl.';

export const differences: Differences = {
  macvlan: { ...errors, ...guard },
  bridge: { ...errors, ...guard },
  ptp: {
    ...errors,
    ...guard,
    'a container can have two attachments, and loses one by DEL of that one':
      'ADD gives every interface the same route to the gateway, and fails if the container has it.',
  },
  'host-local': {
    ...errors,
    ...guard,
    'CHECK without prevResult is an error':
      'CHECK looks for the addresses that the container has reserved, and needs no result.',
  },
  sbr: {
    ...errors,
    'DEL removes what ADD made': routesStay,
    'DEL can be repeated': routesStay,
    'DEL after an ADD whose result could not be written removes what that made': routesStay,
    'DEL without prevResult removes what ADD made': routesStay,
    'DEL with a mangled prevResult succeeds': 'DEL decodes a prevResult that it does not need.',
    'DEL without CNI_NETNS succeeds': goesIn,
    'DEL after the namespace is gone removes what ADD left on the node': goesIn,
    'DEL with the namespace of the plugin succeeds, and changes nothing there': goesIn,
    'CHECK without prevResult is an error': checkIsEmpty,
    'CHECK after DEL is an error': checkIsEmpty,
    'CHECK refuses what was damaged': checkIsEmpty,
  },
  tuning: {
    ...errors,
    'DEL removes what ADD made': sysctlsStay,
    'DEL can be repeated': sysctlsStay,
    'DEL after an ADD whose result could not be written removes what that made': sysctlsStay,
    'DEL without prevResult removes what ADD made': sysctlsStay,
  },
};
