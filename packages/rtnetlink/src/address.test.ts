import { expect, test } from 'vitest';
import { ip, kernel, veth } from '../test/kernel.ts';
import { address, addressFlags } from './index.ts';

const [index] = veth('addr0', 'addr1');
const list = () => kernel.execute(address.list({ index }));
const ours = (text: string) => list().find(found => found.address === text);

test('an IPv4 address is read as it was added', () => {
  kernel.execute(
    address.add({
      index,
      address: '192.0.2.1/24',
      broadcast: '192.0.2.255',
      label: 'addr0:x',
      scope: 'site',
      metric: 77,
    }),
  );
  expect(ours('192.0.2.1/24')).toMatchObject({
    family: 'inet',
    broadcast: '192.0.2.255',
    label: 'addr0:x',
    scope: 'site',
    metric: 77,
    flags: addressFlags.permanent,
  });
  expect(ip('address', 'show', 'dev', 'addr0')[0]!['addr_info']).toContainEqual(
    expect.objectContaining({ local: '192.0.2.1', prefixlen: 24, label: 'addr0:x', scope: 'site', metric: 77 }),
  );
});

test('an IPv6 address is read as it was added', () => {
  const { nodad, noprefixroute, permanent } = addressFlags;
  kernel.execute(address.add({ index, address: '2001:db8::1/64', flags: nodad | noprefixroute }));
  expect(ours('2001:db8::1/64')).toMatchObject({
    family: 'inet6',
    scope: 'global',
    flags: nodad | noprefixroute | permanent,
  });
  expect(ip('-6', 'address', 'show', 'dev', 'addr0')[0]!['addr_info']).toContainEqual(
    expect.objectContaining({ local: '2001:db8::1', prefixlen: 64, nodad: true, noprefixroute: true }),
  );
});

test.each(['198.51.100.1/32', '2001:db8:1::1/128'])('the peer of %s is told apart from it', text => {
  const peer = text.includes(':') ? '2001:db8:1::2' : '198.51.100.2';
  kernel.execute(address.add({ index, address: text, peer, flags: addressFlags.nodad }));
  expect(ours(text)).toMatchObject({ address: text, peer });
});

test('the lifetime of an address is read as it was set, or is less', () => {
  const lifetime = { preferred: 100, valid: 200 };
  kernel.execute(address.add({ index, address: '2001:db8:3::1/64', flags: addressFlags.nodad, lifetime }));
  const { preferred, valid } = ours('2001:db8:3::1/64')!.lifetime!;
  expect(preferred).toBeGreaterThan(50);
  expect(preferred).toBeLessThanOrEqual(100);
  expect(valid).toBeGreaterThan(150);
  expect(valid).toBeLessThanOrEqual(200);
  expect(ours('192.0.2.1/24')!.lifetime!.valid).toBe(0xffff_ffff);
  // Two lists would differ if a second passes between them.
  kernel.execute(address.delete({ index, address: '2001:db8:3::1/64' }));
});

test('an address without a peer has none', () => {
  kernel.execute(address.add({ index, address: '203.0.113.1/24' }));
  expect(ours('203.0.113.1/24')).not.toHaveProperty('peer');
});

test('replacing changes what is there, adding does not', () => {
  const add = address.add({ index, address: '203.0.113.2/24', metric: 5 });
  kernel.execute(add);
  expect(() => kernel.execute(add)).toThrow('EEXIST');
  kernel.execute(address.replace({ index, address: '203.0.113.2/24', metric: 6 }));
  expect(ours('203.0.113.2/24')).toMatchObject({ metric: 6 });
});

test('an address is deleted', () => {
  kernel.execute(address.add({ index, address: '203.0.113.3/24' }));
  kernel.execute(address.delete({ index, address: '203.0.113.3/24' }));
  expect(ours('203.0.113.3/24')).toBeUndefined();
  expect(() => kernel.execute(address.delete({ index, address: '203.0.113.3/24' }))).toThrow('EADDRNOTAVAIL');
});

test('no address is deleted where nothing tells which, for the kernel would take the first', () => {
  const before = list().length;
  for (const input of [{ index }, { index, family: 'inet' }, { index, family: 'inet', address: undefined }] as const)
    expect(() => kernel.execute(address.delete(input))).toThrow(
      /^address\.delete address: this, `peer` or `label` must/,
    );
  expect(list()).toHaveLength(before);
});

test('the kernel lists by interface and family', () => {
  kernel.execute(address.replace({ index, address: '2001:db8:2::1/64', flags: addressFlags.nodad }));
  const everything = kernel.execute(address.list());
  expect(everything.map(found => found.address)).toContain('127.0.0.1/8');
  expect(list()).toEqual(everything.filter(found => found.index === index));
  expect(kernel.execute(address.list({ family: 'inet6' }))).toEqual(
    everything.filter(({ family }) => family === 'inet6'),
  );
  expect(kernel.execute(address.list({ family: 10 }))).toEqual(everything.filter(({ family }) => family === 'inet6'));
});

test('what the kernel cannot list by is sorted here', () => {
  const everything = kernel.execute(address.list());
  const globals = everything.filter(({ scope }) => scope === 'global');
  expect(globals.length).toBeLessThan(everything.length);
  expect(kernel.execute(address.list({ scope: 'global' }))).toEqual(globals);
  expect([...kernel.iterate(address.list({ scope: 'global' }))]).toHaveLength(globals.length);
  const here = globals.filter(found => found.index === index && found.family === 'inet6');
  expect(kernel.execute(address.list({ index, family: 'inet6', scope: 'global' }))).toEqual(here);
  expect(here.length).toBeGreaterThan(0);
});

test('of a list no more is read than what is asked for, whatever it is sorted by', () => {
  const globals = kernel.execute(address.list({ scope: 'global' }));
  const brief = globals.map(({ index, address }) => ({ address, index }));
  expect(kernel.execute(address.list({ scope: 'global' }, ['address', 'index']))).toEqual(brief);
  expect(() => kernel.execute(address.list({}, ['gateway' as 'address']))).toThrow('gateway: unknown field');
});

test('a list by something that no address has is refused', () => {
  expect(() => kernel.execute(address.list({ gateway: '192.0.2.1' } as never))).toThrow('gateway: unknown field');
  expect(() => kernel.execute(address.list({ scope: 'planet' as never }))).toThrow('scope');
});

test('all addresses are listed as ip(8) lists them', () => {
  const theirs = ip('address', 'show').flatMap(link =>
    (link['addr_info'] as Record<string, unknown>[]).map(
      info => `${link['ifindex']} ${info['local']}/${info['prefixlen']}`,
    ),
  );
  const mine = kernel.execute(address.list()).map(found => `${found.index} ${found.address}`);
  expect(mine.toSorted()).toEqual(theirs.toSorted());
});

test.each(['192.0.2.1/24', '2001:db8::1/64', '198.51.100.1/32', '2001:db8:1::1/128'])(
  'the address %s is added again as it was read',
  text => {
    const { lifetime: _, ...before } = ours(text)!;
    kernel.execute(address.delete(before));
    expect(ours(text)).toBeUndefined();
    kernel.execute(address.add(before));
    const { lifetime: __, ...after } = ours(text)!;
    expect(after).toEqual(before);
  },
);
