// Any library that implements https://standardschema.dev can validate a plugin's keys. These tests use three of them, and
// one that does not implement it.
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import { type Static, type TSchema, Type } from 'typebox';
import { Default, Errors } from 'typebox/value';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import { definePlugin, ErrorCode, type StandardSchema } from '../src/index.ts';
import { invoke } from '../src/testing/index.ts';

const base = { name: 'limited', version: '1', del() {} };

/** Makes a Standard Schema from a TypeBox schema, which is JSON Schema. */
function standard<T extends TSchema>(schema: T): StandardSchema<Static<T>> {
  return {
    '~standard': {
      version: 1,
      vendor: 'typebox',
      validate(given) {
        const value = Default(schema, given);
        const issues = Errors(schema, value).map(({ instancePath, message, params }) => ({
          message: `${message} ${JSON.stringify(params)}`,
          path: instancePath.split('/').slice(1),
        }));
        return issues.length > 0 ? { issues } : { value: value as Static<T> };
      },
      jsonSchema: { input: () => schema },
    },
  };
}

const schemas = {
  zod: {
    conf: z.strictObject({
      mtu: z.int().min(68).default(1500),
      mode: z.enum(['bridge', 'private']).optional(),
      ports: z.array(z.strictObject({ host: z.int() })).optional(),
    }),
    args: z.object({ PORT: z.string().transform(Number).optional() }),
  },
  valibot: {
    conf: toStandardJsonSchema(
      v.strictObject({
        mtu: v.optional(v.pipe(v.number(), v.integer(), v.minValue(68)), 1500),
        mode: v.optional(v.picklist(['bridge', 'private'])),
        ports: v.optional(v.array(v.strictObject({ host: v.pipe(v.number(), v.integer()) }))),
      }),
    ),
    args: v.object({ PORT: v.optional(v.pipe(v.string(), v.transform(Number))) }),
  },
  arktype: {
    conf: type({
      '+': 'reject',
      mtu: 'number.integer >= 68 = 1500',
      'mode?': "'bridge' | 'private'",
      'ports?': type({ host: 'number.integer' }).array(),
    }),
    args: type({ 'PORT?': 'string.numeric.parse' }),
  },
  typebox: {
    conf: standard(
      Type.Object(
        {
          mtu: Type.Integer({ minimum: 68, default: 1500 }),
          mode: Type.Optional(Type.Union([Type.Literal('bridge'), Type.Literal('private')])),
          ports: Type.Optional(Type.Array(Type.Object({ host: Type.Integer() }))),
        },
        { additionalProperties: false },
      ),
    ),
    args: standard(Type.Object({ PORT: Type.Optional(Type.String()) })),
  },
};

const seen: object[] = [];

const plugins = {
  zod: definePlugin({
    ...base,
    ...schemas.zod,
    add({ conf, args }) {
      expectTypeOf(conf.mtu).toEqualTypeOf<number>();
      expectTypeOf(conf.mode).toEqualTypeOf<'bridge' | 'private' | undefined>();
      expectTypeOf(args.PORT).toEqualTypeOf<number | undefined>();
      seen.push({ mtu: conf.mtu, port: args.PORT, name: conf.name });
      return {};
    },
  }),
  valibot: definePlugin({
    ...base,
    ...schemas.valibot,
    add({ conf, args }) {
      expectTypeOf(conf.mtu).toEqualTypeOf<number>();
      expectTypeOf(conf.mode).toEqualTypeOf<'bridge' | 'private' | undefined>();
      expectTypeOf(args.PORT).toEqualTypeOf<number | undefined>();
      seen.push({ mtu: conf.mtu, port: args.PORT, name: conf.name });
      return {};
    },
  }),
  arktype: definePlugin({
    ...base,
    ...schemas.arktype,
    add({ conf, args }) {
      expectTypeOf(conf.mtu).toEqualTypeOf<number>();
      expectTypeOf(conf.mode).toEqualTypeOf<'bridge' | 'private' | undefined>();
      expectTypeOf(args.PORT).toEqualTypeOf<number | undefined>();
      seen.push({ mtu: conf.mtu, port: args.PORT, name: conf.name });
      return {};
    },
  }),
  typebox: definePlugin({
    ...base,
    ...schemas.typebox,
    add({ conf, args }) {
      expectTypeOf(conf.mtu).toEqualTypeOf<number>();
      expectTypeOf(conf.mode).toEqualTypeOf<'bridge' | 'private' | undefined>();
      expectTypeOf(args.PORT).toEqualTypeOf<string | undefined>();
      seen.push({ mtu: conf.mtu, port: Number(args.PORT), name: conf.name });
      return {};
    },
  }),
};

describe.each(Object.entries(plugins))('a plugin whose schema is of %s', (library, plugin) => {
  it('C108 sees its own keys, with defaults, beside those of the SPEC', async () => {
    seen.length = 0;
    const conf = { capabilities: { mac: true }, dns: {}, ipMasq: true };
    const { error } = await invoke(plugin, 'ADD', { conf, args: 'PORT=80', runtimeConfig: { mac: '' } });
    expect(error).toBeUndefined();
    expect(seen).toEqual([{ mtu: 1500, port: 80, name: 'network' }]);
  });

  it('C109 refuses another value with error 7, which names the key', async () => {
    const { error } = await invoke(plugin, 'ADD', { conf: { mtu: 'large' } });
    expect(error).toMatchObject({ code: ErrorCode.InvalidNetworkConfig });
    expect(error?.msg).toMatch(/^network configuration: mtu(: | must)/);
  });

  it('C109 names the way to a key that lies deeper, once', async () => {
    const { error } = await invoke(plugin, 'ADD', { conf: { ports: [{ host: 80 }, { host: 'http' }] } });
    // A JSON Pointer does not distinguish an index from a key.
    const way = library === 'typebox' ? 'ports.1.host' : 'ports[1].host';
    expect(error?.msg.split(way)).toEqual(['network configuration: ', expect.stringMatching(/^(:| must be) /)]);
  });

  it('C109 refuses a key that it does not know, by name', async () => {
    const { error } = await invoke(plugin, 'ADD', { conf: { mut: 1500 } });
    expect(error).toMatchObject({ code: ErrorCode.InvalidNetworkConfig, msg: expect.stringContaining('mut') });
  });

  it('exports its JSON Schema', () => {
    expect(plugin.jsonSchema).toMatchObject({
      type: 'object',
      additionalProperties: false,
      properties: { mtu: { type: 'integer', minimum: 68 } },
    });
  });
});

describe('a schema that is asynchronous', () => {
  const known = (name: string) => Promise.resolve(name === 'eth0');
  const libraries = {
    zod: z.object({ master: z.string().refine(known, 'there is no such interface') }),
    valibot: v.objectAsync({ master: v.pipeAsync(v.string(), v.checkAsync(known, 'there is no such interface')) }),
  };

  it.each(Object.entries(libraries))('C109 is waited for: %s', async (_library, conf) => {
    const plugin = definePlugin({ ...base, conf, add: ({ conf }) => ({ interfaces: [{ name: conf.master }] }) });
    const { result } = await invoke(plugin, 'ADD', { conf: { master: 'eth0' } });
    expect(result).toMatchObject({ interfaces: [{ name: 'eth0' }] });
    const { error } = await invoke(plugin, 'ADD', { conf: { master: 'eth1' } });
    expect(error).toMatchObject({ code: 7, msg: 'network configuration: master: there is no such interface' });
  });

  it('C109 answers with what it fails of', async () => {
    const fail = () => Promise.reject(new Error('the kernel does not answer'));
    const conf = v.objectAsync({ master: v.pipeAsync(v.string(), v.checkAsync(fail)) });
    const { error } = await invoke(definePlugin({ ...base, conf, add: () => ({}) }), 'ADD', { conf: { master: '' } });
    expect(error).toMatchObject({ code: 999, msg: 'the kernel does not answer' });
  });
});

describe('a plugin whose library exports no JSON Schema', () => {
  it('has none', () => {
    const conf = v.object({ mtu: v.number() });
    expect(definePlugin({ ...base, conf, add: () => ({}) }).jsonSchema).toBeUndefined();
  });
});
