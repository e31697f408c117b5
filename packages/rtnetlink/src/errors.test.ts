// Refusals of the kernel, and the errors that they become.
import { expect, test } from 'vitest';
import { kernel, veth } from '../test/kernel.ts';
import { address, link, neighbour, nsid, type Request, route } from './index.ts';

const [oif] = veth('err0', 'err1');

test.each([
  ['a number alone', route.delete({ dst: '10.9.0.0/16' }), { code: 'ESRCH', errno: 3, kernelMessage: undefined }],
  [
    'its own words',
    route.add({ dst: '10.0.0.0/8', oif, prefsrc: '192.0.2.1' }),
    { code: 'EINVAL', errno: 22, kernelMessage: 'Invalid prefsrc address', field: undefined },
  ],
  ['where it stopped', nsid.add({ pid: 2 ** 22, nsid: 5 }), { code: 'ESRCH', field: 'pid' }],
  [
    'where it stopped, in an attribute of an attribute',
    link.add({ name: 'vx', info: { kind: 'vxlan', data: { ttl: 1, id: 2 ** 24 } } }),
    { code: 'ERANGE', field: 'info.data.id', kernelMessage: 'VXLAN ID must be lower than 16777216' },
  ],
  [
    'what it wants instead',
    link.set({ index: oif, newIndex: 0 }),
    { code: 'ERANGE', field: 'newIndex', wanted: '4 bytes, 1 to 2147483647' },
  ],
  [
    'what is missing, in words',
    neighbour.add({ index: oif }),
    { code: 'EINVAL', kernelMessage: 'Network address not specified' },
  ],
] as [string, Request<void>, object][])('the kernel tells %s', (_, request, told) => {
  const [{ error }] = kernel.settle([request]);
  expect(error).toMatchObject({ name: 'NetlinkError', operation: request.operation, object: request.object, ...told });
});

test('the message has all of it on one line', () => {
  const [{ error }] = kernel.settle([link.set({ index: oif, newIndex: 0, alias: undefined })]);
  expect(error!.message).toBe(
    `link.set {index: ${oif}, newIndex: 0}: ERANGE (Numerical result out of range); integer out of range; at newIndex: the kernel wants 4 bytes, 1 to 2147483647`,
  );
});

test('the message names nested objects, lists and bytes', () => {
  const [peered, multipath, raw] = kernel.settle([
    link.add({ name: 'err0', info: { kind: 'veth', data: { peer: { name: 'x' } } } }),
    route.add({ dst: '10.0.0.0/8', nexthops: [{ oif: 4711 }, { oif }] }),
    link.add({ name: 'raw', info: { kind: 'no-such-kind', rawData: new Uint8Array(4) } }),
  ]);
  expect(peered.error!.message).toContain('{name: err0, info: {kind: veth, data: {peer: {name: x}}}}');
  expect(multipath.error!.message).toContain(`nexthops: [{oif: 4711}, {oif: ${oif}}]`);
  expect(raw.error!.message).toContain('info: {kind: no-such-kind, rawData: 4 bytes}');
});

test('a prefix with host bits is the kernel’s to refuse', () => {
  const [{ error }] = kernel.settle([route.add({ dst: '10.0.0.1/24', oif })]);
  expect(error).toMatchObject({ code: 'EINVAL', kernelMessage: 'Invalid prefix for given prefix length' });
  expect(() => kernel.execute(address.add({ index: 4711, address: '192.0.2.1/24' }))).toThrow('ENODEV');
});
