// Whatever the input is, the plugin answers exactly once, with a result or an error as JSON, and never hangs.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seed } from '../../../tools/test/seed.ts';
import { allVersions, definePlugin, type StandardSchema } from '../src/index.ts';

console.log(`fuzz seed ${seed}`);

const anything: StandardSchema<object> = {
  '~standard': { version: 1, vendor: 'test', validate: value => ({ value: value as object }) },
};
const definition = { name: 'fuzzed', version: '1', conf: anything, del: () => {}, check: () => {}, status: () => {} };
const add = async () => ({ ips: [{ address: '10.0.0.2/24' }] });
const plugins = [
  definePlugin({ ...definition, add, gc: ({ isValid }) => void isValid({ containerID: 'c', ifName: 'e' }) }),
  definePlugin({ ...definition, kind: 'chained', add: ({ prevResult }) => prevResult }),
  definePlugin({ ...definition, kind: 'chained', args: anything, add: () => {} }),
  definePlugin({ ...definition, kind: 'ipam', add }),
];

const commands = ['ADD', 'DEL', 'CHECK', 'GC', 'STATUS', 'VERSION', 'NOPE', ''];
const valid = {
  CNI_CONTAINERID: 'container',
  CNI_NETNS: '/run/netns/none',
  CNI_IFNAME: 'eth0',
  CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAME=web',
  CNI_PATH: '/opt/cni/bin',
  CNI_NETNS_OVERRIDE: '',
};

const text = fc.string({ unit: 'binary', maxLength: 30 });

/** Mostly usual values: otherwise few cases would get past the first error. */
const mostly = (usual: fc.Arbitrary<unknown>, other: fc.Arbitrary<unknown>) =>
  fc.oneof({ arbitrary: usual, weight: 9 }, { arbitrary: fc.option(other, { nil: undefined }), weight: 1 });

const environment = fc.record({
  CNI_COMMAND: mostly(fc.constantFrom(...commands), text),
  ...Object.fromEntries(Object.entries(valid).map(([name, value]) => [name, mostly(fc.constant(value), text)])),
}) as fc.Arbitrary<Record<string, string | undefined>>;

/** Any JSON value, including keys that are dangerous in JavaScript. */
const json = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, 0, -1, 1e308, 2 ** 53 + 2, '', '10.0.0.1/24', '::1/64', 'eth0'),
    fc.double(),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom('__proto__', 'constructor', 'name', 'ips', 'address'), text), tie('value'), {
      maxKeys: 4,
    }),
  ),
})).value;

const address = fc.oneof(
  fc.ipV4().chain(ip => fc.integer({ min: 0, max: 33 }).map(length => `${ip}/${length}`)),
  fc.ipV6().chain(ip => fc.integer({ min: 0, max: 129 }).map(length => `${ip}/${length}`)),
);
// GC and STATUS exist in the newest version only.
const cniVersion = mostly(fc.constantFrom<unknown>(...allVersions, undefined, ...Array(8).fill('1.1.0')), json);
const result = fc.record(
  {
    cniVersion: mostly(fc.constant(undefined), cniVersion),
    interfaces: mostly(fc.constant([{ name: 'eth0' }]), json),
    ips: mostly(
      fc.constant([{ address: '10.0.0.2/24', interface: 0 }]),
      fc.array(fc.record({ address, gateway: json })),
    ),
    routes: mostly(fc.array(fc.record({ dst: address })), fc.array(fc.record({ dst: address, mtu: json }))),
    dns: mostly(fc.constant({ nameservers: ['10.0.0.53'] }), json),
    ip4: mostly(fc.constant({ ip: '10.0.0.2/24' }), json),
  },
  { requiredKeys: [] },
);

/** A configuration that is valid, or nearly so. */
const configuration = fc.record({
  cniVersion,
  name: mostly(fc.constant('network'), json),
  type: mostly(fc.constant('fuzzed'), json),
  prevResult: mostly(result, json),
  ipam: mostly(fc.constant({ type: 'fuzzed', own: 1 }), json),
  dns: mostly(fc.constant({ search: ['a'] }), json),
  args: mostly(fc.constant({ cni: { ips: ['10.0.0.2'] } }), json),
  runtimeConfig: mostly(fc.constant({ mac: '02:00:00:00:00:01' }), json),
  'cni.dev/valid-attachments': mostly(fc.constant([{ containerID: 'c', ifname: 'e' }]), json),
  own: json,
});

/** A configuration that every plugin accepts. */
const usable = { cniVersion: '1.1.0', name: 'network', type: 'fuzzed', ipam: { type: 'fuzzed' }, prevResult: {} };

const utf8 = (value: string) => new TextEncoder().encode(value);
const configured = configuration.map(value => utf8(JSON.stringify(value)));
const stdin = fc.oneof(
  { arbitrary: configured, weight: 5 },
  // Truncated or corrupted at some position.
  fc.tuple(configured, fc.nat(), fc.nat(255)).map(([bytes, at, byte]) => {
    bytes[at % bytes.length] = byte;
    return bytes.subarray(0, bytes.length - (byte % 3));
  }),
  json.map(value => utf8(JSON.stringify(value))),
  text.map(utf8),
  fc.uint8Array({ maxLength: 200 }),
);

/** Runs the plugin, and checks what must be true for every answer. */
async function answer(plugin: (typeof plugins)[number], env: Record<string, string | undefined>, input: Uint8Array) {
  const written: string[] = [];
  const outcome = await plugin.invoke({ env, stdin: input, stdout: value => written.push(value) });
  expect(written.length).toBeLessThanOrEqual(1);
  expect(outcome.stdout).toBe(written.join(''));
  expect(outcome.exitCode).toBe(outcome.error ? 1 : 0);
  if (outcome.error) {
    const error = JSON.parse(outcome.stdout);
    expect(error).toEqual({ cniVersion: expect.any(String), ...outcome.error.toJSON() });
    expect(Number.isSafeInteger(error.code) && error.code >= 0).toBe(true);
  } else if (outcome.stdout) {
    expect(JSON.parse(outcome.stdout)).toMatchObject({ cniVersion: expect.any(String) });
  }
  return outcome;
}

describe('a plugin', () => {
  it('C45 C54 answers once, and in JSON, whatever the environment and standard input', async () => {
    const answered = new Map<string, number>();
    const property = fc.asyncProperty(fc.constantFrom(...plugins), environment, stdin, async (plugin, env, input) => {
      const { exitCode } = await answer(plugin, env, input);
      const what = `${env['CNI_COMMAND']} ${exitCode === 0 ? 'succeeds' : 'fails'}`;
      answered.set(what, (answered.get(what) ?? 0) + 1);
    });
    await fc.assert(property, { numRuns: 10_000 });
    // If all cases ended in errors, the test would not have tested much.
    for (const command of ['ADD', 'DEL', 'CHECK', 'GC', 'STATUS'])
      for (const outcome of ['succeeds', 'fails'])
        expect(answered.get(`${command} ${outcome}`), `${command} ${outcome}`).toBeGreaterThan(50);
  });

  it('C39 answers ADD with the version of any configuration that it accepts', async () => {
    const env = { ...valid, CNI_COMMAND: 'ADD' };
    let accepted = 0;
    const property = fc.asyncProperty(fc.constantFrom(...plugins), configuration, async (plugin, conf) => {
      const sent = JSON.stringify(conf);
      const { result } = await answer(plugin, env, utf8(sent));
      if (!result) return;
      accepted++;
      expect(result.cniVersion).toBe(JSON.parse(sent).cniVersion || '0.1.0');
    });
    await fc.assert(property, { numRuns: 2000 });
    expect(accepted).toBeGreaterThan(500);
  });

  it.each(['CNI_COMMAND', ...Object.keys(valid)])('C45 C54 answers once whatever %s holds', async name => {
    // execve(2) accepts at most 128 KiB per string.
    const hostile = [
      '__proto__',
      '__proto__=1;constructor=2;IgnoreUnknown=1',
      '\ud800',
      '\0',
      '\u2028=\u2029',
      'K=V;'.repeat(2 ** 15),
      '/'.repeat(2 ** 17),
      '[{"a":'.repeat(2 ** 14),
      '9'.repeat(2 ** 17),
    ];
    const stdin = utf8(JSON.stringify(usable));
    for (const plugin of plugins) {
      expect(await answer(plugin, { ...valid, CNI_COMMAND: 'ADD' }, stdin)).toMatchObject({ exitCode: 0 });
      for (const value of hostile) {
        for (const CNI_COMMAND of ['ADD', 'DEL', 'GC'])
          await answer(plugin, { ...valid, CNI_COMMAND, [name]: value }, stdin);
      }
    }
  });

  const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  it.each([
    ['a hundred thousand arrays in each other', utf8(`{"name":"n","prevResult":${deep(100_000)}}`)],
    [
      'a hundred thousand objects in each other',
      utf8(`{"name":"n","own":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_001)}`),
    ],
    ['an unfinished million of them', utf8('['.repeat(1_000_000))],
    ['a huge number', utf8(`{"name":"n","cniVersion":"1.1.0","own":${'9'.repeat(100_000)}}`)],
    ['16 MiB of zeros', new Uint8Array(16 * 1024 * 1024)],
    ['16 MiB of text', utf8(`{"name":"n","own":"${'x'.repeat(16 * 1024 * 1024)}"}`)],
  ])('C54 answers to %s', async (_what, input) => {
    for (const plugin of plugins) {
      for (const command of ['ADD', 'DEL', 'GC']) await answer(plugin, { ...valid, CNI_COMMAND: command }, input);
    }
  });
});
