// Netlink families other than rtnetlink, described with the public API: the codec, and requests as plain objects.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { attribute, be16, header, message, string, u8 } from '../src/codec/index.ts';
import { NETLINK_GENERIC, NETLINK_NETFILTER, Netlink, openSocket, type Transaction, verbs } from '../src/index.ts';
import './kernel.ts';

// struct nfgenmsg of <linux/netfilter/nfnetlink.h>, and NFTA_TABLE_* of <linux/netfilter/nf_tables.h>
const NFNL_SUBSYS_NFTABLES = 10;
const NFPROTO_IPV4 = 2;
const generation = () => ({ family: header(0, u8), version: header(1, u8), subsystem: header(2, be16) });
const tables = verbs(
  message({
    kind: 'table',
    types: { add: 0xa00, get: 0xa01, delete: 0xa02 },
    headerSize: 4,
    fields: () => ({ ...generation(), name: attribute(1, string(256)) }),
  }),
);
const bounds = verbs(
  message({ kind: 'bound', types: { add: 16, delete: 17, get: 0 }, headerSize: 4, fields: generation }),
);

const transactionOf = (subsystem: number): Transaction => ({
  begin: { ...bounds.add({ subsystem }), flags: 0 },
  end: bounds.delete({ subsystem }),
});
const whole = transactionOf(NFNL_SUBSYS_NFTABLES);

/** The request as part of a transaction. */
const add = (name: string, transaction = whole) => ({ ...tables.add({ family: NFPROTO_IPV4, name }), transaction });
const remove = (name: string) => ({ ...tables.delete({ family: NFPROTO_IPV4, name }), transaction: whole });

const netfilter = new Netlink(openSocket(NETLINK_NETFILTER));
const names = () => netfilter.execute(tables.list()).map(({ name }) => name);

test('requests of a transaction take effect together, between others that are none', () => {
  const [, , before, , , after] = netfilter.batch([
    add('one'),
    add('two'),
    tables.list(),
    remove('one'),
    add('three'),
    tables.list(),
  ]);
  expect(before.map(({ name }) => name)).toEqual(['one', 'two']);
  expect(after.map(({ name }) => name)).toEqual(['two', 'three']);
  expect(execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' })).toBe('table ip two\ntable ip three\n');
  netfilter.batch([remove('two'), remove('three')]);
});

test('a transaction of which a request fails leaves nothing, and all its requests fail', () => {
  const outcomes = netfilter.settle([add('one'), remove('none'), add('two'), remove('neither'), tables.list()]);
  const operations = outcomes.map(({ error }) => error?.operation);
  expect(operations).toEqual(['table.delete', 'table.delete', 'table.delete', 'table.delete', undefined]);
  const [first, second, third, fourth] = outcomes.map(({ error }) => error);
  expect(second).toMatchObject({ code: 'ENOENT', object: { name: 'none' }, field: 'name' });
  expect([first, third]).toEqual([second, second]);
  expect(fourth).toMatchObject({ code: 'ENOENT', object: { name: 'neither' } });
  expect(names()).toEqual([]);
});

test('a batch that stops at a failure takes a transaction as one', () => {
  const outcomes = netfilter.settle(
    [add('one'), add('two'), tables.list(), remove('none'), add('three'), tables.list()],
    {
      onError: 'stop',
    },
  );
  const codes = outcomes.map(({ error }) => error && 'code' in error && error.code);
  expect(codes).toEqual([undefined, undefined, undefined, 'ENOENT', 'ENOENT', 'ECANCELED']);
  expect(names()).toEqual(['one', 'two']);
  netfilter.batch([remove('one'), remove('two')]);
});

test('a transaction that the kernel refuses as a whole fails with what it says, and the conversation goes on', () => {
  const unknown = transactionOf(99);
  const outcomes = netfilter.settle([add('one', unknown), add('two', unknown), add('three')]);
  expect(outcomes.map(({ error }) => error && 'code' in error && error.code)).toEqual(['EINVAL', 'EINVAL', undefined]);
  expect(names()).toEqual(['three']);
  netfilter.execute(remove('three'));
});

test('a transaction goes out in one send, however many requests it has', () => {
  const many = Array.from({ length: 500 }, (_, i) => add(`t${i}`));
  netfilter.batch(many);
  expect(names()).toHaveLength(500);
  expect(netfilter.settle([...many.map((_, i) => remove(`t${i}`)), remove('none')]).at(-1)?.error).toBeDefined();
  expect(names()).toHaveLength(500);
  netfilter.batch(many.map((_, i) => remove(`t${i}`)));
  expect(names()).toEqual([]);
});

test('a transaction may be larger than a send buffer is at first', () => {
  const many = Array.from({ length: 1200 }, (_, i) => add(`${i}`.padEnd(250, 'x')));
  netfilter.batch(many);
  expect(names()).toHaveLength(1200);
  netfilter.batch(names().map(name => remove(name!)));
  expect(names()).toEqual([]);
});

test('a transaction of which more fails than can be told fails for the first reason, and the socket serves on', () => {
  const outcomes = netfilter.settle([add('one'), ...Array.from({ length: 2000 }, (_, i) => remove(`none${i}`))]);
  expect(outcomes[0]!.error).toMatchObject({ code: 'ENOENT', object: { name: 'none0' } });
  expect(outcomes.every(({ error }) => error && 'code' in error && error.code === 'ENOENT')).toBe(true);
  expect(names()).toEqual([]);
});

test('a family that this kernel has not is refused when the socket is opened', () => {
  expect(() => openSocket(31)).toThrow('EPROTONOSUPPORT');
});

test('generic netlink answers a name that no family has with nothing', () => {
  const families = verbs(
    message({
      kind: 'family',
      types: { add: 16, delete: 16, get: 16 },
      headerSize: 4,
      fields: () => ({ command: header(0, u8), name: attribute(2, string(16)) }),
    }),
  );
  using generic = new Netlink(openSocket(NETLINK_GENERIC));
  expect(generic.execute(families.get({ command: 3, name: 'no such' }))).toBeUndefined();
});
