import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import type { Row } from './flows.ts';
import type { Flow, Verdict } from './probe.ts';
import { surprises, table } from './table.ts';

const host = { name: 'pod', path: '/run/netns/pod', addresses: {} };

const flow = (address: string): Flow => ({ from: host, address, server: 'node', source: '10.0.0.1' });

const [alone, connected, lan] = [flow('10.0.0.2'), flow('10.0.0.3'), flow('fd00::2')];

function columns(mustWork: boolean): { title: string; rows: Row[] }[] {
  return [
    { title: 'without veth', rows: [{ from: 'pod', to: 'own node', mustWork: false, flows: { IPv4: alone } }] },
    { title: 'with veth', rows: [{ from: 'pod', to: 'own node', mustWork, flows: { IPv4: connected, IPv6: lan } }] },
  ];
}

const verdicts = new Map<Flow, Verdict>([
  [alone, 'timed out'],
  [connected, undefined],
  [lan, 'comes from fd00::9'],
]);

it('shows what works and what fails, and leaves out the family that a flow does not have', () => {
  expect(stripVTControlCharacters(table(columns(true), verdicts)).split('\n')).toEqual([
    '                              without veth        with veth',
    'from          to              IPv4     IPv6       IPv4     IPv6',
    'pod           own node        fails               works    fails',
  ]);
});

it('names each flow that fails but must work, with what is wrong with it', () => {
  expect(surprises(columns(true), verdicts)).toEqual([
    'with veth, pod → own node (fd00::2) must work: comes from fd00::9',
  ]);
});

it('names each flow that works but must not', () => {
  expect(surprises(columns(false), verdicts)).toEqual(['with veth, pod → own node (10.0.0.3) works, but must not']);
});
