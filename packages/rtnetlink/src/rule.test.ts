import { expect, test } from 'vitest';
import { since } from '../../../tools/test/linux.ts';
import { ip, kernel } from '../test/kernel.ts';
import { type RuleInput, rule } from './index.ts';

/** Adds a rule, reads it back with this package and with ip(8), and deletes it. */
function added(input: RuleInput & { family: 'inet' | 'inet6'; priority: number }) {
  const { family, priority } = input;
  kernel.execute(rule.add(input));
  const found = kernel.execute(rule.list({ family })).find(candidate => candidate.priority === priority);
  const seen = ip(family === 'inet' ? '-4' : '-6', 'rule', 'show', 'priority', String(priority))[0];
  kernel.execute(rule.delete({ family, priority }));
  expect(kernel.execute(rule.list({ family })).map(candidate => candidate.priority)).not.toContain(priority);
  return { found, seen };
}

test.each([
  [
    { src: '192.0.2.0/24', dst: '198.51.100.0/24' },
    { src: '192.0.2.0', srclen: 24, dst: '198.51.100.0', dstlen: 24 },
  ],
  [
    { src: '192.0.2.1/32', tos: 0x10 },
    { src: '192.0.2.1', tos: '0x10' },
  ],
  [
    { iif: 'eth0', oif: 'eth1' },
    { iif: 'eth0', oif: 'eth1' },
  ],
  [
    { mark: 0x80000000, mask: 0xffff0000 },
    { fwmark: '0x80000000', fwmask: '0xffff0000' },
  ],
  [{ uidRange: [100, 200] }, { uid_start: 100, uid_end: 200 }],
  [
    { ipProto: 17, sport: [53, 53], dport: [1000, 2000] },
    { ipproto: 'udp', sport: 53, dport_start: 1000, dport_end: 2000 },
  ],
  [{ tunId: 0x1_0000_0001n }, { tun_id: 0x1_0000_0001 }],
  [
    { suppressPrefixLength: 0, suppressIfgroup: 4 },
    { suppress_prefixlen: 0, suppress_ifgroup: '4' },
  ],
  [
    { invert: true, src: '10.0.0.0/8' },
    { not: null, src: '10.0.0.0', srclen: 8 },
  ],
  [{ protocol: 97 }, { protocol: '97' }],
  [{ table: 100_000 }, { table: '100000' }],
] as const)('a rule with %o is read as it was added', (selectors, theirs) => {
  const input = { family: 'inet', priority: 1000, table: 100, ...selectors } as const;
  const { found, seen } = added(input);
  expect(found).toMatchObject({ action: 'table', ...input });
  expect(seen).toMatchObject({ priority: 1000, ...theirs });
});

test('a rule that suppresses no route says nothing of it', () => {
  const { found } = added({ family: 'inet', priority: 1000, table: 100 });
  expect(found).not.toHaveProperty('suppressPrefixLength');
  expect(found).not.toHaveProperty('suppressIfgroup');
});

test('no rule is deleted where nothing tells which, for the kernel would take the first', () => {
  const count = () => kernel.execute(rule.list({ family: 'inet' })).length;
  const before = count();
  for (const input of [{}, { family: 'inet' }, { family: 'inet', priority: undefined }] as const)
    expect(() => kernel.execute(rule.delete(input))).toThrow(/^rule\.delete priority: this or another field must tell/);
  expect(count()).toBe(before);
});

test('a rule is of the family of its addresses', () => {
  kernel.execute(rule.add({ priority: 1001, src: '2001:db8::/32', table: 100 }));
  expect(kernel.execute(rule.list({ family: 'inet6' }))).toContainEqual(
    expect.objectContaining({ priority: 1001, src: '2001:db8::/32', table: 100 }),
  );
  kernel.execute(rule.delete({ priority: 1001, src: '2001:db8::/32' }));
});

test.each([
  [{ action: 'unreachable' }, { action: 'unreachable' }],
  [{ action: 'goto', goto: 32766 }, { goto: 32766 }],
  [{ l3mdev: 1, table: 0 }, { l3mdev: null }],
] as const)('a rule with %j needs no table', (input, theirs) => {
  const { found, seen } = added({ family: 'inet', priority: 1002, ...input });
  expect(found).toMatchObject(input);
  expect(seen).toMatchObject(theirs);
});

// The installed iproute2 does not have these selectors, so only the kernel is asked. An older one ignores them.
test.each([
  ['6.13', { family: 'inet' }, { dscp: 10 }],
  ['6.15', { family: 'inet' }, { dscp: 8, dscpMask: 0x38 }],
  ['6.14', { family: 'inet6' }, { flowLabel: 0x12345, flowLabelMask: 0xfffff }],
  ['6.15', { family: 'inet', ipProto: 6, sport: [0x1000, 0x1000] }, { sportMask: 0xf000 }],
  ['6.15', { family: 'inet', ipProto: 6, dport: [0x1000, 0x1000] }, { dportMask: 0xf000 }],
] as const)('the selectors of Linux %s are read as they were added: %j with %j', (version, old, newest) => {
  const { found } = added({ priority: 1003, table: 100, ...old, ...newest });
  expect(found).toMatchObject({ ...old, ...(since(version) && newest) });
});

test('the priority 0, which the kernel leaves out, is read', () =>
  expect(kernel.execute(rule.list({ family: 'inet' }))[0]).toMatchObject({ priority: 0, table: 255 }));

test('the same rule cannot be added twice', () => {
  const input = rule.add({ family: 'inet', priority: 1004, table: 100 });
  kernel.execute(input);
  expect(() => kernel.execute(input)).toThrow('EEXIST');
});

test('one more rule is appended behind one that the kernel takes for the same', () => {
  const mine = { family: 'inet', priority: 1006, src: '10.0.0.0/8', table: 100 } as const;
  const found = () => kernel.execute(rule.list({ family: 'inet' })).filter(({ priority }) => priority === 1006);
  kernel.execute(rule.add({ ...mine, invert: true }));
  expect(() => kernel.execute(rule.add(mine))).toThrow('EEXIST');
  kernel.execute(rule.append(mine));
  expect(found()).toMatchObject([{ invert: true }, { invert: false, action: 'table' }]);
  kernel.batch([rule.delete(mine), rule.delete(mine)]);
  expect(found()).toEqual([]);
});

test('all rules are listed as ip(8) lists them', () => {
  const theirs = ip('-4', 'rule', 'show').map(seen => seen['priority']);
  expect(kernel.execute(rule.list({ family: 'inet' })).map(({ priority }) => priority)).toEqual(theirs);
});

test('a rule is added again as it was read', () => {
  kernel.execute(
    rule.add({ family: 'inet', priority: 1005, src: '10.0.0.0/8', mark: 7, table: 100, uidRange: [1, 2] }),
  );
  const find = () => kernel.execute(rule.list({ family: 'inet' })).find(({ priority }) => priority === 1005)!;
  const before = find();
  kernel.execute(rule.delete(before));
  expect(find()).toBeUndefined();
  kernel.execute(rule.add(before));
  expect(find()).toEqual(before);
});
