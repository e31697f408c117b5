import { describe, expect, test } from 'vitest';
import { memoryOf } from '../codec/memory.ts';
import { link, Rtnetlink } from '../index.ts';
import { fakeKernel } from '../testing/index.ts';
import { linkMessage } from './link.ts';

// Header, address and broadcast address of the message in which Linux 6.1 reports the link.
const messages: Readonly<Record<string, string>> = {
  'ipip local 192.0.2.1 remote 192.0.2.2': '0000000309000000900000000000000008000100c000020108000200c0000202',
  'sit local 192.0.2.1 remote 192.0.2.2': '000008030a000000900000000000000008000100c000020108000200c0000202',
  'gre local 192.0.2.1 remote 192.0.2.2': '00000a030b000000900000000000000008000100c000020108000200c0000202',
  'ip6tnl local 2001:db8::1 remote 2001:db8::2':
    '000001030c00000090000000000000001400010020010db80000000000000000000000011400020020010db8000000000000000000000002',
  'ip6gre local 2001:db8::1 remote 2001:db8::2':
    '000037030d00000090000000000000001400010020010db80000000000000000000000011400020020010db8000000000000000000000002',
};

function read(hex: string, only?: readonly string[]) {
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
  return linkMessage.read(memoryOf(bytes), 0, bytes.length, only && linkMessage.entriesOf(only));
}

describe('the addresses of a tunnel are those of its ends, as ip(8) shows them:', () => {
  test.each(Object.entries(messages))('%s', (kind, hex) => {
    const [, , address, , broadcast] = kind.split(' ');
    expect(read(hex)).toMatchObject({ address, broadcast });
    expect(read(hex, ['broadcast'])).toEqual({ broadcast });
  });
});

const bytes = '20:01:0d:b8:00:00:00:00:00:00:00:00:00:00:00:01';

test('16 bytes of a link that is no tunnel are bytes', () => {
  const fireWire = messages['ip6tnl local 2001:db8::1 remote 2001:db8::2']!.replace('00000103', '00001800');
  expect(read(fireWire)).toMatchObject({ address: bytes });
});

test.each([bytes, '2001:db8::1', '2001:db8:0:0:0:0:0:1'])('a list is filtered by such an address: %s', address => {
  const withAddresses = (index: number, address: string) =>
    ({ index, type: 769, address, broadcast: address, permanentAddress: address }) as const;
  using nl = Rtnetlink.open(fakeKernel({ 'link.list': () => [withAddresses(12, bytes), withAddresses(13, '02')] }));
  for (const name of ['address', 'broadcast', 'permanentAddress'] as const)
    expect(nl.execute(link.list({ [name]: address }, ['index', name]))).toEqual([{ index: 12, [name]: '2001:db8::1' }]);
});

test('what is neither is refused', () => {
  using nl = Rtnetlink.open(fakeKernel({ 'link.list': () => [] }));
  for (const address of ['2001:db8', '02:', 2])
    expect(() => nl.execute(link.list({ address: address as string }))).toThrow('link.list address: not a');
});

test('no link is given an IPv6 address, of which the kernel would take the first bytes', () => {
  using nl = Rtnetlink.open(fakeKernel({}));
  const request = link.set({ index: 2, address: '2001:db8::1' });
  expect(() => nl.execute(request)).toThrow('link.set address: not a link-layer address: "2001:db8::1"');
});
