// The conformance kit of @spider/cni-skel: what the SPEC asks of every plugin, under every version.
import { basename } from 'node:path';
import { conformance } from '@spider/cni-skel/testing';
import { test } from 'vitest';
import { ip } from '../../../tools/lab/namespace.ts';
import { routeTable } from '../src/plugin.ts';
import { createPod, resultOf, state, usual } from './pod.ts';

const podAt = (path: string) => ({ path, name: basename(path) });

const cases = conformance(routeTable, {
  kind: 'chained',
  ifName: 'net1',
  conf: { rules: [{ to: '10.50.0.0/16' }] },
  async netns() {
    const pod = createPod();
    return { path: pod.path, [Symbol.asyncDispose]: async () => pod[Symbol.dispose]() };
  },
  prevResult: netns => resultOf(usual, netns),
  snapshot: netns => state(podAt(netns)),
  damage: async netns => ip(podAt(netns), ['rule delete from 10.2.0.2']),
  // One of each shape of results.
  versions: ['0.2.0', '0.4.0', '1.1.0'],
});

for (const { name, run } of cases) test(name, run);
