// values.schema.json of the chart. Helm checks values against it before it sends anything to a cluster.
import { jsonSchema } from '../../apps/veth/src/cli/schema/json-schema.ts';

/** The plugin's keys that the values may have below "veth". */
function keysOfNetwork(): object {
  const { properties, not } = jsonSchema() as { properties: Record<string, Record<string, unknown>>; not: object };
  // The chart writes these itself, so neither of their names is allowed.
  const {
    type: _type,
    cluster_cidr: _pods,
    overlay_hijack_subnet: _podsToo,
    service_cidr: _services,
    service_hijack_subnet: _servicesToo,
    ...keys
  } = properties;
  // The plugin only warns of an unknown key; here it is an error at once.
  for (const name of ['additional_cidr', 'additional_hijack_subnet']) keys[name] = { ...keys[name], ...prefixes };
  return { description: 'Further keys of veth.', type: 'object', additionalProperties: false, properties: keys, not };
}

const name = { type: 'string', maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' };
const text = { type: 'string', minLength: 1 };
const quantities = { type: 'object', additionalProperties: { type: ['string', 'number'] } };
const texts = { type: 'object', additionalProperties: { type: 'string' } };

// For a complete pattern Helm would print nothing but the regular expression; templates/_prefix.tpl gives a clear error.
const prefixes = { type: 'array', items: { type: 'string', pattern: '^[0-9a-fA-F.:]+/[0-9]{1,3}$' } };

/** The schema, in draft 7, the newest that every Helm 3 reads. */
export function valuesSchema(): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    required: ['image', 'imagePullPolicy', 'binDir', 'remove', 'reconcile', 'cluster', 'networks'],
    properties: {
      // Helm's own, for charts that include this one.
      global: { type: 'object' },
      image: { description: 'The image, as the nodes pull it.', ...text, pattern: '^\\S*$' },
      imagePullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] },
      imagePullSecrets: {
        description: 'The secrets for pulling the image.',
        type: 'array',
        items: { type: 'object', additionalProperties: false, required: ['name'], properties: { name: text } },
      },
      nodeSelector: { description: 'The nodes that get the plugin.', ...texts },
      tolerations: { description: 'Tolerations of these nodes’ taints.', type: 'array', items: { type: 'object' } },
      priorityClassName: { description: 'The priority class of the DaemonSet’s pods.', type: 'string' },
      resources: {
        description: 'The resources of the DaemonSet’s pods.',
        type: 'object',
        additionalProperties: false,
        properties: { requests: quantities, limits: quantities },
      },
      seLinuxOptions: {
        description: 'SELinux options of the DaemonSet’s container.',
        type: 'object',
        additionalProperties: false,
        properties: { user: text, role: text, type: text, level: text },
      },
      labels: {
        description: 'Additional labels of the DaemonSet and its pods.',
        ...texts,
        properties: { 'app.kubernetes.io/name': false, 'app.kubernetes.io/instance': false },
      },
      annotations: { description: 'Annotations of the DaemonSet and its pods.', ...texts },
      binDir: {
        description: 'The runtime’s plugin directory on the nodes: an absolute path without blanks and "..".',
        type: 'string',
        pattern: '^(/[^/\\s]+)+/?$',
        // The API refuses it.
        not: { pattern: '/[.][.](/|$)' },
      },
      remove: { description: 'Removes the plugin from all nodes.', type: 'boolean' },
      reconcile: {
        description: 'Keeps running pods as configured.',
        type: 'object',
        additionalProperties: false,
        required: ['periodSeconds'],
        properties: {
          periodSeconds: { description: '0: never.', type: 'integer', minimum: 0, maximum: 86_400 },
        },
      },
      cluster: {
        description: 'The cluster’s CIDRs, for the pods of all networks.',
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
            name: { description: 'The name by which pods select the network.', ...name },
            namespace: { description: 'Default: the namespace of the release.', ...name },
            resourceName: {
              description: 'The resource of the device plugin, for SR-IOV.',
              type: 'string',
              pattern: '^[^/]+/[^/]+$',
            },
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
