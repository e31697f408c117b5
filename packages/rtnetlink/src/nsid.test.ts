import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ip, kernel } from '../test/kernel.ts';
import { link, nsid } from './index.ts';

const name = `nsid-${process.pid}`;

test('a namespace has the number that it was given, and none before', () => {
  execFileSync('ip', ['netns', 'add', name]);
  const fd = openSync(`/run/netns/${name}`, 'r');
  expect(kernel.execute(nsid.get({ fd }))).toMatchObject({ nsid: -1 });
  kernel.execute(nsid.add({ fd, nsid: 42 }));
  expect(kernel.execute(nsid.get({ fd }))).toMatchObject({ nsid: 42 });
  expect(kernel.execute(nsid.list())).toContainEqual(expect.objectContaining({ nsid: 42 }));
  expect(ip('netns', 'list-id')).toEqual(kernel.execute(nsid.list()).map(({ nsid }) => ({ nsid, name })));
  expect(() => kernel.execute(nsid.add({ fd, nsid: 43 }))).toThrow('EEXIST');

  kernel.execute(link.add({ name: 'here', info: { kind: 'veth', data: { peer: { name: 'there', netnsFd: fd } } } }));
  expect(kernel.execute(link.get({ name: 'here' }))).toMatchObject({ linkNetnsid: 42 });
  expect(kernel.execute(link.get({ name: 'there' }))).toBeUndefined();
  closeSync(fd);
  execFileSync('ip', ['netns', 'delete', name]);
});

test('a process tells its namespace', () => {
  kernel.execute(nsid.add({ pid: process.pid, nsid: 44 }));
  const fd = openSync('/proc/self/ns/net', 'r');
  expect([{ pid: process.pid }, { fd }].map(of => kernel.execute(nsid.get(of))?.nsid)).toEqual([44, 44]);
  closeSync(fd);
});
