// Reads with nft(8) what this package writes, and with this package what nft(8) writes.
import { execFileSync } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { chain, type Expression, interfaceName, type RuleInput, rule, setElements, table, word } from '../src/index.ts';
import { kernel, load, nft } from './kernel.ts';

afterEach(() => void nft('flush', 'ruleset'));

const demo = { family: 'inet', table: 'demo' } as const;
const meta = (key: 'iifname' | 'mark'): Expression => ({ name: 'meta', data: { key, dreg: 1 } });
const is = (value: Uint8Array): Expression => ({ name: 'cmp', data: { sreg: 1, op: 'eq', data: { value } } });
const counter: Expression = { name: 'counter', data: {} };

test('a table, chains and rules read in nft(8) as they were written', () => {
  kernel.batch([
    table.add({ family: 'inet', name: 'demo' }),
    chain.add({ ...demo, name: 'calm' }),
    chain.add({ ...demo, name: 'in', type: 'filter', hook: { hook: 'input', priority: 'mangle' }, policy: 'drop' }),
    rule.append({ ...demo, chain: 'in', expressions: [meta('iifname'), is(interfaceName('lo')), counter] }),
    rule.append({
      ...demo,
      chain: 'in',
      expressions: [
        meta('mark'),
        {
          name: 'bitwise',
          data: { sreg: 1, dreg: 1, length: 4, mask: { value: word(0xf0) }, xor: { value: word(0) } },
        },
        is(word(0x10)),
        { name: 'immediate', data: { dreg: 'verdict', data: { verdict: { code: 'jump', chain: 'calm' } } } },
      ],
    }),
    rule.insert({
      ...demo,
      chain: 'in',
      expressions: [{ name: 'immediate', data: { dreg: 'verdict', data: { verdict: { code: 'accept' } } } }],
    }),
  ]);
  expect(nft('list', 'ruleset')).toBe(`table inet demo {
	chain calm {
	}

	chain in {
		type filter hook input priority mangle; policy drop;
		accept
		iifname "lo" counter packets 0 bytes 0
		meta mark & 0x000000f0 == 0x00000010 jump calm
	}
}
`);
});

const ruleset = `table inet demo {
	map ports {
		type inet_service : verdict
		elements = { 80 : accept }
	}

	set lan {
		type ipv4_addr
		elements = { 192.0.2.7 }
	}

	chain back {
	}

	chain pre {
		type filter hook prerouting priority mangle; policy accept;
		iifname "eth0" ct state new ct mark set ct mark | 0x20000000
		ct mark & 0x20000000 == 0x20000000 meta mark set meta mark | 0x20000000
		tcp dport vmap @ports
		fib daddr type local meta l4proto udp goto back
		meta mark set meta mark << 8
		ip ttl set 64
		ip saddr != @lan meta mark set numgen inc mod 3 offset 5 comment "in turn"
		limit rate 5/second accept
	}

	chain nat {
		type nat hook prerouting priority dstnat; policy accept;
		ip daddr 192.0.2.1 tcp dport 443 dnat ip to 198.51.100.2:8443
		ip6 daddr 2001:db8::1 tcp dport 443 dnat ip6 to [2001:db8::2]:8443
		tcp dport 444 dnat ip to 198.51.100.2-198.51.100.9:8443-8450 fully-random
		tcp dport 445 redirect to :8080-8090
	}

	chain post {
		type nat hook postrouting priority srcnat; policy accept;
		oifname "eth1" meta l4proto tcp masquerade to :1000-2000 random
	}
}
`;

test('rules that nft(8) wrote can be read, and written again as they were', () => {
  load(ruleset);
  const chains = kernel.execute(chain.list({ family: 'inet' }));
  expect(chains.map(({ name, type, hook, policy }) => ({ name, type, hook, policy }))).toEqual([
    { name: 'back', type: undefined, hook: undefined, policy: undefined },
    { name: 'pre', type: 'filter', hook: { hook: 'prerouting', priority: 'mangle' }, policy: 'accept' },
    { name: 'nat', type: 'nat', hook: { hook: 'prerouting', priority: 'dstnat' }, policy: 'accept' },
    { name: 'post', type: 'nat', hook: { hook: 'postrouting', priority: 'srcnat' }, policy: 'accept' },
  ]);
  const rules = kernel.execute(rule.list(demo));
  const again = rules.map(({ family, table, chain, expressions, userData }): RuleInput => {
    return { family, table, chain, expressions, userData };
  });
  kernel.batch([
    ...rules.map(({ chain, handle }) => rule.delete({ ...demo, chain, handle })),
    ...again.map(rule.append),
  ]);
  expect(nft('list', 'ruleset')).toBe(ruleset);
});

test('what is in a map is listed: parts of a key at multiples of 4 bytes, verdicts, and the ends of intervals', () => {
  load(`table ip demo {
    chain there { }
    map services {
      type ipv4_addr . inet_proto . inet_service : verdict
      elements = { 192.0.2.1 . tcp . 80 : goto there, 192.0.2.2 . udp . 53 : drop }
    }
    set lan { type ipv4_addr; flags interval; elements = { 198.51.100.0/24 } }
    set ports { type ipv4_addr . inet_service; flags interval; elements = { 192.0.2.1-192.0.2.9 . 80-90 } }
  }`);
  const of = (set: string) =>
    kernel.execute(setElements.list({ family: 'ip', table: 'demo', set })).flatMap(({ elements = [] }) => elements);
  const services = of('services').map(({ key, data }) => [Buffer.from(key!.value!).toString('hex'), data?.verdict]);
  expect(Object.fromEntries(services)).toEqual({
    c00002010600000000500000: { code: 'goto', chain: 'there' },
    c00002021100000000350000: { code: 'drop' },
  });
  const ends = of('lan').map(({ key, flags = 0 }) => [[...key!.value!].join('.'), flags]);
  expect(ends).toEqual(
    expect.arrayContaining([
      ['198.51.100.0', 0],
      ['198.51.101.0', 1],
    ]),
  );
  expect(of('ports')).toEqual([
    {
      key: { value: Uint8Array.of(192, 0, 2, 1, 0, 80, 0, 0) },
      keyEnd: { value: Uint8Array.of(192, 0, 2, 9, 0, 90, 0, 0) },
    },
  ]);
  expect(() => of('none')).toThrow(/ENOENT/);
});

test('the extensions of xtables keep their own structure as bytes', () => {
  execFileSync('iptables-nft', [
    '--table',
    'mangle',
    '--append',
    'INPUT',
    '--protocol',
    'tcp',
    '--match',
    'comment',
    '--comment',
    'ours',
    '--match',
    'tcp',
    '--dport',
    '80',
    '--jump',
    'MARK',
    '--set-mark',
    '7',
  ]);
  const [found] = kernel.execute(rule.list({ family: 'ip', table: 'mangle' }));
  const extensions = found!.expressions!.filter(({ name }) => name === 'match' || name === 'target');
  expect(extensions).toMatchObject([
    { name: 'match', data: { name: 'comment', info: expect.any(Uint8Array) } },
    { name: 'target', data: { name: 'MARK', revision: 2, info: Uint8Array.of(7, 0, 0, 0, 255, 255, 255, 255) } },
  ]);
});

test('a range of marks is compared in the byte order of the network', () => {
  load('table ip demo { chain marked { meta mark 0x4000-0x4fff accept; }\n}');
  const [found] = kernel.execute(rule.list({ family: 'ip', table: 'demo', chain: 'marked' }));
  expect(found!.expressions!.slice(1, 3)).toEqual([
    { name: 'byteorder', data: { sreg: 1, dreg: 1, op: 'hton', length: 4, size: 4 } },
    { name: 'cmp', data: { sreg: 1, op: 'gte', data: { value: Uint8Array.of(0, 0, 0x40, 0) } } },
  ]);
});

test('an expression without a schema keeps its data as bytes', () => {
  load('table ip demo { chain slow { limit rate 5/second accept; }\n}');
  const [found] = kernel.execute(rule.list({ family: 'ip', table: 'demo', chain: 'slow' }));
  const [limit, verdict] = found!.expressions!;
  expect(limit).toMatchObject({ name: 'limit', rawData: expect.any(Uint8Array) });
  expect(verdict).toMatchObject({ name: 'immediate', data: { data: { verdict: { code: 'accept' } } } });
});

test('a change that is refused undoes those beside it, and says of which object and field', () => {
  const [made, refused] = kernel.settle([
    table.add({ family: 'inet', name: 'demo' }),
    rule.append({ ...demo, chain: 'none', expressions: [counter] }),
  ]);
  expect(refused.error).toMatchObject({ code: 'ENOENT', operation: 'rule.append', field: 'chain' });
  expect(made.error).toBe(refused.error);
  expect(kernel.execute(table.list())).toEqual([]);
});

test('what does not fit is refused before anything is sent', () => {
  const change = rule.append({
    ...demo,
    chain: 'in',
    expressions: [{ name: 'meta', data: { key: 'colour' as 'mark' } }],
  });
  expect(() => kernel.execute(change)).toThrow(/^rule\.append expressions\.0\.data\.key: "colour" is not one of/);
});

test('a table can be replaced at once, whether it is there or not', () => {
  const name = { family: 'inet', name: 'demo' } as const;
  const replace = [table.ensure(name), table.delete(name), table.add(name), chain.add({ ...demo, name: 'only' })];
  kernel.batch(replace);
  kernel.execute(chain.add({ ...demo, name: 'more' }));
  kernel.batch(replace);
  expect(kernel.execute(chain.list()).map(({ name }) => name)).toEqual(['only']);
  expect(kernel.execute(table.get(name))).toMatchObject({ name: 'demo', use: 1 });
  expect(kernel.execute(table.get({ family: 'ip', name: 'demo' }))).toBeUndefined();
});

test('a transaction may be larger than the usual send buffer', () => {
  const rules = Array(1000).fill(rule.append({ ...demo, chain: 'only', userData: new Uint8Array(250) }));
  kernel.batch([table.add({ family: 'inet', name: 'demo' }), chain.add({ ...demo, name: 'only' }), ...rules]);
  expect(kernel.execute(rule.list(demo))).toHaveLength(rules.length);
});

test('what a register does not hold is refused', () => {
  expect(word(0xffff_ffff)).toEqual(Uint8Array.of(255, 255, 255, 255));
  for (const value of [-1, 0x1_0000_0000, 0.5]) expect(() => word(value)).toThrow(`${value} is not an integer`);
  expect(interfaceName('fifteen-letters').at(-1)).toBe(0);
  for (const name of ['sixteen-letters-', 'fourteen-lette\u00e4'])
    expect(() => interfaceName(name)).toThrow(`"${name}" is not a name of at most 15 bytes`);
});
