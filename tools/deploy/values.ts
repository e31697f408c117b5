// values.schema.json of the chart. Helm holds values against it before it sends anything to a cluster.
import { jsonSchema } from '../../apps/veth/src/cli/schema/json-schema.ts';

/** The plugin's keys, as the values have them below "veth". */
function keysOfNetwork(): object {
  const { properties, not } = jsonSchema() as { properties: Record<string, object>; not: object };
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
  return { description: 'Further keys of veth.', type: 'object', additionalProperties: false, properties: keys, not };
}

const name = { type: 'string', maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' };
const ipv4 = '[0-9.]+/([12]?[0-9]|3[0-2])';
const ipv6 = '[0-9a-fA-F:.]*:[0-9a-fA-F:.]*/([1-9]?[0-9]|1[01][0-9]|12[0-8])';
const prefixes = { type: 'array', items: { type: 'string', pattern: `^(${ipv4}|${ipv6})$` } };

/** Of draft 7, the newest that every Helm 3 reads. */
export function valuesSchema(): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    required: ['image', 'binDir', 'remove', 'cluster', 'networks'],
    properties: {
      // Helm's own, for charts that have this one as a part.
      global: { type: 'object' },
      image: { description: 'Where the nodes get the image.', type: 'string', minLength: 1 },
      binDir: { description: 'The runtime’s directory of plugins, on the nodes.', type: 'string', pattern: '^/.' },
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
              properties: { type: { type: 'string', minLength: 1 } },
            },
            veth: keysOfNetwork(),
          },
        },
      },
    },
    if: { properties: { networks: { minItems: 1 } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
    then: { properties: { cluster: { properties: { podCIDRs: { minItems: 1 }, serviceCIDRs: { minItems: 1 } } } } },
  };
}
