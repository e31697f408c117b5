// Checks that the JSON Schema in docs/ is that of the executable, and that it accepts and refuses what the plugin does.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { jsonSchema } from '../../apps/veth/src/cli/schema/json-schema.ts';
import { notes } from '../../apps/veth/src/cli/schema/notes.ts';
import { configSchema, keys } from '../../apps/veth/src/config/config.ts';
import { root } from './markdown.ts';

const file = 'docs/configuration.schema.json';

test(`${file} is as the executable prints it: run "apps/veth/dist/veth schema > ${file}"`, () => {
  const printed = execFileSync(join(root, 'apps/veth/dist/veth'), ['schema'], { encoding: 'utf8', env: {} });
  expect(readFileSync(join(root, file), 'utf8')).toBe(printed);
});

const schemaAccepts = new Ajv2020({ strict: true, strictRequired: false }).compile(jsonSchema());

function pluginAccepts(config: object): boolean {
  return !('issues' in configSchema['~standard'].validate(config));
}

const parts = Object.entries(keys).flatMap(([key, { schema }]) =>
  Object.keys((schema as { properties?: object }).properties ?? {}).map(part => [key, part] as const),
);

describe('the schema takes a value where the plugin does', () => {
  const values = [
    ...[
      null,
      true,
      false,
      -1,
      0,
      1,
      2,
      3,
      4,
      1.5,
      68,
      1500,
      65_535,
      65_536,
      2 ** 31,
      'debug',
      'verbose',
      '',
      {},
      [],
      [1],
      [['a']],
    ],
    ...[{ bogus: 1 }, '1.5s', '100 ms', '0a:1b', '0a-1b', '0a:1b:2c', ['10.0.0.0/8'], ['fd00::/8', '10.0.0.0/8']],
    ...['0x1', '0x20000000', '0x0080', '0x3', '0x0', '0x100000000', '8'],
  ];
  const wrapped = [
    ...Object.keys(keys).map(key => ({ name: key, wrap: (value: unknown) => ({ [key]: value }) })),
    ...parts.map(([key, part]) => ({
      name: `${key}.${part}`,
      wrap: (value: unknown) => ({ [key]: { [part]: value } }),
    })),
  ];

  test.each(wrapped)('of $name', ({ name, wrap }) => {
    // Requires another key, which the schema of this key alone cannot express.
    const beside = name === 'only_hardware' ? { hardware_prefix: '0a:1b' } : {};
    const configs = values.map(value => ({ ...beside, ...wrap(value) }));
    const verdict = (accepts: (config: object) => boolean) =>
      configs.filter(accepts).map(config => JSON.stringify(config));
    expect(verdict(config => schemaAccepts({ type: 'veth', ...config }))).toEqual(verdict(pluginAccepts));
  });

  test('of an unknown key, which is only a warning', () => {
    expect(schemaAccepts({ type: 'veth', bogus: 1 })).toBe(true);
  });

  test('of another name of a key, but not of both', () => {
    const config = { type: 'veth', overlay_hijack_subnet: ['10.0.0.0/8'] };
    expect(schemaAccepts(config)).toBe(true);
    expect(schemaAccepts({ ...config, cluster_cidr: [] })).toBe(false);
  });
});

describe('what the schema says for people', () => {
  const paths = [...Object.keys(keys), ...parts.map(([key, part]) => `${key}.${part}`)];

  test('tells of every key, and of nothing else', () => {
    expect(Object.keys(notes).toSorted()).toEqual(paths.toSorted());
  });

  const parse = (config: object) => configSchema['~standard'].validate(config);
  const defaults = Object.entries(notes).flatMap(([path, note]) =>
    'default' in note ? [[path, note.default] as const] : [],
  );

  test.each(defaults)('leaving out %s is the same as its default', (path, value) => {
    const [key = '', part] = path.split('.');
    const around = part === 'interval' || part === 'retries' ? { enabled: true } : {};
    const given = { [key]: part ? { ...around, [part]: value } : value };
    const left = part ? { [key]: around } : {};
    expect(parse(given)).toEqual(parse(left));
  });
});
