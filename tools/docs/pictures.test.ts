import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gateways } from '../../apps/veth/src/datapath.ts';
import type { PodKind } from '../lab/pods.ts';
import { destinations } from './datapath.ts';
import { labShell } from './lab-shell.ts';
import { root } from './markdown.ts';
import { pictures } from './pictures.ts';
import { scenes } from './second-nic.ts';

test.each(Object.entries(pictures))('%s is as it is drawn now: run "npm run draw -w tools"', (file, draw) => {
  expect(readFileSync(join(root, file), 'utf8')).toBe(draw());
});

test('the routes in the picture of one NIC are those of the pod in the lab', () => {
  const [ipv4 = '', ipv6 = ''] = labShell(['ip -n pod route', 'ip -n pod -6 route']);
  for (const destination of destinations.inet) expect(ipv4).toContain(`${destination} via ${gateways.inet} dev veth0`);
  for (const destination of destinations.inet6)
    expect(ipv6).toContain(`${destination} via ${gateways.inet6} dev veth0`);
});

test.each(Object.entries(scenes))(
  'the tables in the picture of the pod "%s" are those of the lab',
  (pod, { tables }) => {
    const shown = labShell(
      tables.map(({ name }) => `ip -n pod route show table ${name}`),
      pod as PodKind,
    );
    for (const [i, { ways }] of tables.entries())
      for (const { to, via } of ways)
        for (const destination of to) expect(shown[i]).toContain(`${destination} via ${via} `);
  },
);
