// Checks that a cluster and the chart accept what the documents contain for them.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Pod } from 'kubernetes-models/v1';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { newest, render } from '../deploy/helm.ts';
import { golden } from '../deploy/manifests.ts';
import { blocksOf, documents, manual, root } from './markdown.ts';

const objects = manual
  .flatMap(document => blocksOf(document, 'yaml'))
  .filter(({ info }) => info === 'yaml')
  .map(({ at, content }) => ({ at, object: parse(content) }));
const pods = objects.filter(({ object }) => object.kind === 'Pod');
const quickstart = documents('docs/quickstart-cluster.md')[0]!;

test.each(pods)('the API takes the pod: $at', ({ object }) => {
  expect(() => new Pod(object).validate()).not.toThrow();
});

test.each(pods)('what the pod is attached to is a network in the documents: $at', ({ object }) => {
  const networks = objects
    .filter(({ object }) => object.kind === 'NetworkAttachmentDefinition')
    .map(({ object }) => `${object.metadata.namespace}/${object.metadata.name}`);
  for (const network of Object.values(object.metadata.annotations)) expect(networks).toContain(network);
});

test('the chart makes of the values in the quick start the network in the quick start', () => {
  const [values] = blocksOf(quickstart, 'yaml').filter(({ info }) => info === 'yaml values');
  const given = parse(values!.content);
  const [, made] = parseAllDocuments(render(newest, given)).map(document => document.toJS());
  const [written] = blocksOf(quickstart, 'yaml').map(({ content }) => parse(content));
  const withParsed = ({ spec, metadata: { labels: _, ...metadata }, ...network }: typeof made) => ({
    ...network,
    metadata,
    spec: JSON.parse(spec.config),
  });
  expect(withParsed(made)).toEqual(withParsed(written));
});

test('the quick start takes the plugin away by what the chart would have its DaemonSet run', () => {
  const patch = /"path": "\/spec\/template\/spec\/containers\/0\/args", "value": (\[.*?\])/.exec(quickstart.text);
  const [daemonset] = parseAllDocuments(readFileSync(golden('remove'), 'utf8')).map(document => document.toJS());
  expect(JSON.parse(patch![1]!)).toEqual(daemonset.spec.template.spec.containers[0].args);
});

test('the quick start puts its own image into the DaemonSet', () => {
  const [command = ''] = /^sed .*(?= \| kubectl)/m.exec(quickstart.text) ?? [];
  const [daemonset] = parseAllDocuments(execFileSync('sh', ['-c', command], { cwd: root, encoding: 'utf8' }));
  const [container] = daemonset!.toJS().spec.template.spec.containers;
  const [, pushed] = /^skopeo copy .* docker:\/\/(\S+)$/m.exec(quickstart.text) ?? [];
  expect(container.image).toBe(pushed);
});
