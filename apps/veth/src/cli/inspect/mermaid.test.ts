import { expect, test } from 'vitest';
import { inspectionMermaid } from './mermaid.ts';

test('what Mermaid would take for its own is written as entities, and no name becomes an identifier', () => {
  const nics = [{ name: 'a"b<#>&.end', network: 'underlay', kind: undefined, addresses: ['10.6.0.100'], paths: [] }];
  const host = { name: 'vethx', index: 7, address: '02:00:00:00:00:01', mtu: 1500, up: true };
  const pair = { host, pod: undefined, routed: [] };
  const pod = { pod: undefined, containerID: 'c1', netns: undefined, pair, nics, findings: [] };
  expect(inspectionMermaid({ node: { addresses: ['10.6.0.10'], findings: [] }, pods: [pod] }).split('\n')).toEqual([
    'flowchart LR',
    '  lan((LAN))',
    '  node["node<br>10.6.0.10"]',
    '  subgraph pod0["container c1"]',
    '    pod0_nic0["a#quot;b#lt;#35;#gt;#amp;.end<br>10.6.0.100"]',
    '    pod0_pair["veth0"]',
    '  end',
    '  lan --- pod0_nic0',
    '  pod0_pair === host0["vethx"]',
    '  host0 --- node',
  ]);
});
