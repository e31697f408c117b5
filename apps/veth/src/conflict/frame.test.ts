import { Address, MacAddress } from '@spider/ip';
import { describe, expect, test } from 'vitest';
import { claimIn, probeFor } from './frame.ts';

const own = MacAddress.parse('02:00:00:00:00:aa');
const other = [0x02, 0x00, 0x5e, 0x10, 0x00, 0x01];
const hex = (frame: Uint8Array) => Buffer.from(frame).toString('hex');

describe('a probe', () => {
  test('for IPv4 is an ARP request to everyone, in nobody’s name', () => {
    expect(hex(probeFor(Address.parse('10.6.0.100'), own))).toBe(
      ['ffffffffffff', '0200000000aa', '0806', '0001080006040001', '0200000000aa00000000', '0000000000000a060064'].join(
        '',
      ),
    );
  });

  test('for IPv6 is a solicitation of nobody’s to those whose addresses end alike', () => {
    expect(hex(probeFor(Address.parse('fd00:10:6::1:64'), own))).toBe(
      [
        ...['3333ff010064', '0200000000aa', '86dd', '60000000', '0018', '3a', 'ff'],
        ...['0'.repeat(32), 'ff0200000000000000000001ff010064'],
        // Its checksum, as Python computes it.
        ...['8700', '7cc7', '00000000', 'fd000010000600000000000000010064'],
      ].join(''),
    );
  });

  test('claims nothing, so that two who ask for the same address do not take each other for its owner', () => {
    for (const address of ['10.6.0.100', 'fd00:10:6::64'])
      expect(claimIn(probeFor(Address.parse(address), MacAddress.fromBytes(other)))).toBeUndefined();
  });
});

describe('ARP claims the address of its sender', () => {
  const arp = (operation: number, length = 28) => {
    const ethernet = [...own.toBytes(), ...other, 0x08, 0x06];
    const packet = [0, 1, 8, 0, 6, 4, 0, operation, ...other, 10, 6, 0, 100, ...own.toBytes(), 10, 6, 0, 101];
    return Uint8Array.from([...ethernet, ...packet.slice(0, length), 0, 0, 0]);
  };
  const claim = { address: '10.6.0.100', hardwareAddress: '02:00:5e:10:00:01' };

  test.each([
    ['a reply', 2],
    ['a request', 1],
  ])('by %s', (_, operation) => expect(claimIn(arp(operation))).toEqual(claim));

  test('but not by a packet that is cut off', () => expect(claimIn(arp(2, 20))).toBeUndefined());
});

describe('a neighbour advertisement claims its target', () => {
  const advertisement = ({ hopLimit = 255, type = 136, options = [2, 1, ...other] } = {}) =>
    Uint8Array.from([
      ...[0x33, 0x33, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 0x99, 0x86, 0xdd],
      ...[0x60, 0, 0, 0, 0, 24 + options.length, 58, hopLimit],
      ...Address.parse('fe80::99').toBytes(),
      ...Address.parse('ff02::1').toBytes(),
      ...[type, 0, 0, 0, 0x20, 0, 0, 0],
      ...Address.parse('fd00:10:6::64').toBytes(),
      ...options,
    ]);

  test('for the hardware address that it tells', () => {
    expect(claimIn(advertisement())).toEqual({ address: 'fd00:10:6::64', hardwareAddress: '02:00:5e:10:00:01' });
  });

  test.each([
    ['tells none', []],
    ['has an option of no length', [2, 0, ...other]],
    ['has other options', [14, 1, 1, 2, 3, 4, 5, 6]],
  ])('for its sender’s hardware address where it %s', (_, options) => {
    expect(claimIn(advertisement({ options }))?.hardwareAddress).toBe('02:00:00:00:00:99');
  });

  test.each([
    ['a router has passed it on', { hopLimit: 254 }],
    ['it is another message', { type: 135 }],
  ])('but not where %s', (_, what) => expect(claimIn(advertisement(what))).toBeUndefined());
});

test.each([0, 5, 13, 14, 60])('%i bytes of nothing claim nothing', length => {
  expect(claimIn(new Uint8Array(length))).toBeUndefined();
});
