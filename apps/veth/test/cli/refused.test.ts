// `veth trace` names the route or the rule that refuses a destination, and does as the kernel does where rules look at more
// than the destination.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Family, families } from '../../../../tools/lab/family.ts';
import type { Lab } from '../../../../tools/lab/lab.ts';
import type { Namespace } from '../../../../tools/lab/namespace.ts';
import type { Pod } from '../../../../tools/lab/pod.ts';
import { serve } from '../../../../tools/lab/probe.ts';
import type { Trace } from '../../src/cli/trace/step.ts';
import { sh, vethJson } from './call.ts';
import * as way from './way.ts';

let lab: Lab;
let pod: Pod;
let host: string;
let servers: Disposable;
beforeAll(async () => {
  ({ lab, pod, host } = await way.createTracedLab('no-'));
  servers = await serve([lab.overlay]);
});
afterAll(() => servers[Symbol.dispose]());

const trace = (dst: string) => vethJson<Trace>(lab.node, ['trace', '--netns', pod.path, dst]);

const arrives = (family: Family) => way.arrives(pod, lab.overlay, lab.clusterIP[family]!);

function ip(namespace: Namespace, family: Family, commands: readonly string[]): void {
  sh(namespace, commands.map(command => `ip ${family === 'IPv6' ? '-6' : '-4'} ${command}`).join(' && '));
}

const around = { IPv4: '10.96.0.0/28', IPv6: 'fd00:10:96::/123' };
const further = { IPv4: '10.96.0.0/24', IPv6: 'fd00:10:96::/120' };
const verbs = { unreachable: 'refuses', prohibit: 'forbids', blackhole: 'drops' };
const refusals = families.flatMap(family =>
  Object.entries(verbs).map(([type, verb]) => ({ family, type, verb, dst: around[family], way: further[family] })),
);

describe.each(refusals)('of type $type, over $family,', ({ family, type, verb, dst, way }) => {
  const cases: [string, string[], string[], string][] = [
    ['a route', [`route add ${type} ${way}`], [`route delete ${type} ${way}`], `route ${type} ${way}`],
    [
      'a route in the table of another agent, and the rule that leads there',
      [`route add ${type} ${way} table 77`, `rule add priority 77 to ${dst} lookup 77`],
      ['rule delete priority 77', 'route flush table 77'],
      `route ${type} ${way} table 77, by rule 77 to ${dst} lookup 77,`,
    ],
    [
      'a rule, behind some for other packets and an empty table',
      [
        `rule add priority 76 not to ${dst} ${type}`,
        `rule add priority 76 ipproto udp ${type}`,
        `rule add priority 76 sport 1-1023 ${type}`,
        `rule add priority 76 iif eth0 ${type}`,
        'rule add priority 76 lookup 76',
        `rule add priority 77 iif lo ipproto tcp dport 80-81 ${type}`,
      ],
      ['rule delete priority 77', ...Array(5).fill('rule delete priority 76')],
      `rule 77 iif lo ipproto tcp dport 80-81 ${type}`,
    ],
  ];
  test.each(cases)('%s', async (_, damage, mend, culprit) => {
    const to = lab.clusterIP[family]!;
    ip(pod, family, damage);
    expect(await arrives(family)).toBe(false);
    expect(trace(to).verdict).toBe(`stops in the pod: ${culprit} ${verb} what goes to ${to}`);
    ip(pod, family, mend);
    expect(await arrives(family)).toBe(true);
    expect(trace(to).verdict).toMatch(/^works/);
  });
});

test('a rule of the node for what comes in by the pair', async () => {
  ip(lab.node, 'IPv6', [`rule add priority 77 iif ${host} prohibit`]);
  expect(await arrives('IPv6')).toBe(false);
  expect(trace(lab.clusterIP.IPv6!).verdict).toMatch(
    new RegExp(`^stops on the node: rule 77 iif ${host} prohibit forbids what goes to \\S+$`),
  );
  ip(lab.node, 'IPv6', ['rule delete priority 77']);
});

test.each([
  ['IPv4', false, 'over which the kernel looks up once more'],
  ['IPv6', true, 'over which it does not'],
] as const)('a rule for the source that the kernel chooses, over %s (%s): %s', async (family, works, _) => {
  ip(pod, family, [`rule add priority 78 from ${pod.addresses[family]} prohibit`]);
  expect(await arrives(family)).toBe(works);
  expect(trace(lab.clusterIP[family]!).works).toBe(works);
  ip(pod, family, ['rule delete priority 78']);
});

test('what the kernel drops for another reason: a blackhole behind a longer prefix is not to blame', async () => {
  ip(lab.node, 'IPv4', ['route add blackhole 10.244.0.0/16', 'rule add priority 77 ipproto tcp sport 80 prohibit']);
  expect(await arrives('IPv4')).toBe(false);
  expect(trace(lab.clusterIP.IPv4!).verdict).toMatch(
    /^stops on the node: the kernel drops what goes from \S+ to 10\.244\.0\.2: an address that cannot be \(martian\), or a rule/,
  );
  ip(lab.node, 'IPv4', ['rule delete priority 77']);
  expect(await arrives('IPv4')).toBe(true);
  ip(lab.node, 'IPv4', ['route delete blackhole 10.244.0.0/16']);
});

test('a rule for a port decides about that alone', async () => {
  ip(pod, 'IPv4', ['rule add priority 79 ipproto tcp dport 443 prohibit']);
  expect(await arrives('IPv4')).toBe(true);
  expect(trace(lab.clusterIP.IPv4!).works).toBe(true);
  const at443 = vethJson<Trace>(lab.node, ['trace', '--netns', pod.path, '--port', '443', lab.clusterIP.IPv4!]);
  expect(at443.verdict).toBe(
    'stops in the pod: rule 79 ipproto tcp dport 443 prohibit forbids what goes to 10.96.0.10',
  );
  ip(pod, 'IPv4', ['rule delete priority 79']);
});
