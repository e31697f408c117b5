import { describe, expect, it } from 'vitest';
import { parseArgs, wellKnownArgs } from './args.ts';
import { CNIError } from './error.ts';
import type { StandardSchema } from './schema.ts';

/** Accepts IP, and PORT as a number. */
const schema: StandardSchema<{ IP?: string; PORT?: number }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate(value) {
      const { IP, PORT } = value as { IP?: string; PORT?: string };
      if (PORT !== undefined && !Number(PORT)) return { issues: [{ message: `${PORT} is no port`, path: ['PORT'] }] };
      return { value: { ...(IP !== undefined && { IP }), ...(PORT && { PORT: Number(PORT) }) } };
    },
  },
};

const errorOf = async (text: string) => CNIError.from(await parseArgs(text, schema).catch(error => error)).toJSON();

describe('CNI_ARGS', () => {
  it.each([
    ['', {}],
    ['IP=10.0.0.0', { IP: '10.0.0.0' }],
    ['IP=', { IP: '' }],
    ['IP=a;PORT=80', { IP: 'a', PORT: 80 }],
    ['IP=a;IP=b', { IP: 'b' }],
    ['IP= a ', { IP: ' a ' }],
  ])('C99 %j is %j', async (text, args) => {
    expect(await parseArgs(text, schema)).toEqual(args);
  });

  it.each(['IP=a=b', 'IP', 'some;extra;args', '=a=', ';'])('C99 %j has an invalid pair', async text => {
    expect(await errorOf(text)).toMatchObject({ code: 4, msg: expect.stringMatching(/^ARGS: invalid pair "/) });
  });

  it('C99 may not end in a semicolon', async () => {
    expect(await errorOf('IP=a;')).toEqual({ code: 4, msg: 'ARGS: invalid pair ""' });
  });

  it('C100 may not have keys that the plugin does not know', async () => {
    expect(await errorOf('X=1;IP=a;Y=2;ip=b')).toEqual({ code: 4, msg: 'ARGS: unknown args ["X=1" "Y=2" "ip=b"]' });
  });

  it.each(['1', 'true', 'True', 'TRUE'])('C100 may have them with IgnoreUnknown=%s', async value => {
    expect(await parseArgs(`Unk=nown;IgnoreUnknown=${value};IP=a`, schema)).toEqual({ IP: 'a' });
  });

  it.each(['0', 'false', 'False'])('C100 may not have them with IgnoreUnknown=%s', async value => {
    expect(await errorOf(`IgnoreUnknown=${value};Unk=nown`)).toEqual({
      code: 4,
      msg: 'ARGS: unknown args ["Unk=nown"]',
    });
  });

  it('C100 may have IgnoreUnknown alone', async () => {
    expect(await parseArgs('IgnoreUnknown=1', schema)).toEqual({});
  });

  it.each(['yes', ''])('C100 may not have IgnoreUnknown=%s', async value => {
    expect(await errorOf(`IgnoreUnknown=${value}`)).toEqual({
      code: 4,
      msg: `ARGS: error parsing value of pair "IgnoreUnknown=${value}": boolean unmarshal error: invalid input ${value}`,
    });
  });

  it('C101 with a value that the schema refuses is error 4', async () => {
    expect(await errorOf('PORT=x')).toEqual({ code: 4, msg: 'ARGS: PORT: x is no port' });
  });

  it('C101 reports what is wrong first, whatever it is', async () => {
    expect(await errorOf('IgnoreUnknown=yes;bad')).toMatchObject({ msg: expect.stringContaining('IgnoreUnknown=yes') });
    expect(await errorOf('bad;IgnoreUnknown=yes')).toEqual({ code: 4, msg: 'ARGS: invalid pair "bad"' });
  });

  it('C101 reports an invalid pair before unknown keys', async () => {
    expect(await errorOf('X=1;bad')).toEqual({ code: 4, msg: 'ARGS: invalid pair "bad"' });
  });
});

describe('CNI_ARGS of a plugin that expects nothing', () => {
  it('C102 are read for what Kubernetes sends', () => {
    const text =
      'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;K8S_POD_INFRA_CONTAINER_ID=abc;K8S_POD_UID=1-2;IP=10.0.0.9';
    expect(wellKnownArgs(text)).toEqual({
      K8S_POD_NAMESPACE: 'default',
      K8S_POD_NAME: 'web',
      K8S_POD_INFRA_CONTAINER_ID: 'abc',
      K8S_POD_UID: '1-2',
      IP: '10.0.0.9',
    });
  });

  it('C99 are read as they are, white space and all', () => {
    expect(wellKnownArgs('IP= 10.0.0.9 ; K8S_POD_UID=1')).toEqual({ IP: ' 10.0.0.9 ' });
  });

  it.each(['some;extra;args', 'a=b=c', ';', 'Unk=nown', 'IP=a=b', '__proto__=x', ''])(
    'C103 cannot be wrong: %j',
    text => {
      expect(wellKnownArgs(text)).toEqual({});
    },
  );
});
