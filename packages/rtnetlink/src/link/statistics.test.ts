import { expect, test, vi } from 'vitest';
import { ip, kernel, veth } from '../../test/kernel.ts';
import { link, statistics } from '../index.ts';

const [index] = veth('count0', 'count1');

/** What ip(8) prints of a link's counters. */
const theirs = () =>
  ip('-s', 'link', 'show', 'dev', 'count0')[0]!['stats64'] as Record<'rx' | 'tx', Record<string, number>>;

test('counters are told as ip(8) tells them', async () => {
  // Neighbour discovery makes the link send.
  await vi.waitFor(() => expect(theirs().tx['packets']).toBeGreaterThan(0));
  await vi.waitFor(() => {
    const { rxPackets, rxBytes, txPackets, txBytes, rxErrors, txDropped } = kernel.execute(statistics.get({ index }))!
      .link!;
    const { rx, tx } = theirs();
    const ours = [rxPackets, rxBytes, txPackets, txBytes, rxErrors, txDropped].map(Number);
    expect(ours).toEqual([rx['packets'], rx['bytes'], tx['packets'], tx['bytes'], rx['errors'], tx['dropped']]);
  });
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
