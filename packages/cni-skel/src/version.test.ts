import { describe, expect, it } from 'vitest';
import { errorOf } from '../test/error-of.ts';
import { CNIError } from './error.ts';
import {
  allVersions,
  compareVersions,
  currentVersion,
  decodeVersion,
  parseVersion,
  requireSupported,
  requireSupportedBy,
  versionsStartingFrom,
} from './version.ts';

describe('the versions', () => {
  it('C28 are the seven of the SPEC, oldest first', () => {
    expect(allVersions).toEqual(['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0']);
    expect(currentVersion).toBe('1.1.0');
  });

  it('C37 can be cut off below one', () => {
    expect(versionsStartingFrom('0.3.1')).toEqual(['0.3.1', '0.4.0', '1.0.0', '1.1.0']);
  });
});

describe('the version of a configuration', () => {
  it('is what it says, whatever that is', () => {
    expect(decodeVersion({ cniVersion: '4.3.2' })).toBe('4.3.2');
  });

  it.each([{}, { cniVersion: '' }, { cniVersion: null }])('C29 is 0.1.0 in %j', conf => {
    expect(decodeVersion(conf)).toBe('0.1.0');
  });

  it.each([1, true, {}, ['1.0.0']])('C22 is no %j', cniVersion => {
    expect(errorOf(() => decodeVersion({ cniVersion }))).toMatchObject({
      code: 6,
      msg: expect.stringMatching(/^decoding version from network config: /),
    });
  });
});

describe('a plugin', () => {
  it('C30 supports a version that equals one of its own as a string', () => {
    expect(() => requireSupported('4.3.2', ['1.2.3', '4.3.2'])).not.toThrow();
    expect(() => requireSupported('1.1', ['1.1.0'])).toThrow(CNIError);
    expect(errorOf(() => requireSupported('abc', ['1.1.0']))).toMatchObject({ code: 1 });
  });

  it('C31 says what it supports', () => {
    expect(errorOf(() => requireSupported('0.1.0', ['1.2.3', '4.3.2']))).toEqual({
      code: 1,
      msg: 'incompatible CNI versions',
      details: 'config is "0.1.0", plugin supports ["1.2.3" "4.3.2"]',
    });
  });

  const rules = [
    { command: 'CHECK', first: '0.4.0', before: '0.3.1' },
    { command: 'GC', first: '1.1.0', before: '1.0.0' },
    { command: 'STATUS', first: '1.1.0', before: '1.0.0' },
  ] as const;

  describe.each(rules)('asked for $command', ({ command, first, before }) => {
    it('C32 C33 C34 accepts a configuration of the version that brought the command', () => {
      expect(() => requireSupportedBy(command, first, allVersions)).not.toThrow();
    });

    it('C32 C33 C34 refuses a configuration older than that', () => {
      expect(errorOf(() => requireSupportedBy(command, before, allVersions))).toEqual({
        code: 1,
        msg: `config version does not allow ${command}`,
      });
    });

    it('C32 C33 C34 refuses if the plugin supports nothing so new', () => {
      expect(errorOf(() => requireSupportedBy(command, first, ['0.1.0', before]))).toEqual({
        code: 1,
        msg: `plugin version does not allow ${command}`,
      });
    });

    it('C32 C33 C34 refuses if the plugin supports only newer ones', () => {
      expect(errorOf(() => requireSupportedBy(command, first, [before, '2.0.0']))).toMatchObject({
        code: 1,
        msg: 'incompatible CNI versions',
      });
    });

    it('C35 cannot decode a configuration of no version', () => {
      expect(errorOf(() => requireSupportedBy(command, 'adsfsadf', allVersions))).toMatchObject({
        code: 6,
        msg: expect.stringMatching(/^failed to convert major version part "adsfsadf": /),
      });
    });

    it('C35 cannot decode an unreadable supported version, unless a match comes first', () => {
      expect(errorOf(() => requireSupportedBy(command, first, [before, 'adsfasdf']))).toMatchObject({ code: 6 });
      expect(() => requireSupportedBy(command, first, [first, 'adsfasdf'])).not.toThrow();
    });
  });
});

describe('a version number', () => {
  it.each([
    ['1.2.3', [1, 2, 3]],
    ['', [0, 1, 0]],
    ['1', [1, 0, 0]],
    ['1.1', [1, 1, 0]],
    ['0.-42.0', [0, -42, 0]],
    ['+1.01.0', [1, 1, 0]],
  ])('C35 %j is %j', (text, parts) => {
    expect(parseVersion(text)).toEqual(parts);
  });

  it.each(['asdfasdf', 'asdf.', '.asdfas', 'asdf.adsf.', '0.', '..', '1.2.3.4.5', '1.0.f', '1 .0', '-', '0x1'])(
    'C35 %j is none',
    text => {
      expect(errorOf(() => parseVersion(text))).toMatchObject({ code: 6 });
    },
  );

  it('C35 with four parts is said to have too many', () => {
    expect(() => parseVersion('1.2.3.4')).toThrow('invalid version "1.2.3.4": too many parts');
  });

  it.each([
    ['1.2.34', '1.2.14'],
    ['2.5.4', '2.4.4'],
    ['1.2.3', '0.2.3'],
    ['0.4.0', '0.3.1'],
    ['0.10.0', '0.9.0'],
  ])('%s is newer than %s', (newer, older) => {
    expect(compareVersions(newer, older)).toBeGreaterThan(0);
    expect(compareVersions(older, newer)).toBeLessThan(0);
    expect(compareVersions(newer, newer)).toBe(0);
  });
});
