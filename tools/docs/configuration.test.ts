// Checks that the configurations in the documents work, and that the reference is complete.
import type { NetworkConf, NetworkConfList } from '@spider/cni-skel/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { configSchema as routeTableSchema } from '../../apps/route-table/src/config.ts';
import { aliases } from '../../apps/veth/src/config/aliases.ts';
import { configSchema, keys } from '../../apps/veth/src/config/config.ts';
import { Code } from '../../apps/veth/src/errors.ts';
import { createLab, type Lab } from '../lab/lab.ts';
import { underlay } from '../lab/networks.ts';
import { createPod, runtime } from '../lab/pod.ts';
import { type Block, blocksOf, documents, manual } from './markdown.ts';

// The plugin of the tutorial is tested by release/tutorial.test.ts.
const json = manual
  .flatMap(document => blocksOf(document, 'json'))
  .filter(({ content }) => !content.includes('"deny"'));
const manifests = manual.flatMap(document => blocksOf(document, 'yaml')).flatMap(networkIn);

/** The network in a NetworkAttachmentDefinition: the indented lines below `config: |`. */
function networkIn({ content, ...block }: Block): Block[] {
  const [, network] = /^ *config: \|\n(.*)/ms.exec(content) ?? [];
  return network === undefined ? [] : [{ ...block, content: network }];
}

describe('every configuration in the documents makes a pod, without a warning', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await createLab('docs-');
  });

  test.each([...json, ...manifests])('$at', async ({ at, content }) => {
    const network = inLab(JSON.parse(content) as NetworkConf | NetworkConfList);
    const ours = network.plugins.filter(({ type }) => Object.hasOwn(schemas, type));
    expect(ours).not.toEqual([]);
    for (const plugin of ours) expect(warningsOf(plugin)).toEqual([]);
    const name = `docs-${at.replaceAll(/\W+/g, '-')}`;
    const pod = await createPod(lab.node, name, { eth0: network });
    await runtime(lab.node).del(network, pod.nics[0]!.attachment);
  });

  /** The example, with its allocated addresses stored inside the sandbox. */
  function inLab(example: NetworkConf | NetworkConfList): NetworkConfList {
    if (!('plugins' in example)) return underlay(lab.node, lab.lan.ranges, [example as NetworkConf]);
    const { plugins, ...list } = example as NetworkConfList;
    const dataDir = `/run/cni/${lab.node.name}/examples`;
    return {
      ...list,
      plugins: plugins.map(plugin =>
        'ipam' in plugin ? { ...plugin, ipam: { ...(plugin['ipam'] as object), dataDir } } : plugin,
      ),
    };
  }
});

const schemas = { veth: configSchema, 'route-table': routeTableSchema };

function warningsOf({ type, ...own }: NetworkConf): readonly string[] {
  const result = schemas[type as keyof typeof schemas]['~standard'].validate(own);
  if (result instanceof Promise || result.issues) return [JSON.stringify(result)];
  return result.value.warnings;
}

describe('docs/configuration.md', () => {
  const reference = documents('docs/configuration.md')[0]!;
  const sections = new Map(
    reference.text
      .split(/^### /m)
      .slice(1)
      .map(section => [/^`(\w+)`/.exec(section)?.[1], section.split(/^## /m)[0] ?? '']),
  );

  test('has a section for each key, and for nothing else', () => {
    expect([...sections.keys()].toSorted()).toEqual(Object.keys(keys).toSorted());
  });

  test.each(Object.entries(keys))('tells of all that %s consists of', (name, { schema }) => {
    const parts = Object.keys((schema as { properties?: object }).properties ?? {});
    for (const part of parts) expect(sections.get(name)).toContain(`\`${part}\``);
  });

  test('has a line for each other name of a key', () => {
    for (const name of Object.keys(aliases)) expect(reference.text).toContain(`| \`${name}\` |`);
  });

  test('has a line for each error code of the plugin’s own', () => {
    for (const code of Object.values(Code)) expect(reference.text).toContain(`\n| ${code} |`);
  });
});
