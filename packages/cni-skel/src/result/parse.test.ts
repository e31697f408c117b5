import { describe, expect, it } from 'vitest';
import { errorOf } from '../../test/error-of.ts';
import { parseResult, readResultFor } from './parse.ts';

describe('a result of 1.0.0 and newer', () => {
  it('C84 keeps all it can hold, and a table and scope of zero', () => {
    const result = {
      interfaces: [
        { name: 'eth0', mac: '02:00:00:00:00:01', mtu: 1500, sandbox: '/ns', socketPath: '/s', pciID: '0000:1f:00.1' },
      ],
      ips: [{ interface: 0, address: '10.0.0.2/24', gateway: '10.0.0.1' }],
      routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1', mtu: 1400, advmss: 1360, priority: 1, table: 0, scope: 0 }],
      dns: { nameservers: ['10.0.0.53'], domain: 'd', search: ['s'], options: ['ndots:5'] },
    };
    expect(parseResult({ cniVersion: '1.1.0', ...result }, '1.1.0')).toEqual(result);
  });

  it('C84 loses an mtu, advmss and priority of zero', () => {
    const result = { interfaces: [{ name: 'e', mtu: 0 }], routes: [{ dst: '::/0', mtu: 0, advmss: 0, priority: 0 }] };
    expect(parseResult(result, '1.1.0')).toEqual({ interfaces: [{ name: 'e' }], routes: [{ dst: '::/0' }] });
  });

  it('C58 loses what has no value', () => {
    const empty = { interfaces: [], ips: [], routes: null, dns: { nameservers: [], domain: '' } };
    expect(parseResult(empty, '1.1.0')).toEqual({});
    const members = {
      interfaces: [{ name: 'e', mac: '', sandbox: '' }],
      ips: [{ address: '10.0.0.1/8', gateway: '' }],
    };
    expect(parseResult(members, '1.1.0')).toEqual({ interfaces: [{ name: 'e' }], ips: [{ address: '10.0.0.1/8' }] });
  });

  it('C71 loses the version that an address of an older shape names', () => {
    expect(parseResult({ ips: [{ version: '6', address: '10.0.0.1/8' }] }, '1.0.0')).toEqual({
      ips: [{ address: '10.0.0.1/8' }],
    });
  });

  it('C83 may have an address that points at no interface', () => {
    const result = {
      ips: [
        { interface: -1, address: '10.0.0.1/8' },
        { interface: 7, address: '10.0.0.2/8' },
      ],
    };
    expect(parseResult(result, '1.1.0')).toEqual(result);
  });

  it('C85 loses keys that the SPEC does not define', () => {
    expect(parseResult({ own: 1, interfaces: [{ name: 'e', own: 1 }] }, '1.1.0')).toEqual({
      interfaces: [{ name: 'e' }],
    });
  });

  it('C24 may have keys in any case', () => {
    expect(parseResult({ IPs: [{ Address: '10.0.0.1/8' }], DNS: { Nameservers: ['1.1.1.1'] } }, '1.1.0')).toEqual({
      ips: [{ address: '10.0.0.1/8' }],
      dns: { nameservers: ['1.1.1.1'] },
    });
  });

  it.each([
    [{ interfaces: [null] }, 'interfaces[0]: null is not an object'],
    [{ ips: [{ address: '10.0.0.1/8' }, null] }, 'ips[1]: null is not an object'],
    [{ routes: [null] }, 'routes[0]: null is not an object'],
  ])('C85 may not have null for an element: %j', (result, msg) => {
    expect(errorOf(() => parseResult(result, '1.1.0'))).toEqual({ code: 6, msg });
  });

  it.each([
    [{ ips: [{}] }, 'ips[0].address: invalid CIDR address: '],
    [{ routes: [{ gw: '10.0.0.1' }] }, 'routes[0].dst: invalid CIDR address: '],
  ])('C82 may not lack an address: %j', (result, msg) => {
    expect(errorOf(() => parseResult(result, '1.1.0'))).toEqual({ code: 6, msg });
  });

  it.each([
    ['x', 'result: "x" is not an object'],
    [[], 'result: [] is not an object'],
    [{ ips: {} }, 'ips: {} is not a list'],
    [{ ips: [{ address: 5 }] }, 'ips[0].address: 5 is not a string'],
    [{ ips: [{ address: '1.2.3/45' }] }, 'ips[0].address: invalid CIDR address: 1.2.3/45'],
    [{ ips: [{ address: '1.2.3.4/24', gateway: '1.2.3.x' }] }, 'ips[0].gateway: invalid IP address: 1.2.3.x'],
    [{ ips: [{ address: '1.2.3.4/24', interface: 2 ** 53 }] }, 'ips[0].interface: 9007199254740992 is not an integer'],
    [{ ips: [{ address: '1.2.3.4/24', interface: '0' }] }, 'ips[0].interface: "0" is not an integer'],
    [{ routes: [{ dst: '::/0', gw: '1.2.3.x' }] }, 'routes[0].gw: invalid IP address: 1.2.3.x'],
    [{ routes: [{ dst: '::/0', table: 1.5 }] }, 'routes[0].table: 1.5 is not an integer'],
    [{ interfaces: [{ name: 1 }] }, 'interfaces[0].name: 1 is not a string'],
    [{ dns: { options: 'x' } }, 'dns.options: "x" is not a list'],
    [{ cniVersion: 1 }, 'cniVersion: 1 is not a string'],
  ])('names the member that is wrong: %j', (result, msg) => {
    expect(errorOf(() => parseResult(result, '1.1.0'))).toEqual({ code: 6, msg });
  });
});

describe('a result of 0.3.0 to 0.4.0', () => {
  it('C67 is of the newest shape but for the version of each address', () => {
    const result = {
      cniVersion: '0.3.1',
      interfaces: [{ name: 'eth0', mac: '02:00:00:00:00:01', sandbox: '/ns' }],
      ips: [{ version: '4', interface: 0, address: '10.0.0.2/24', gateway: '10.0.0.1' }],
      routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }],
      dns: {},
    };
    expect(parseResult(result, '0.4.0')).toEqual({
      interfaces: [{ name: 'eth0', mac: '02:00:00:00:00:01', sandbox: '/ns' }],
      ips: [{ interface: 0, address: '10.0.0.2/24', gateway: '10.0.0.1' }],
      routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }],
    });
  });
});

describe('a result of 0.1.0 and 0.2.0', () => {
  it('C77 has an address per family, its routes in that order, and its gateways in no route', () => {
    const result = {
      ip4: {
        ip: '10.0.0.2/24',
        gateway: '10.0.0.1',
        routes: [{ dst: '0.0.0.0/0' }, { dst: '15.5.6.0/24', gw: '10.0.0.9' }],
      },
      ip6: { ip: 'fd00::2/64', gateway: 'fd00::1', routes: [{ dst: '::/0', gw: 'fd00::1', mtu: 1400 }] },
      dns: { domain: 'd' },
    };
    expect(parseResult(result, '0.2.0')).toEqual({
      ips: [
        { address: '10.0.0.2/24', gateway: '10.0.0.1' },
        { address: 'fd00::2/64', gateway: 'fd00::1' },
      ],
      routes: [{ dst: '0.0.0.0/0' }, { dst: '15.5.6.0/24', gw: '10.0.0.9' }, { dst: '::/0', gw: 'fd00::1', mtu: 1400 }],
      dns: { domain: 'd' },
    });
  });

  it('names the member that is wrong', () => {
    expect(errorOf(() => parseResult({ ip4: { ip: 'x' } }, '0.1.0'))).toEqual({
      code: 6,
      msg: 'ip4.ip: invalid CIDR address: x',
    });
    expect(errorOf(() => parseResult({ ip6: { ip: '::1/128', routes: [{ dst: 1 }] } }, '0.1.0'))).toEqual({
      code: 6,
      msg: 'ip6.routes[0].dst: 1 is not a string',
    });
  });
});

describe('the version of a result', () => {
  it.each([{}, { cniVersion: '' }, { cniVersion: null }])("C90 is the configuration's in %j", version => {
    expect(parseResult({ ...version, ip4: { ip: '10.0.0.1/8' } }, '0.2.0').ips).toHaveLength(1);
  });

  it.each([
    ['0.1.0', '0.2.0'],
    ['0.3.0', '0.4.0'],
    ['1.1.0', '1.0.0'],
  ] as const)('C67 may be %s for a configuration of %s', (version, conf) => {
    expect(parseResult({ cniVersion: version }, conf)).toEqual({});
  });

  it.each([
    ['0.2.0', '1.1.0', '1.0.0 1.1.0'],
    ['5678.456', '1.0.0', '1.0.0 1.1.0'],
    ['1.0.0', '0.3.1', '0.3.0 0.3.1 0.4.0'],
    ['0.4.0', '0.1.0', '0.1.0 0.2.0'],
  ] as const)('C91 may not be %s for a configuration of %s', (version, conf, family) => {
    expect(errorOf(() => parseResult({ cniVersion: version }, conf))).toEqual({
      code: 6,
      msg: `result type supports [${family}] but unmarshalled CNIVersion is "${version}"`,
    });
  });

  it('C66 must be one that there is', () => {
    for (const result of [{}, { cniVersion: '1.0.0' }])
      expect(errorOf(() => readResultFor(result, '2.0.0'))).toEqual({
        code: 6,
        msg: 'unsupported CNI result version "2.0.0"',
      });
  });
});
