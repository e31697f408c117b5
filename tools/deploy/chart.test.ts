// The chart and the manifests: what they make, and that a cluster would take it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NetworkConfList } from '@spider/cni-skel/testing';
import { Ajv } from 'ajv';
import { DaemonSet } from 'kubernetes-models/apps/v1';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { configSchema } from '../../apps/veth/src/config/config.ts';
import { createLab } from '../lab/lab.ts';
import { createPod, runtime } from '../lab/pod.ts';
import { buildRenderer, chart, examples, render } from './chart.ts';
import { daemonset, golden } from './manifests.ts';

const read = (file: string) => readFileSync(file, 'utf8');

/** What a manifest has of what is looked at here. */
interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly config: string };
}
const objectsIn = (text: string) => parseAllDocuments(text).map(document => document.toJS() as KubernetesObject);
const networksIn = (text: string) =>
  objectsIn(text)
    .filter(({ kind }) => kind === 'NetworkAttachmentDefinition')
    .map(({ spec }) => JSON.parse(spec.config) as NetworkConfList);

describe('the chart', () => {
  let renderer: string;
  beforeAll(() => {
    renderer = buildRenderer();
  }, 120_000);

  test('gives the manifest in deploy/: after a change run "npm run manifests -w tools"', () => {
    expect(render(renderer, {})).toBe(read(daemonset));
  });

  test.each([...examples])('gives for %s what is kept in golden/', (name, values) => {
    expect(render(renderer, values)).toBe(read(golden(name)));
  });

  test('has the version of the executable', () => {
    const { version } = JSON.parse(read(join(chart, '../../apps/veth/package.json'))) as { version: string };
    expect(parse(read(join(chart, 'Chart.yaml')))).toMatchObject({ apiVersion: 'v2', version, appVersion: version });
  });
});

const manifests = [...examples.keys()].map(golden).concat(daemonset);

test.each(manifests)('the API takes the DaemonSet in %s', file => {
  const [first] = objectsIn(read(file));
  expect(() => new DaemonSet(first as object).validate()).not.toThrow();
});

test('the API takes no DaemonSet with a word that is wrong', () => {
  const [first] = objectsIn(read(daemonset).replace('mountPath:', 'mount:'));
  expect(() => new DaemonSet(first as object).validate()).toThrow(/mountPath/);
});

test('every object has a name of its own, and the networks go by theirs', () => {
  for (const file of manifests) {
    const names = objectsIn(read(file)).map(({ metadata }) => metadata.name);
    expect(new Set(names).size).toBe(names.length);
    expect(networksIn(read(file)).map(({ name }) => name)).toEqual(names.slice(1));
  }
});

test('the plugin takes its configuration in every network, without a warning', () => {
  const networks = manifests.flatMap(file => networksIn(read(file)));
  expect(networks.length).toBe(5);
  for (const { plugins } of networks) {
    const { type, ...own } = plugins[1]!;
    expect(type).toBe('veth');
    expect(configSchema['~standard'].validate(own)).toMatchObject({ value: { warnings: [] } });
  }
});

test('pods attach to the networks that need no hardware', async () => {
  const lab = await createLab('chart-');
  for (const example of ['macvlan', 'overlay-first']) {
    const [network] = networksIn(read(golden(example)));
    const pod = await createPod(lab.node, `chart-${example}`, { eth0: network! });
    expect(pod.nics.length).toBe(1);
    await runtime(lab.node).del(network!, pod.nics[0]!.attachment);
  }
});

describe('values.schema.json', () => {
  const schema = JSON.parse(read(join(chart, 'values.schema.json'))) as object;
  const accepts = new Ajv({ strict: true, strictRequired: false, strictTypes: false }).compile(schema);
  const values = parse(read(join(chart, 'values.yaml'))) as { cluster: object };
  const cluster = { podCIDRs: ['10.244.0.0/16'], serviceCIDRs: ['10.96.0.0/16'] };
  const network = { name: 'lan', plugin: { type: 'macvlan' } };

  test.each([['nothing', {}] as const, ...examples])('takes %s', (_, given) => {
    expect(accepts({ ...values, ...given }), JSON.stringify(accepts.errors)).toBe(true);
  });

  test.each([
    ['a key that is misspelt', { remvoe: true }],
    ['networks without the cluster’s CIDRs', { networks: [network] }],
    ['an address without its length', { cluster: { ...cluster, podCIDRs: ['10.244.0.0'] } }],
    ['a network without a plugin', { cluster, networks: [{ name: 'lan' }] }],
    ['a name that Kubernetes refuses', { cluster, networks: [{ ...network, name: 'LAN' }] }],
    ['the cluster’s CIDRs in another place', { cluster, networks: [{ ...network, veth: { cluster_cidr: [] } }] }],
    ['a directory that depends on where one is', { binDir: 'opt/cni/bin' }],
  ])('refuses %s', (_, given) => {
    expect(accepts({ ...values, ...given })).toBe(false);
  });
});
