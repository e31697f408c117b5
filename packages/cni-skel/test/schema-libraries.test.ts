// Any library of https://standardschema.dev validates a plugin's keys; two of them, as their users write.
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import { definePlugin, ErrorCode } from '../src/index.ts';
import { invoke } from '../src/testing/index.ts';

const base = { name: 'limited', version: '1', del() {} };

const schemas = {
  zod: {
    conf: z.strictObject({ mtu: z.int().min(68).default(1500), mode: z.enum(['bridge', 'private']).optional() }),
    args: z.object({ PORT: z.string().transform(Number).optional() }),
  },
  valibot: {
    conf: toStandardJsonSchema(
      v.strictObject({
        mtu: v.optional(v.pipe(v.number(), v.integer(), v.minValue(68)), 1500),
        mode: v.optional(v.picklist(['bridge', 'private'])),
      }),
    ),
    args: v.object({ PORT: v.optional(v.pipe(v.string(), v.transform(Number))) }),
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
};

describe.each(Object.entries(plugins))('a plugin whose schema is of %s', (_library, plugin) => {
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
    expect(error?.msg).toMatch(/^network configuration: mtu: /);
  });

  it('C109 refuses a key that it does not know, by name', async () => {
    const { error } = await invoke(plugin, 'ADD', { conf: { mut: 1500 } });
    expect(error).toMatchObject({ code: ErrorCode.InvalidNetworkConfig, msg: expect.stringContaining('mut') });
  });

  it('exports its JSON Schema', () => {
    expect(plugin.jsonSchema).toMatchObject({
      type: 'object',
      additionalProperties: false,
      properties: {
        mtu: { type: 'integer', minimum: 68, default: 1500 },
        mode: { enum: ['bridge', 'private'] },
      },
    });
  });
});

describe('a plugin whose library exports no JSON Schema', () => {
  it('has none', () => {
    const conf = v.object({ mtu: v.number() });
    expect(definePlugin({ ...base, conf, add: () => ({}) }).jsonSchema).toBeUndefined();
  });
});
