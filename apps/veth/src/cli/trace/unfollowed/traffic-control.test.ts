import { NetlinkError, type Request, Rtnetlink } from '@spider/rtnetlink';
import { afterEach, expect, test, vi } from 'vitest';
import { filtersOn } from './traffic-control.ts';

const [EPERM, EOPNOTSUPP] = [1, 95];

afterEach(() => vi.restoreAllMocks());

function filtersWhere(errno: number): string[] {
  using socket = Rtnetlink.open();
  vi.spyOn(socket, 'settle').mockImplementation((requests: readonly Request<unknown>[]) =>
    requests.map(request => ({ error: new NetlinkError(request, errno) })),
  );
  return filtersOn(socket, 1, 'ingress');
}

test('a kernel without traffic control has no filters', () => {
  expect(filtersWhere(EOPNOTSUPP)).toEqual([]);
});

test('what else keeps them from being read is told', () => {
  expect(() => filtersWhere(EPERM)).toThrow(NetlinkError);
});
