import { describe, expect, it } from 'vitest';
import { errorOf } from '../test/error-of.ts';
import { readEnvironment, validateContainerID, validateInterfaceName, validateNetworkName } from './environment.ts';

const complete = {
  CNI_COMMAND: 'ADD',
  CNI_CONTAINERID: 'some-container-id',
  CNI_NETNS: '/some/netns/path',
  CNI_IFNAME: 'eth0',
  CNI_ARGS: 'some;extra;args',
  CNI_PATH: '/some/cni/path',
};

describe('the environment', () => {
  it('C2 becomes the fields of CmdArgs, absent ones empty', () => {
    expect(readEnvironment(complete)).toEqual({
      command: 'ADD',
      containerID: 'some-container-id',
      netns: '/some/netns/path',
      ifName: 'eth0',
      args: 'some;extra;args',
      path: '/some/cni/path',
      netnsOverride: '',
    });
  });

  it('C2 takes an empty variable for a missing one', () => {
    expect(errorOf(() => readEnvironment({ ...complete, CNI_IFNAME: '' }))).toEqual({
      code: 4,
      msg: 'required env variables [CNI_IFNAME] missing',
    });
  });

  const required: Readonly<Record<string, readonly string[]>> = {
    ADD: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'],
    CHECK: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'],
    DEL: ['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_PATH'],
    GC: ['CNI_PATH'],
    STATUS: ['CNI_PATH'],
    VERSION: [],
    NOPE: [],
  };

  describe.each(Object.entries(required))('of %s', (command, names) => {
    const others = Object.keys(complete).filter(name => name !== 'CNI_COMMAND' && !names.includes(name));

    it.each(names)('C3 requires %s', name => {
      expect(errorOf(() => readEnvironment({ ...complete, CNI_COMMAND: command, [name]: undefined }))).toEqual({
        code: 4,
        msg: `required env variables [${name}] missing`,
      });
    });

    it.each(others)('C3 can do without %s', name => {
      const env = { ...complete, CNI_COMMAND: command, [name]: undefined };
      expect(readEnvironment(env).command).toBe(command);
    });
  });

  it.each(['ADD', 'CHECK'])('C4 names every variable that %s misses, in order', command => {
    expect(errorOf(() => readEnvironment({ CNI_COMMAND: command, CNI_CONTAINERID: 'x' }))).toEqual({
      code: 4,
      msg: 'required env variables [CNI_NETNS,CNI_IFNAME,CNI_PATH] missing',
    });
  });

  it('C5 without a command asks for nothing else', () => {
    expect(readEnvironment({}).command).toBe('');
  });

  it('C8 reports the first invalid variable, even if others are missing', () => {
    const env = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'x', CNI_IFNAME: '.' };
    expect(errorOf(() => readEnvironment(env))).toEqual({ code: 4, msg: 'interface name is . or ..' });
    expect(errorOf(() => readEnvironment({ ...env, CNI_CONTAINERID: '%' }))).toMatchObject({
      msg: 'invalid characters in containerID',
    });
  });

  it.each(['GC', 'STATUS', 'VERSION'])('C8 does not look at what %s has no use for', command => {
    const env = { ...complete, CNI_COMMAND: command, CNI_CONTAINERID: '%', CNI_IFNAME: '.' };
    expect(readEnvironment(env)).toMatchObject({ containerID: '%', ifName: '.' });
  });
});

describe('a container ID', () => {
  it.each(['a51debf7e1eb', 'some-container-id', 'A', '0_.-', 'x'.repeat(300)])('C14 may be %s', containerID => {
    expect(() => validateContainerID(containerID)).not.toThrow();
  });

  it.each(['1234%%%', 'some-%%container-id', '-a', '.a', '_a', 'a b', 'a/b', 'é', 'a;b'])('C14 may not be %s', id => {
    expect(errorOf(() => validateContainerID(id))).toEqual({
      code: 4,
      msg: 'invalid characters in containerID',
      details: id,
    });
  });

  it('C14 may not be empty', () => {
    expect(errorOf(() => validateContainerID(''))).toEqual({ code: 3, msg: 'missing containerID' });
  });

  it('C16 may not end in a newline', () => {
    expect(() => validateContainerID('a\n')).toThrow('invalid characters');
  });
});

describe('a network name', () => {
  it.each(['eth0', 'a.b-c_d', '9'])('C15 may be %s', name => {
    expect(() => validateNetworkName(name)).not.toThrow();
  });

  it.each(['1234%%%', 'te%%st', ' a', 'a\n'])('C15 C16 may not be %j', name => {
    expect(errorOf(() => validateNetworkName(name))).toEqual({
      code: 7,
      msg: 'invalid characters found in network name',
      details: name,
    });
  });

  it('C15 may not be empty', () => {
    expect(errorOf(() => validateNetworkName(''))).toEqual({ code: 7, msg: 'missing network name' });
  });
});

describe('an interface name', () => {
  it.each(['testname', '...', 'fifteen-letters', 'ééééééé', '😀😀😀abc', 'a%d', 'a\ufeffb', 'a\u0000b'])(
    'C17 may be %j',
    name => {
      expect(() => validateInterfaceName(name)).not.toThrow();
    },
  );

  it.each(['testnamemorethan16', 'sixteen-letters-', 'éééééééé', '😀😀😀😀'])(
    'C17 may not be longer than 15 bytes: %s',
    name => {
      expect(errorOf(() => validateInterfaceName(name))).toEqual({
        code: 4,
        msg: 'interface name is too long',
        details: 'interface name should be less than 16 characters',
      });
    },
  );

  it('C17 may not be empty', () => {
    expect(errorOf(() => validateInterfaceName(''))).toEqual({ code: 4, msg: 'interface name is empty' });
  });

  it.each(['.', '..'])('C18 may not be %s', name => {
    expect(errorOf(() => validateInterfaceName(name))).toEqual({ code: 4, msg: 'interface name is . or ..' });
  });

  const whiteSpace = [
    [0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680],
    Array.from({ length: 11 }, (_, index) => 0x2000 + index),
    [0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
  ].flat();
  const forbidden = ['/', ':', ...whiteSpace.map(code => String.fromCharCode(code))];

  it.each(forbidden.map(one => `a${one}b`))('C19 may not be %j', name => {
    expect(errorOf(() => validateInterfaceName(name))).toEqual({
      code: 4,
      msg: 'interface name contains / or : or whitespace characters',
    });
  });
});
