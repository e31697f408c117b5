import { describe, expect, it } from 'vitest';
import { errorOf } from '../../test/error-of.ts';
import { chooseVersion, parseConfList } from './conflist.ts';

describe('the version of a list', () => {
  const choose = (versions: object) => chooseVersion({ name: 'n', plugins: [], ...versions });

  it.each([
    [{}, ''],
    [{ cniVersion: '1.2.3' }, '1.2.3'],
    [{ cniVersions: ['0.3.1', '1.0.0', '0.4.0'] }, '1.0.0'],
    [{ cniVersion: '0.4.0', cniVersions: ['0.3.1', '1.1.0', '1.2.0'] }, '1.1.0'],
    [{ cniVersion: '0.4.0', cniVersions: ['0.3.1'] }, '0.4.0'],
    [{ cniVersions: ['1.3.0', '1.2.0'] }, '1.2.0'],
  ])('C28 %j is %j', (versions, chosen) => {
    expect(choose(versions)).toBe(chosen);
  });

  it('C35 must be one', () => {
    expect(errorOf(() => choose({ cniVersion: '1.0.0', cniVersions: ['1.0.f'] }))).toMatchObject({ code: 6 });
  });
});

describe('the JSON of a list', () => {
  it('is read', () => {
    const list = { cniVersion: '1.0.0', name: 'n', plugins: [{ type: 'bridge' }] };
    expect(parseConfList(JSON.stringify(list))).toEqual(list);
  });

  it.each([
    ['[]', 'network configuration list: [] is not an object'],
    ['{"plugins":[]}', 'name: undefined is not a string'],
    ['{"name":"n"}', 'plugins: undefined is not a list'],
    ['{"name":"n","plugins":[{}]}', 'plugins[0].type: undefined is not a string'],
    ['{"name":"n","plugins":[],"cniVersions":"1.0.0"}', 'cniVersions: "1.0.0" is not a list'],
  ])('is refused by key: %s', (json, msg) => {
    expect(errorOf(() => parseConfList(json))).toEqual({ code: 7, msg });
  });
});
