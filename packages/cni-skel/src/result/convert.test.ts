import { describe, expect, it } from 'vitest';
import { allVersions } from '../version.ts';
import { convertResult } from './convert.ts';
import { parseResult, readResult } from './parse.ts';
import type { Result } from './result.ts';

const full: Result = {
  interfaces: [
    { name: 'eth0', mac: '02:00:00:00:00:01', mtu: 1500, sandbox: '/ns', socketPath: '/s', pciID: '0000:1f:00.1' },
    { name: 'host0' },
  ],
  ips: [
    { interface: 0, address: '1.2.3.30/24', gateway: '1.2.3.1' },
    { interface: 0, address: 'abcd:1234:ffff::cdde/64', gateway: 'abcd:1234:ffff::1' },
    { address: '9.9.9.9/32' },
  ],
  routes: [
    { dst: '15.5.6.0/24', gw: '15.5.6.8', mtu: 1400, advmss: 1360, priority: 9, table: 0, scope: 253 },
    { dst: '1111:dddd::/80', gw: '1111:dddd::aaaa' },
  ],
  dns: {
    nameservers: ['1.2.3.4', '1::cafe'],
    domain: 'acompany.com',
    search: ['somedomain.com'],
    options: ['foo', 'bar'],
  },
};

describe('a result', () => {
  it.each(['1.1.0', '1.0.0'] as const)('C73 C78 is whole in %s', version => {
    expect(convertResult(full, version)).toEqual({ cniVersion: version, ...full });
  });

  it.each(['0.3.0', '0.3.1', '0.4.0'] as const)(
    'C68 C69 C70 C72 C78 is the same in %s, but for newer keys of interfaces',
    version => {
      expect(convertResult(full, version)).toEqual({
        cniVersion: version,
        interfaces: [{ name: 'eth0', mac: '02:00:00:00:00:01', sandbox: '/ns' }, { name: 'host0' }],
        ips: [
          { version: '4', interface: 0, address: '1.2.3.30/24', gateway: '1.2.3.1' },
          { version: '6', interface: 0, address: 'abcd:1234:ffff::cdde/64', gateway: 'abcd:1234:ffff::1' },
          { version: '4', address: '9.9.9.9/32' },
        ],
        routes: full.routes,
        dns: full.dns,
      });
    },
  );

  it.each(['0.1.0', '0.2.0'] as const)(
    'C74 C75 C78 has one address per family in %s, each with its routes',
    version => {
      expect(convertResult(full, version)).toEqual({
        cniVersion: version,
        ip4: { ip: '1.2.3.30/24', gateway: '1.2.3.1', routes: [{ dst: '15.5.6.0/24', gw: '15.5.6.8' }] },
        ip6: {
          ip: 'abcd:1234:ffff::cdde/64',
          gateway: 'abcd:1234:ffff::1',
          routes: [{ dst: '1111:dddd::/80', gw: '1111:dddd::aaaa' }],
        },
        dns: full.dns,
      });
    },
  );

  it('C75 loses in 0.2.0 the routes of a family that has no address', () => {
    const result = { ips: [{ address: '10.0.0.1/8' }], routes: [{ dst: '::/0' }] };
    expect(convertResult(result, '0.2.0')).toEqual({ cniVersion: '0.2.0', ip4: { ip: '10.0.0.1/8' }, dns: {} });
  });

  it('C74 may have an address of one family alone in 0.2.0', () => {
    const [ip4, ip6] = [{ ip: '10.0.0.1/8' }, { ip: 'fd00::1/64' }];
    expect(convertResult({ ips: [{ address: ip4.ip }] }, '0.2.0')).toEqual({ cniVersion: '0.2.0', ip4, dns: {} });
    expect(convertResult({ ips: [{ address: ip6.ip }] }, '0.2.0')).toEqual({ cniVersion: '0.2.0', ip6, dns: {} });
  });

  it('C76 needs an address in 0.1.0 and 0.2.0', () => {
    expect(() => convertResult({}, '0.1.0')).toThrow('cannot convert: no valid IP addresses');
    expect(() => convertResult({ interfaces: [{ name: 'e' }] }, '0.2.0')).toThrow('no valid IP addresses');
  });

  it('C70 has the IPv4 address that an IPv4-mapped one stands for', () => {
    const result = { ips: [{ address: '::ffff:10.0.0.5/120' }] };
    expect(convertResult(result, '0.4.0').ips).toEqual([{ version: '4', address: '10.0.0.5/24' }]);
    expect(convertResult(result, '1.0.0').ips).toEqual([{ address: '10.0.0.5/24' }]);
  });

  it('C58 prints empty DNS settings up to 0.4.0 and none from 1.0.0 on', () => {
    const result = { ips: [{ address: '10.0.0.1/8' }], dns: { nameservers: [] } };
    expect(convertResult(result, '0.2.0').dns).toEqual({});
    expect(convertResult(result, '0.4.0').dns).toEqual({});
    expect('dns' in convertResult(result, '1.0.0')).toBe(false);
  });

  it('C83 prints the interface index 0, and none where there is none', () => {
    const ips = [{ interface: 0, address: '10.0.0.1/8' }, { address: '10.0.0.2/8' }];
    expect(convertResult({ ips }, '1.1.0').ips).toEqual(ips);
  });

  it.each(allVersions)('C58 leaves out in %s what is undefined', version => {
    const ips = [{ address: '10.0.0.1/8', gateway: undefined, interface: undefined }];
    const interfaces = [{ name: 'e', mac: undefined, mtu: undefined, sandbox: undefined }];
    const routes = [{ dst: '0.0.0.0/0', gw: undefined, table: undefined }];
    const dns = { search: undefined };
    const given = { ips, interfaces, routes, dns };
    const bare = { ips: [{ address: '10.0.0.1/8' }], interfaces: [{ name: 'e' }], routes: [{ dst: '0.0.0.0/0' }] };
    const none = { ips, interfaces: undefined, routes: undefined, dns: undefined };
    expect(convertResult(given, version)).toStrictEqual(convertResult(bare, version));
    const printed = JSON.parse(JSON.stringify(convertResult(given, version)));
    expect(convertResult(given, version)).toStrictEqual(printed);
    expect(convertResult(none, version)).toStrictEqual(convertResult({ ips: bare.ips }, version));
  });

  it('C66 cannot be of a version that there is not', () => {
    expect(() => convertResult({}, '2.0.0' as '1.0.0')).toThrow('no converter for CNI result version 1.1.0 to 2.0.0');
  });

  it('C79 C81 that is no result names the member', () => {
    expect(() => convertResult({ ips: [{ address: '10.0.0.1' }] }, '1.1.0')).toThrow(
      'ips[0].address: invalid CIDR address: 10.0.0.1',
    );
    expect(() => convertResult({ routes: [{ dst: '::/0', gw: 'x' }] }, '0.4.0')).toThrow(
      'routes[0].gw: invalid IP address: x',
    );
  });

  // Information that all versions can represent survives conversion through all of them, in any order.
  const common: Result = {
    ips: [{ address: '10.0.0.2/24', gateway: '10.0.0.1' }, { address: 'fd00::2/64' }],
    routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }, { dst: '::/0' }],
    dns: { search: ['a'] },
  };
  const pairs = allVersions.flatMap(from => allVersions.map(to => [from, to] as const));

  it.each(pairs)('C66 that is printed as %s and read can be printed as %s and read', (from, to) => {
    const once = readResult(convertResult(common, from), from);
    expect(parseResult(convertResult(once, to), to)).toEqual(common);
  });

  it('is not changed by its conversion', () => {
    const before = structuredClone(full);
    for (const version of allVersions) convertResult(full, version);
    expect(full).toEqual(before);
  });
});
