// Tests that Helm accepts and renders the chart and the manifests as expected, and that a cluster would accept the
// result.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { validate as validateDaemonSet } from 'kubernetes-models/_schemas/IoK8sApiAppsV1DaemonSet';
import { DaemonSet } from 'kubernetes-models/apps/v1';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../../apps/veth/src/config/config.ts';
import { chart, helms, newest, render, runHelm } from './helm.ts';
import { daemonset, examples, golden, schemaFile, schemaText } from './manifests.ts';
import { networksIn, objectsIn } from './objects.ts';
import { unreadBy } from './unread.ts';

const read = (file: string) => readFileSync(file, 'utf8');

describe.each(helms)('%s', helm => {
  const lint = (directory: string, values: object = {}) =>
    runHelm(helm, ['lint', '--strict', '--quiet', directory], values);

  test.each([['no values', {}] as const, ...examples])('finds nothing wrong with the chart and %s', (_, values) => {
    expect(lint(chart, values)).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  test.each([
    ['a version that is none', 'Chart.yaml', 'version: 0.0.0', 'version: first'],
    ['a template without its end', 'templates/daemonset.yaml', '{{ end }}', ''],
    ['a template that makes no YAML', 'templates/daemonset.yaml', 'kind: DaemonSet', 'kind: : DaemonSet'],
    ['a name that Kubernetes refuses', 'templates/daemonset.yaml', 'name: veth', 'name: Veth'],
    ['an API that is gone', 'templates/daemonset.yaml', 'apps/v1', 'extensions/v1beta1'],
    ['notes without their end', 'templates/NOTES.txt', /\{\{- end \}\}\n$/, ''],
    ['a part that there is not', 'templates/daemonset.yaml', 'include "veth.metadata"', 'include "veth.metdata"'],
    ['values of its own that its schema refuses', 'values.yaml', 'remove: false', 'remove: maybe'],
  ])('would find %s', (_, file, right, wrong) => {
    const directory = mkdtempSync(join(tmpdir(), 'chart-'));
    cpSync(chart, directory, { recursive: true });
    expect(lint(directory).status).toBe(0);
    const text = read(join(directory, file));
    writeFileSync(join(directory, file), text.replace(right, wrong));
    expect(lint(directory).status).toBe(1);
    rmSync(directory, { recursive: true });
  });

  test('makes of the chart the manifest in deploy/: after a change run "npm run manifests -w tools"', () => {
    expect(render(helm, {})).toBe(read(daemonset));
  });

  test.each([...examples])('makes for %s what is kept in golden/', (name, values) => {
    expect(render(helm, values)).toBe(read(golden(name)));
  });

  const cluster = { podCIDRs: ['10.244.0.0/16'], serviceCIDRs: ['10.96.0.0/16'] };
  const network = { name: 'lan', plugin: { type: 'macvlan' } };

  test.each([
    ['a key that is misspelt', { remvoe: true }, /remvoe/],
    ['a word for a truth', { remove: 'yes' }, /remove.*boolean/],
    ['no image', { image: '' }, /image.*length/i],
    ['networks without the cluster’s CIDRs', { networks: [network] }, /cluster.podCIDRs/],
    ['an address without its length', { cluster: { ...cluster, podCIDRs: ['10.244.0.0'] } }, /cluster.podCIDRs.0/],
    [
      'a prefix that is too long',
      { cluster: { ...cluster, podCIDRs: ['10.244.0.0/33'] } },
      /cluster.podCIDRs: .*33. is not a prefix such as/,
    ],
    [
      'a prefix that is too long',
      { cluster: { ...cluster, serviceCIDRs: ['fd00::/129'] } },
      /cluster.serviceCIDRs: .*129. is not/,
    ],
    ['a network without a plugin', { cluster, networks: [{ name: 'lan' }] }, /networks.0.*plugin/],
    [
      'a name that Kubernetes refuses',
      { cluster, networks: [{ ...network, name: 'LAN' }] },
      /networks.0.name.*pattern/,
    ],
    ['CIDRs that are no list', { cluster: { ...cluster, podCIDRs: '10.244.0.0/16' } }, /cluster.podCIDRs.*array/],
    ['CIDRs for all networks, but none', { cluster: { ...cluster, podCIDRs: [] }, networks: [network] }, /podCIDRs/],
    ['networks that are no list', { cluster, networks: { lan: network } }, /networks.*array/],
    ['a network that is veth’s own', { cluster, networks: [{ name: 'lan', plugin: { type: 'veth' } }] }, /plugin.type/],
    [
      'a prefix of veth’s that is none',
      { cluster, networks: [{ ...network, namespace: 'net', veth: { additional_cidr: ['10.0.0.0/40'] } }] },
      /networks: net.lan: veth.additional_cidr: .*40. is not a prefix/,
    ],
    [
      'a prefix of veth’s without its length',
      { cluster, networks: [{ ...network, veth: { additional_cidr: ['10.0.0.0'] } }] },
      /networks.0.veth.additional_cidr.0.*pattern/,
    ],
    ['an image with blanks', { image: 'veth 1.0' }, /image.*pattern/],
    ['a policy that there is not', { imagePullPolicy: 'Sometimes' }, /imagePullPolicy.*Always/],
    ['secrets by their names alone', { imagePullSecrets: ['registry'] }, /imagePullSecrets.0.*object/],
    ['a word of no quotation for a label', { nodeSelector: { lan: true } }, /nodeSelector.lan.*string/],
    ['tolerations that are no list', { tolerations: { operator: 'Exists' } }, /tolerations.*array/],
    ['resources that are misspelt', { resources: { limit: { cpu: 1 } } }, /resources.*limit/],
    [
      'a label that the DaemonSet goes by',
      { labels: { 'app.kubernetes.io/name': 'x' } },
      /labels.*app[.]kubernetes[.]io(~1|[/])name/,
    ],
    ['two networks by one name', { cluster, networks: [network, network] }, /two with the name "lan" in the namespace/],
    [
      'a key of veth that is misspelt',
      { cluster, networks: [{ ...network, veth: { mut: 1 } }] },
      /networks.0.veth.*mut/,
    ],
    ['a value that veth refuses', { cluster, networks: [{ ...network, veth: { mtu: 1 } }] }, /networks.0.veth.mtu.*68/],
    ['the CIDRs in another place', { cluster, networks: [{ ...network, veth: { cluster_cidr: [] } }] }, /cluster_cidr/],
    ['a directory that depends on where one is', { binDir: 'opt/cni/bin' }, /binDir.*pattern/],
    ['the root of the node', { binDir: '//' }, /binDir.*pattern/],
    ['a directory by a way that the API refuses', { binDir: '/opt/../cni' }, /binDir.*not/],
    ['a directory in two lines', { binDir: '/opt/cni\n/bin' }, /binDir.*pattern/],
    ['a period that is a text', { reconcile: { periodSeconds: '60' } }, /reconcile.periodSeconds.*integer/],
    ['a period of more than a day', { reconcile: { periodSeconds: 86_401 } }, /reconcile.periodSeconds.*86/],
    ['no list of networks', { networks: null }, /^(?!.*podCIDRs).*networks/s],
  ])('refuses %s, and says where', (_, values, message) => {
    expect(() => render(helm, values)).toThrow(message);
  });

  test('takes a name that YAML would take for something else', () => {
    const [daemonset, network] = objectsIn(
      render(helm, {
        priorityClassName: 'on',
        annotations: { when: '2026-01-01' },
        cluster,
        networks: [{ name: '1', namespace: 'true', resourceName: '1/2', plugin: { type: 'sriov' } }],
      }),
    ) as unknown as [DaemonSet, { metadata: object }];
    expect(daemonset.spec?.template.spec?.priorityClassName).toBe('on');
    expect(daemonset.metadata?.annotations).toEqual({ when: '2026-01-01' });
    expect(network.metadata).toMatchObject({
      name: '1',
      namespace: 'true',
      annotations: { 'k8s.v1.cni.cncf.io/resourceName': '1/2' },
    });
  });

  test.each(['/opt/cni/bin/', '/usr/lib/..data/cni'])('takes the directory %s', binDir => {
    expect(render(helm, { binDir })).toContain(`path: "${binDir}"`);
  });

  test('takes networks by one name in two namespaces', () => {
    const networks = ['one', 'other'].map(namespace => ({ ...network, namespace }));
    expect(networksIn(render(helm, { cluster, networks })).length).toBe(2);
  });
});

describe('a prefix', () => {
  const taken = (podCIDRs: readonly string[]) => render(newest, { cluster: { podCIDRs, serviceCIDRs: [] } });

  test('is taken however it may be written', () => {
    const written = fc.oneof(
      fc.tuple(fc.ipV4(), fc.nat(32)),
      // CIDRs with an IPv4 address as last groups are not used for clusters.
      fc.tuple(
        fc.ipV6().filter(text => !text.includes('.')),
        fc.nat(128),
      ),
    );
    const sample = fc.sample(written, { numRuns: 1000, seed: 1 }).map(parts => parts.join('/'));
    const prefixes = [...sample, '::/0', '1::/16', '::1/128', '1:2:3:4:5:6:7::/112', '::2:3:4:5:6:7:8/128'];
    // For these keys the plugin accepts any valid prefix, even if it cannot be reached through a node.
    expect(configSchema['~standard'].validate({ node_addresses: { exclude: prefixes } })).toHaveProperty('value');
    expect(() => taken(prefixes)).not.toThrow();
  });

  test.each([
    ...[
      '10.244.0.256/16',
      '10.244.0/16',
      '10.244.0.0.0/16',
      '010.244.0.0/16',
      '10.244.0.0/33',
      '10.244.0.0/08',
      '10.244/16',
    ],
    ...[
      'fd00::1::/64',
      'fd00:/64',
      ':fd00::/64',
      'fd00:::/64',
      '1:2:3:4::5:6:7:8/64',
      '1:2:3:4:5:6:7/64',
      'fd000::/64',
    ],
    ...['fd00/64', '1:2:3:4:5:6:7:8:9/64', 'fd00::/129', '::ffff:10.0.0/104', 'a.b.c.d/8'],
  ])('is none to the plugin, and to Helm: %s', text => {
    expect(configSchema['~standard'].validate({ cluster_cidr: [text] })).toHaveProperty('issues');
    expect(() => taken([text])).toThrow(`cluster.podCIDRs: "${text}" is not a prefix such as 10.244.0.0/16`);
  });
});

test('Helm says what to do next, after an installation and before the last of it goes', () => {
  const notes = (values: object) =>
    runHelm(newest, ['install', 'lan-access', chart, '--namespace=net', '--dry-run=client'], values).stdout.split(
      'NOTES:',
    )[1];
  expect(notes({})).toContain('kubectl --namespace net rollout status daemonset/veth');
  expect(notes({})).not.toContain('annotation');
  expect(notes(examples.get('two-nics')!)).toMatch(/^ {2}net\/lan\n {2}net\/storage$/m);
  expect(notes({ remove: true })).toContain('helm uninstall --namespace net lan-access');
});

test('nothing reconciles pods where the plugin is removed', () => {
  const reconcile = { periodSeconds: 60 };
  expect(render(newest, { reconcile })).toContain('args: [reconcile, --every, "60"]');
  expect(render(newest, { reconcile, remove: true })).not.toContain('args: [reconcile');
});

test('values.schema.json is as it is made: after a change run "npm run manifests -w tools"', () => {
  expect(read(schemaFile)).toBe(schemaText());
});

test('the chart has the version of the executable', () => {
  const { version } = JSON.parse(read(join(chart, '../../apps/veth/package.json'))) as { version: string };
  expect(parse(read(join(chart, 'Chart.yaml')))).toMatchObject({ version, appVersion: version });
});

const manifests = [...examples.keys()].map(golden).concat(daemonset);

describe('the API', () => {
  const first = (text: string) => objectsIn(text)[0] as unknown as DaemonSet;

  test.each(manifests)('takes the DaemonSet in %s, all of it', file => {
    const object = first(read(file));
    expect(() => new DaemonSet(object).validate()).not.toThrow();
    expect(unreadBy(validateDaemonSet, object)).toEqual([]);
  });

  test.each([
    ['mountPath:', 'mount:', /mountPath/],
    ['hostNetwork: true', 'hostNetwork: "yes"', /hostNetwork must be boolean/],
    ['cpu: 10m', 'cpu: ten', /requests\/cpu/],
    ['drop: [ALL]', 'drop: ALL', /drop must be array/],
    ['apps/v1', 'apps/v1beta1', /apiVersion/],
  ])('would not take it with %s as %s', (right, wrong, message) => {
    const object = first(read(daemonset).replace(right, wrong));
    expect(() => new DaemonSet(object).validate()).toThrow(message);
  });

  test('would drop a word that is misspelt', () => {
    const object = first(read(daemonset).replace('resources:', 'resorces:').replace('tolerations:', 'toleration:'));
    expect(unreadBy(validateDaemonSet, object)).toEqual(
      expect.arrayContaining(['/spec/template/spec/toleration', '/spec/template/spec/containers/0/resorces']),
    );
  });

  test.each(manifests)(
    'would take no DaemonSet that did not choose its own pods, or mounted a volume that there is not: %s',
    file => {
      const { selector, template } = first(read(file)).spec!;
      expect(template.metadata!.labels).toMatchObject(selector.matchLabels!);
      const { containers, volumes = [] } = template.spec!;
      const mounted = new Set(containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name)));
      expect([...mounted]).toEqual(volumes.map(({ name }) => name));
    },
  );
});

test('every object has a name of its own, and the networks go by theirs', () => {
  for (const file of manifests) {
    const names = objectsIn(read(file)).map(({ metadata }) => metadata.name);
    expect(read(file)).not.toContain('<no value>');
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
