import type { Route } from '@spider/rtnetlink';
import { expect, test } from 'vitest';
import { ownTable } from './datapath.ts';
import { ownedBy } from './ownership.ts';

test('a route whose source the kernel took out is the NIC’s, unless its metric is another’s table', () => {
  const [nic, other] = [ownTable(2), ownTable(3)];
  const route = { family: 'inet6', table: 254, dst: 'fd00:10:244::/56', oif: 9 } as Route;
  const routes = [route, { ...route, priority: 1024 }, { ...route, priority: nic }, { ...route, priority: other }];
  const owner = { ownsAddress: () => false, ownsTable: (table: number) => table === nic };
  expect(ownedBy(owner, { routes, rules: [] }).routes.map(({ priority }) => priority)).toEqual([undefined, 1024, nic]);
});
