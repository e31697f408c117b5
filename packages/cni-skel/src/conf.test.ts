import { describe, expect, it } from 'vitest';
import { errorOf } from '../test/error-of.ts';
import { ownKeys, parseConf, pluginConf, runtimeConfig, validAttachments } from './conf.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('the configuration on standard input', () => {
  it('C21 is one JSON object, with white space around it', () => {
    expect(parseConf(bytes(' {"name":"n"} \n'))).toEqual({ name: 'n' });
  });

  it.each([
    '',
    ' ',
    '{',
    '{{{',
    '{"name":"n"} x',
    '{"name":"n"}{}',
    '[]',
    '1',
    '"n"',
    '{"name":"n"/**/}',
    '\ufeff{"name":"n"}',
  ])('C21 is not %j', text => {
    expect(errorOf(() => parseConf(bytes(text)))).toMatchObject({
      code: 6,
      msg: expect.stringMatching(/^error unmarshall network config: ./),
    });
  });

  it('C21 has no name in null', () => {
    expect(errorOf(() => parseConf(bytes('null')))).toEqual({ code: 7, msg: 'missing network name' });
  });

  it.each(['{}', '{"name":""}', '{"name":null}'])('C15 needs a name: %s', text => {
    expect(errorOf(() => parseConf(bytes(text)))).toEqual({ code: 7, msg: 'missing network name' });
  });

  it('C15 needs a valid name', () => {
    expect(errorOf(() => parseConf(bytes('{"name":"te%%st"}')))).toEqual({
      code: 7,
      msg: 'invalid characters found in network name',
      details: 'te%%st',
    });
  });

  it.each(['1', 'true', '{}', '["n"]'])('C22 has a string for a name, not %s', name => {
    expect(errorOf(() => parseConf(bytes(`{"name":${name}}`)))).toEqual({
      code: 6,
      msg: `error unmarshall network config: name ${name} is not a string`,
    });
  });

  it('C23 has the last of two equal keys', () => {
    expect(parseConf(bytes('{"name":"a","name":"b"}'))).toEqual({ name: 'b' });
  });

  it('C24 may have the keys of the SPEC in any case', () => {
    expect(parseConf(bytes('{"NAME":"n","CNIVERSION":"1.0.0","PrevResult":{}}'))).toEqual({
      name: 'n',
      cniVersion: '1.0.0',
      prevResult: {},
    });
  });

  it('C24 has a key in the right case before one in another', () => {
    expect(parseConf(bytes('{"NAME":"wrong","name":"right"}'))['name']).toBe('right');
  });

  it("C24 keeps the case of the plugin's own keys", () => {
    expect(parseConf(bytes('{"name":"n","Mode":"x"}'))).toEqual({ name: 'n', Mode: 'x' });
  });

  it('C25 has U+FFFD for what is no UTF-8', () => {
    const text = [...bytes('{"name":"n","x":"'), 0xff, ...bytes('"}')];
    expect(parseConf(new Uint8Array(text))['x']).toBe('\ufffd');
  });

  it('cannot change any prototype', () => {
    const conf = parseConf(bytes('{"name":"n","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'));
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect((ownKeys(conf) as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe("the plugin's own keys", () => {
  it('C108 are those that the SPEC does not define or inject', () => {
    const conf = {
      cniVersion: '1.1.0',
      name: 'n',
      type: 't',
      ipam: {},
      dns: {},
      ipMasq: true,
      args: {},
      capabilities: {},
      runtimeConfig: {},
      prevResult: {},
      'cni.dev/attachments': [],
      'cni.dev/valid-attachments': [],
      'cni.dev/anything': 1,
      mtu: 1500,
      mode: 'l2',
    };
    expect(ownKeys(conf)).toEqual({ mtu: 1500, mode: 'l2' });
  });
});

describe("the SPEC's keys", () => {
  it('keep what the SPEC allows', () => {
    const conf = {
      name: 'n',
      type: 't',
      ipam: { TYPE: 'host-local', ranges: [[{}]] },
      dns: { Nameservers: ['10.0.0.1'], search: [] },
      ipMasq: false,
      args: { cni: { ips: ['10.0.0.2'] }, other: 1 },
    };
    expect(pluginConf(conf, '1.0.0')).toEqual({
      cniVersion: '1.0.0',
      name: 'n',
      type: 't',
      ipam: { type: 'host-local', ranges: [[{}]] },
      dns: { nameservers: ['10.0.0.1'], search: [] },
      ipMasq: false,
      args: { cni: { ips: ['10.0.0.2'] }, other: 1 },
    });
  });

  it('are version and name where there is nothing else', () => {
    expect(pluginConf({ name: 'n' }, '1.0.0')).toStrictEqual({ cniVersion: '1.0.0', name: 'n', type: '' });
  });

  it('are shown in an error only as far as anybody would read', () => {
    const { msg } = errorOf(() => pluginConf({ name: 'n', ipam: 'x'.repeat(1000) }, '1.0.0')) as { msg: string };
    expect(msg).toMatch(/^ipam: "x{199} is not an object$/);
  });

  it('C24 fold the case of ipam.type and of the keys in dns', () => {
    const { ipam, dns } = pluginConf({ name: 'n', ipam: { Type: 'static' }, dns: { Search: ['a'] } }, '1.0.0');
    expect(ipam).toEqual({ type: 'static' });
    expect(dns).toEqual({ search: ['a'] });
  });

  it.each([
    [{ type: 1 }, 'type: 1 is not a string'],
    [{ ipam: 'dhcp' }, 'ipam: "dhcp" is not an object'],
    [{ ipam: { type: [] } }, 'ipam.type: [] is not a string'],
    [{ dns: [] }, 'dns: [] is not an object'],
    [{ dns: { nameservers: '1.1.1.1' } }, 'dns.nameservers: "1.1.1.1" is not a list'],
    [{ dns: { search: ['a', 1] } }, 'dns.search[1]: 1 is not a string'],
    [{ ipMasq: 'yes' }, 'ipMasq: "yes" is not true or false'],
    [{ args: 'x' }, 'args: "x" is not an object'],
  ])('are refused by name, value and what is allowed: %j', (conf, msg) => {
    expect(errorOf(() => pluginConf({ name: 'n', ...conf }, '1.0.0'))).toEqual({ code: 7, msg });
  });
});

describe('the capability arguments', () => {
  it('C106 are empty where there are none', () => {
    expect(runtimeConfig({})).toEqual({});
    expect(runtimeConfig({ runtimeConfig: null })).toEqual({});
  });

  it('C107 are as the runtime sent them', () => {
    const sent = { mac: '02:00:00:00:00:01', ips: ['10.0.0.1/24'], own: [1] };
    expect(runtimeConfig({ runtimeConfig: sent })).toEqual(sent);
  });

  it('are an object', () => {
    expect(errorOf(() => runtimeConfig({ runtimeConfig: [] }))).toEqual({
      code: 7,
      msg: 'runtimeConfig: [] is not an object',
    });
  });
});

describe('the valid attachments', () => {
  const wire = [{ containerID: 'c', ifname: 'eth0' }];
  const list = [{ containerID: 'c', ifName: 'eth0' }];

  it('C110 are read from cni.dev/valid-attachments', () => {
    expect(validAttachments({ 'cni.dev/valid-attachments': wire, 'cni.dev/attachments': [] })).toEqual(list);
  });

  it('C110 are read from cni.dev/attachments where the other is absent', () => {
    expect(validAttachments({ 'cni.dev/attachments': wire })).toEqual(list);
  });

  it('C24 C110 may have their keys in any case', () => {
    expect(validAttachments({ 'cni.dev/valid-attachments': [{ containerId: 'c', ifName: 'eth0' }] })).toEqual(list);
  });

  it.each([[[]], [null]])('C111 are none in %j', value => {
    expect(validAttachments({ 'cni.dev/valid-attachments': value })).toEqual([]);
  });

  it('C111 are unknown where there is no list', () => {
    expect(validAttachments({})).toBeUndefined();
  });

  it.each([
    ['x', 'cni.dev/valid-attachments: "x" is not a list'],
    [[1], 'cni.dev/valid-attachments[0]: 1 is not an object'],
    [[{ containerID: 'c' }], 'cni.dev/valid-attachments[0].ifname: undefined is not a string'],
  ])('are refused where they are not what the SPEC says: %j', (value, msg) => {
    expect(errorOf(() => validAttachments({ 'cni.dev/valid-attachments': value }))).toEqual({ code: 7, msg });
  });
});
