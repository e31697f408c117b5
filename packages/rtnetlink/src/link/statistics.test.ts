import { writeFileSync } from 'node:fs';
import { AF_PACKET, bind, close, SOCK_RAW, send, socket } from '@spider/libc';
import { expect, test } from 'vitest';
import { ip, kernel, veth } from '../../test/kernel.ts';
import { link, statistics } from '../index.ts';

// Otherwise the kernel sends packets of its own at an unpredictable time.
writeFileSync('/proc/sys/net/ipv6/conf/default/disable_ipv6', '1');
const [index, peer] = veth('count0', 'count1');

/** ip(8)'s output for the counters of a link. */
const theirs = () =>
  ip('-s', 'link', 'show', 'dev', 'count0')[0]!['stats64'] as Record<'rx' | 'tx', Record<string, number>>;

/** Sends a frame by a link; nobody reacts to it. */
function sendFrom(index: number): void {
  const fd = socket(AF_PACKET, SOCK_RAW, 0);
  // struct sockaddr_ll: family, protocol, interface
  const place = new Uint8Array(20);
  new DataView(place.buffer).setUint16(0, AF_PACKET, true);
  new DataView(place.buffer).setInt32(4, index, true);
  bind(fd, place);
  send(fd, new Uint8Array(60), 60, 0);
  close(fd);
}

test('counters are told as ip(8) tells them', () => {
  for (const end of [index, index, peer]) sendFrom(end);
  const { rxPackets, rxBytes, txPackets, txBytes, rxErrors, txDropped } = kernel.execute(statistics.get({ index }))!
    .link!;
  const { rx, tx } = theirs();
  const ours = [rxPackets, rxBytes, txPackets, txBytes, rxErrors, txDropped].map(Number);
  expect(ours).toEqual([rx['packets'], rx['bytes'], tx['packets'], tx['bytes'], rx['errors'], tx['dropped']]);
  expect(ours).toEqual([1, 60, 2, 120, 0, 0]);
});

test('counters of all links are listed', () => {
  const indexes = kernel.execute(link.list()).map(link => link.index);
  const listed = kernel.execute(statistics.list());
  expect(listed.map(({ index }) => index)).toEqual(indexes);
  expect(listed.every(({ link }) => typeof link?.rxBytes === 'bigint')).toBe(true);
});

test('counters of one link can be listed', () =>
  expect(kernel.execute(statistics.list({ index })).map(({ index }) => index)).toEqual([index]));

test('counters of a link that is not there are undefined', () =>
  expect(kernel.execute(statistics.get({ index: 4711 }))).toBeUndefined());
