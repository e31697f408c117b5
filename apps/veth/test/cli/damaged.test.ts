// Whatever of ours somebody deletes, `veth inspect` finds it, and one `veth reconcile` makes all of it again.
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { createLab, type Lab } from '../../../../tools/lab/lab.ts';
import { addLan, addressesIn, lanOf, plug } from '../../../../tools/lab/lan.ts';
import { inside, ip, type Namespace, run, show } from '../../../../tools/lab/namespace.ts';
import { overlay, underlay, veth as vethConf } from '../../../../tools/lab/networks.ts';
import { createPod, type Networks, type Pod } from '../../../../tools/lab/pod.ts';
import { state } from '../../../../tools/lab/state.ts';
import { namesOf } from '../../src/names.ts';
import { veth } from './call.ts';

let lab: Lab;
const second = lanOf('lan2', 7);
beforeAll(async () => {
  lab = await createLab('damage-');
  addLan(lab.gateway, second);
  plug(lab.node, 'eth1', lab.gateway, second, addressesIn(second, 10));
});

const first = (keys: object) => underlay(lab.node, lab.lan.ranges, [{ ...vethConf, ...keys }]);
const other = (keys: object) =>
  underlay(lab.node, second.ranges, [{ ...vethConf, ...keys }], { name: 'storage', master: 'eth1' });
const both = (keys: object = {}) => ({ eth0: first(keys), net1: other(keys) });
const kinds: readonly [string, () => Networks][] = [
  ['with two NICs', () => both()],
  ['with a path for replies', () => both({ reply_path: {} })],
  ['with a default route that is named', () => both({ default_route: 'net1' })],
  [
    'with an overlay’s NIC first',
    () => ({ eth0: overlay(lab.node, { IPv4: '10.244.0.0/24', IPv6: 'fd00:10:244::/64' }), net1: first({}) }),
  ],
];

interface Found {
  readonly dst: string;
  readonly dev: string;
  readonly gateway?: string;
  readonly table?: string;
  readonly metric?: number;
  readonly priority: number;
  readonly protocol?: string;
}

/** Commands that delete our routes and rules in a namespace, one for each; of routes only those by `dev`. */
function deletions(namespace: Namespace, dev?: string): string[] {
  return ['-4', '-6'].flatMap(family => [
    ...show<Found>(namespace, family, 'route', 'show', 'table', 'all', 'proto', '86')
      .filter(route => dev === undefined || route.dev === dev)
      .map(({ dst, dev, gateway, table = 'main', metric }) => {
        const via = gateway ? `via ${gateway} ` : '';
        return `${family} route delete ${dst} ${via}dev ${dev} table ${table} ${metric ? `metric ${metric}` : ''}`;
      }),
    ...show<Found>(namespace, family, 'rule', 'show')
      .filter(({ protocol }) => protocol === '86')
      // Of rules with one priority it deletes the first.
      .map(({ priority }) => `${family} rule delete priority ${priority}`),
  ]);
}

const damages = fc.record({
  picks: fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
  down: fc.boolean(),
  neighbours: fc.boolean(),
  ruleset: fc.boolean(),
});

describe.each(kinds)('of a pod %s', (kind, networks) => {
  let pod: Pod;
  let host: string;
  beforeAll(async () => {
    pod = await createPod(lab.node, `damage-${kinds.findIndex(([name]) => name === kind)}`, networks());
    host = namesOf(pod.nics[0]!.attachment.containerID).hostName;
  });

  test.each(fc.sample(damages, { numRuns: 8 }).map((damage, i) => ({ ...damage, i })))(
    'any part may be gone: $i',
    ({ picks, down, neighbours, ruleset }) => {
      const before = [state(lab.node), state(pod)];
      const inPod = deletions(pod).filter((_, i) => picks[i]);
      for (const command of inPod) run(['ip', '-netns', pod.name, ...command.trim().split(' ')]);
      for (const command of deletions(lab.node, host).filter((_, i) => picks[59 - i]))
        run(['ip', '-netns', lab.node.name, ...command.trim().split(' ')]);
      if (neighbours) ip(pod, ['neighbour flush dev veth0 nud permanent']);
      if (ruleset) run(inside(pod, ['nft', 'flush', 'ruleset']));
      if (down) ip(pod, ['link set veth0 down']);
      const told = ['--netns', pod.path, '--cache', `/run/cni/${lab.node.name}/results`];
      const isDamaged = JSON.stringify([state(lab.node), state(pod)]) !== JSON.stringify(before);
      expect(veth(lab.node, ['inspect', ...told])).toMatchObject({ status: isDamaged ? 1 : 0, stderr: '' });
      expect(veth(lab.node, ['reconcile', ...told])).toMatchObject({ status: 0, stderr: '' });
      expect(veth(lab.node, ['inspect', ...told])).toMatchObject({ status: 0, stderr: '' });
      expect([state(lab.node), state(pod)], inPod.join('\n')).toEqual(before);
    },
  );
});
