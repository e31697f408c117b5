import { describe, expect, it } from 'vitest';
import { dnsOf, gatewayOf, interfaceOf } from './lookup.ts';

describe('the interface of an address', () => {
  const result = { interfaces: [{ name: 'eth0' }] };

  it('C83 is the one that it points at', () => {
    expect(interfaceOf(result, { address: '10.0.0.1/8', interface: 0 })).toEqual({ name: 'eth0' });
  });

  it.each([undefined, -1, 1])('C83 is unknown where it points at %s', index => {
    expect(
      interfaceOf(result, { address: '10.0.0.1/8', ...(index !== undefined && { interface: index }) }),
    ).toBeUndefined();
  });
});

describe('the gateway of a route', () => {
  const result = {
    ips: [
      { address: '10.0.0.2/24' },
      { address: 'fd00::2/64', gateway: 'fd00::1' },
      { address: '10.0.1.2/24', gateway: '10.0.1.1' },
    ],
  };

  it('C87 is its own', () => {
    expect(gatewayOf(result, { dst: '0.0.0.0/0', gw: '10.0.0.9' })).toBe('10.0.0.9');
  });

  it('C87 is else the first of its family among the addresses', () => {
    expect(gatewayOf(result, { dst: '0.0.0.0/0' })).toBe('10.0.1.1');
    expect(gatewayOf(result, { dst: '::/0' })).toBe('fd00::1');
    expect(gatewayOf({}, { dst: '::/0' })).toBeUndefined();
  });
});

describe('the DNS settings', () => {
  const ipam = { dns: { nameservers: ['10.0.0.53'] } };

  it("C88 are the IPAM plugin's where the configuration has none", () => {
    expect(dnsOf({}, ipam)).toEqual(ipam.dns);
    expect(dnsOf({ dns: {} }, ipam)).toEqual(ipam.dns);
    expect(dnsOf({ dns: { search: undefined } }, ipam)).toEqual(ipam.dns);
  });

  it("C88 are the configuration's alone where it has any, even an empty one", () => {
    expect(dnsOf({ dns: { search: ['a'] } }, ipam)).toEqual({ search: ['a'] });
    expect(dnsOf({ dns: { nameservers: [] } }, ipam)).toEqual({ nameservers: [] });
  });
});
