// values.schema.json of the chart. Helm holds values against it before it sends anything to a cluster.
import { jsonSchema } from '../../apps/veth/src/cli/schema/json-schema.ts';

/** The plugin's keys, as the values have them below "veth". */
function keysOfNetwork(): object {
  const { properties, not } = jsonSchema() as { properties: Record<string, Record<string, unknown>>; not: object };
  // The chart writes these by itself, by whichever of their names.
  const {
    type: _type,
    cluster_cidr: _pods,
    overlay_hijack_subnet: _podsToo,
    service_cidr: _services,
    service_hijack_subnet: _servicesToo,
    ...keys
  } = properties;
  // The plugin warns of a key that it does not know. Who writes values can be told at once.
  for (const name of ['additional_cidr', 'additional_hijack_subnet']) keys[name] = { ...keys[name], ...prefixes };
  return { description: 'Further keys of veth.', type: 'object', additionalProperties: false, properties: keys, not };
}

const name = { type: 'string', maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' };
const text = { type: 'string', minLength: 1 };
const quantities = { type: 'object', additionalProperties: { type: ['string', 'number'] } };
const texts = { type: 'object', additionalProperties: { type: 'string' } };

// Helm would show a regular expression for all that a prefix may be, and nothing else: templates/_prefix.tpl does better.
const prefixes = { type: 'array', items: { type: 'string', pattern: '^[0-9a-fA-F.:]+/[0-9]{1,3}$' } };

/** Of draft 7, the newest that every Helm 3 reads. */
export function valuesSchema(): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    required: ['image', 'imagePullPolicy', 'binDir', 'remove', 'cluster', 'networks'],
    properties: {
      // Helm's own, for charts that have this one as a part.
      global: { type: 'object' },
      image: { description: 'Where the nodes get the image.', ...text, pattern: '^\\S*$' },
      imagePullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] },
      imagePullSecrets: {
        description: 'Those by which the image is pulled.',
        type: 'array',
        items: { type: 'object', additionalProperties: false, required: ['name'], properties: { name: text } },
      },
      nodeSelector: { description: 'The nodes that get the plugin.', ...texts },
      tolerations: { description: 'Of taints of these nodes.', type: 'array', items: { type: 'object' } },
      priorityClassName: { description: 'Of the pods that install.', type: 'string' },
      resources: {
        description: 'Of the pods that install.',
        type: 'object',
        additionalProperties: false,
        properties: { requests: quantities, limits: quantities },
      },
      seLinuxOptions: {
        description: 'Of the container that installs.',
        type: 'object',
        additionalProperties: false,
        properties: { user: text, role: text, type: text, level: text },
      },
      labels: {
        description: 'Further ones, of the DaemonSet and its pods.',
        ...texts,
        properties: { 'app.kubernetes.io/name': false, 'app.kubernetes.io/instance': false },
      },
      annotations: { description: 'Of the DaemonSet and its pods.', ...texts },
      binDir: {
        description: 'The runtime’s directory of plugins, on the nodes: an absolute path without blanks and "..".',
        type: 'string',
        pattern: '^(/[^/\\s]+)+/?$',
        // The API refuses it.
        not: { pattern: '/[.][.](/|$)' },
      },
      remove: { description: 'Takes the plugin away from all nodes.', type: 'boolean' },
      cluster: {
        description: 'What pods of all networks reach through the cluster.',
        type: 'object',
        additionalProperties: false,
        required: ['podCIDRs', 'serviceCIDRs'],
        properties: { podCIDRs: prefixes, serviceCIDRs: prefixes },
      },
      networks: {
        description: 'Each becomes a NetworkAttachmentDefinition.',
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['name', 'plugin'],
          properties: {
            name: { description: 'What pods ask for.', ...name },
            namespace: { description: 'That of the release, if there is none.', ...name },
            resourceName: { description: 'Of the device plugin.', type: 'string', pattern: '^[^/]+/[^/]+$' },
            plugin: {
              description: 'The configuration of the plugin that makes the NIC.',
              type: 'object',
              required: ['type'],
              properties: { type: { ...text, not: { const: 'veth' } } },
            },
            veth: keysOfNetwork(),
          },
        },
      },
    },
    if: { required: ['networks'], properties: { networks: { minItems: 1 } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
    then: { properties: { cluster: { properties: { podCIDRs: { minItems: 1 }, serviceCIDRs: { minItems: 1 } } } } },
  };
}
