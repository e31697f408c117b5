// Checks that keys in docs/migration.md are those that the plugin accepts.
import { expect, test } from 'vitest';
import { jsonSchema } from '../../apps/veth/src/cli/schema/json-schema.ts';
import { aliases } from '../../apps/veth/src/config/aliases.ts';
import { documents } from './markdown.ts';

const [page] = documents('docs/migration.md');
const rows = [...page!.text.matchAll(/^\| (`.*?) \| (.*?) \|$/gm)].map(([, theirs = '', here = '']) => ({
  theirs: wordsOf(theirs),
  here: wordsOf(here),
}));

function wordsOf(cell: string): string[] {
  return [...cell.matchAll(/`([a-z_A-Z.]+)`/g)].map(([, word = '']) => word);
}

/** The keys that the sources of each plugin read, by the heading of its section. */
const theirKeys = {
  '`veth` of spidernet-io/plugins':
    'only_hardware hardware_prefix cluster_cidr service_cidr additional_cidr rp_filter move_routes log_options',
  '`veth` of spidernet-io/cni-plugins':
    'overlay_hijack_subnet service_hijack_subnet additional_hijack_subnet rp_filter.set_host rp_filter.value ' +
    'migrate_route skip_call mac_prefix only_op_mac log_options ip_conflict',
  '`router` of spidernet-io/cni-plugins': 'overlay_interface host_rule_table sriov migrate_route',
  '`coordinator` of Spiderpool':
    'mode podDefaultCniNic overlayPodCIDR serviceCIDR hijackCIDR policyRoutes tunePodRoutes podDefaultRouteNic ' +
    'podDefaultRouteNIC hostRuleTable podRPFilter hostRPFilter txQueueLen podMACPrefix vethLinkAddress vethMTU ' +
    'multusNicPrefix detectGateway detectIPConflict detectOptions logOptions',
};

test.each(Object.entries(theirKeys))('it has a row for every key of %s', (heading, keys) => {
  const [section = ''] = page!.text.split(`\n## ${heading}\n`)[1]!.split('\n## ');
  const cells = [...section.matchAll(/^\| (.*?) \| .* \|$/gm)].map(([, cell = '']) => cell);
  const named = cells.flatMap(cell => [...cell.matchAll(/`([\w.]+)`/g)]).map(([, key]) => key);
  expect(named).toEqual(expect.arrayContaining(keys.split(' ')));
});

test('it names every key that is taken under another name, beside ours', () => {
  for (const [theirs, { key }] of Object.entries(aliases)) {
    const row = rows.find(row => row.theirs.includes(theirs));
    expect(row?.here, theirs).toContain(key);
  }
});

test('the keys that it sends people to exist', () => {
  const { properties } = jsonSchema() as { readonly properties: Record<string, { readonly properties?: object }> };
  const known = Object.entries(properties).flatMap(([key, { properties: inner = {} }]) => [
    key,
    ...Object.keys(inner).flatMap(name => [name, `${key}.${name}`]),
  ]);
  const sentTo = rows
    .flatMap(({ here }) => here)
    .filter(word => !['true', 'false', 'value', 'info', 'main'].includes(word));
  expect(sentTo.filter(word => word !== 'veth' && !known.includes(word))).toEqual([]);
  expect(sentTo.length).toBeGreaterThan(20);
});
