// Writes names with nft(8), and reads the numbers that it sends with this package.
import { afterEach, expect, test } from 'vitest';
import { chain, conntrackStatus, rule, table, word } from '../src/index.ts';
import { kernel, load, nft } from './kernel.ts';

afterEach(() => void nft('flush', 'ruleset'));

function expressionsOf(statement: string) {
  load(`table inet demo {\n chain only {\n ${statement}\n }\n}`);
  return kernel.execute(rule.list({ family: 'inet', table: 'demo' }))[0]!.expressions!;
}

test.each([
  ...['length 0', 'protocol ip', 'priority set 1:2', 'mark 1', 'iif lo', 'oif lo', 'iifname lo', 'oifname lo'],
  ...['iiftype ether', 'oiftype ether', 'skuid 0', 'skgid 0', 'nftrace set 1', 'nfproto ipv4', 'l4proto tcp'],
  ...['pkttype host', 'cgroup 1'],
])('meta %s has that key', statement => {
  const data = expect.objectContaining({ key: statement.split(' ')[0] });
  expect(expressionsOf(`meta ${statement}`)).toContainEqual({ name: 'meta', data });
});

test.each([
  ['ct state new', { key: 'state' }],
  ['ct direction original', { key: 'direction' }],
  ['ct status assured', { key: 'status' }],
  ['ct mark set 1', { key: 'mark' }],
  ['ct expiration 30s', { key: 'expiration' }],
  ['ct l3proto ipv4', { key: 'l3protocol' }],
  ['ct original ip saddr 192.0.2.1', { direction: 'original' }],
  ['ct reply ip saddr 192.0.2.1', { direction: 'reply' }],
  ['meta mark set meta mark << 8', { op: 'shiftLeft', data: { value: word(8) } }],
  ['meta mark set meta mark >> 8', { op: 'shiftRight', data: { value: word(8) } }],
  // The checksum of IPv4 is at byte 10; that of UDP at byte 6.
  ['ip ttl set 64', { base: 'network', sreg: 1, checksumType: 'internet', checksumOffset: 10 }],
  ['ip daddr set 192.0.2.1', { base: 'network', checksumOffset: 10, checksumFlags: 1 }],
  ['udp dport set 53', { base: 'transport', checksumType: 'internet', checksumOffset: 6 }],
])('%s has an expression with %j', (statement, data) => {
  expect(expressionsOf(statement)).toContainEqual(expect.objectContaining({ data: expect.objectContaining(data) }));
});

test.each([
  ['expected', 'expected'],
  ['seen-reply', 'seenReply'],
  ['assured', 'assured'],
  ['confirmed', 'confirmed'],
  ['snat', 'srcNat'],
  ['dnat', 'dstNat'],
] as const)('ct status %s is the bit %s', (status, name) => {
  const mask = { value: word(conntrackStatus[name]) };
  const data = expect.objectContaining({ mask });
  expect(expressionsOf(`ct status ${status}`)).toContainEqual({ name: 'bitwise', data });
});

test.each(['accept', 'drop', 'continue', 'return'] as const)('%s is a verdict', code => {
  const [immediate] = expressionsOf(code);
  expect(immediate).toEqual({ name: 'immediate', data: { dreg: 'verdict', data: { verdict: { code } } } });
});

test.each([
  ['prerouting', 'raw'],
  ['prerouting', 'dstnat'],
  ['input', 'filter'],
  ['forward', 'security'],
  ['output', 'mangle'],
  ['postrouting', 'srcnat'],
] as const)('a chain of the hook %s can have the priority %s', (hook, priority) => {
  load(`table ip demo { chain base { type filter hook ${hook} priority ${priority}; }\n}`);
  expect(kernel.execute(chain.list())).toMatchObject([{ name: 'base', hook: { hook, priority } }]);
});

test('a table that is dormant has the flag 1', () => {
  load('table ip demo { flags dormant; }');
  expect(kernel.execute(table.list())).toMatchObject([{ name: 'demo', flags: 1 }]);
});
