import { expect, test } from 'vitest';
import { Address } from './address.ts';
import { specialPurpose } from './special-purpose.ts';
import { rows } from './special-purpose-registry.ts';

const find = (text: string) => specialPurpose(Address.parse(text));

test.each([
  ['10.1.2.3', '10.0.0.0/8', 'Private-Use'],
  ['172.31.255.255', '172.16.0.0/12', 'Private-Use'],
  ['100.64.0.1', '100.64.0.0/10', 'Shared Address Space'],
  ['169.254.1.1', '169.254.0.0/16', 'Link Local'],
  ['fd00::1', 'fc00::/7', 'Unique-Local'],
  ['fe80::1', 'fe80::/10', 'Link-Local Unicast'],
  ['::ffff:10.1.2.3', '::ffff:0.0.0.0/96', 'IPv4-mapped Address'],
  // the most specific of several
  ['0.0.0.0', '0.0.0.0/32', 'This host on this network'],
  ['0.0.0.1', '0.0.0.0/8', 'This network'],
  ['192.0.0.9', '192.0.0.9/32', 'Port Control Protocol Anycast'],
  ['192.0.0.7', '192.0.0.0/29', 'IPv4 Service Continuity Prefix'],
  ['192.0.0.11', '192.0.0.0/24', 'IETF Protocol Assignments'],
  ['255.255.255.255', '255.255.255.255/32', 'Limited Broadcast'],
  ['2001:1::3', '2001:1::3/128', 'DNS-SD Service Registration Protocol Anycast'],
  ['2001:1::4', '2001::/23', 'IETF Protocol Assignments'],
])('%s belongs to %s, %s', (address, prefix, name) => {
  const entry = find(address);
  expect([`${entry?.prefix}`, entry?.name]).toEqual([prefix, name]);
});

test.each(['8.8.8.8', '172.32.0.0', '224.0.0.1', '2606:4700::1111', 'ff02::1'])(
  '%s has no special purpose',
  address => {
    expect(find(address)).toBeUndefined();
  },
);

test('an entry has the columns of the registry', () => {
  expect({ ...find('255.255.255.255'), prefix: undefined }).toEqual({
    prefix: undefined,
    name: 'Limited Broadcast',
    reference: 'RFC 8190',
    source: false,
    destination: true,
    forwardable: false,
    globallyReachable: false,
    reservedByProtocol: true,
  });
});

test('what the registry leaves open is undefined', () => {
  expect(find('2001::1')?.globallyReachable).toBeUndefined();
  expect(find('2001::1')?.forwardable).toBe(true);
  expect(find('192.88.99.1')?.source).toBeUndefined();
});

test('every row has five flags, and no prefix stands twice', () => {
  for (const [prefix, , , flags] of rows) expect(flags, prefix).toMatch(/^[TF-]{5}$/);
  expect(new Set(rows.map(([prefix]) => prefix)).size).toBe(rows.length);
});
