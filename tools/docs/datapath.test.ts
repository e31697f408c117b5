import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gateways } from '../../apps/veth/src/identity.ts';
import { datapath, destinations } from './datapath.ts';
import { labShell } from './lab-shell.ts';

test('docs/datapath.svg is as it is drawn now: run "npm run draw -w tools"', () => {
  const committed = readFileSync(join(import.meta.dirname, '../../docs/datapath.svg'), 'utf8');
  expect(committed).toBe(datapath());
});

test('the routes in the picture are those of the pod in the lab', () => {
  const [ipv4 = '', ipv6 = ''] = labShell(['ip -n pod route', 'ip -n pod -6 route']);
  for (const destination of destinations.inet) expect(ipv4).toContain(`${destination} via ${gateways.inet} dev veth0`);
  for (const destination of destinations.inet6)
    expect(ipv6).toContain(`${destination} via ${gateways.inet6} dev veth0`);
});
