// `veth trace` reads the rules that kube-proxy makes of services: of nf_tables, and of iptables where that stands on them.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Family } from '../../../../tools/lab/family.ts';
import { flows } from '../../../../tools/lab/flows.ts';
import { createLab, type Lab } from '../../../../tools/lab/lab.ts';
import { inside, ip, run, show } from '../../../../tools/lab/namespace.ts';
import { cluster, underlay, veth as vethConf } from '../../../../tools/lab/networks.ts';
import { createPod, type Pod } from '../../../../tools/lab/pod.ts';
import { probe, serve } from '../../../../tools/lab/probe.ts';
import type { Trace } from '../../src/cli/trace/step.ts';
import { vethJson } from './call.ts';

let lab: Lab;
let pod: Pod;
beforeAll(async () => {
  lab = await createLab('proxy-');
  pod = await createPod(lab.node, 'proxy-pod', { eth0: underlay(lab.node, lab.lan.ranges, [vethConf]) });
  // The lab's own service masquerades too.
  nft('delete table inet service');
});

/** The steps that say what became of a service's address, and of the pod's. */
function translations(dst: string, port: number): string[] {
  const { steps } = vethJson<Trace>(lab.node, ['trace', '--netns', pod.path, '--port', String(port), dst]);
  return steps.map(({ text }) => text).filter(text => text.includes('translate'));
}

/** The node's addresses on the overlay's bridge: what is marked is masqueraded. */
const bridge = { IPv4: '10.244.0.1', IPv6: 'fd00:10:244::1' };

/** What is expected of a service that leads to the overlay's pod, and masquerades what comes from elsewhere. */
function ofService(address: string, family: 'IPv4' | 'IPv6'): string[] {
  const [own, seen] = [pod.addresses[family], bridge[family]];
  return [
    `${address} is translated to ${lab.overlay.addresses[family]}, by a rule of nf_tables`,
    `its source ${own} is translated to ${seen}, by a rule of nf_tables`,
    `${seen} is translated back to ${own}`,
  ];
}

/** Whether the kernel takes a connection to the service's port 80 to the overlay's pod, and masquerades it. */
async function arrives(addresses: { IPv4: string } | { IPv6: string }): Promise<boolean> {
  using _server = await serve([lab.overlay]);
  const ways = Object.values(flows(pod, lab.overlay, { addresses, sources: bridge }));
  return [...(await probe(ways)).values()].every(failure => failure === undefined);
}

/** Addresses for those outside of the cluster: of load balancers, for instance. */
const outer = { IPv4: '203.0.113.1', IPv6: 'fd00:203::1' };

/** What is said of a ClusterIP and of an outer address of the same service that the pod sends past the node. */
function pastTheNode(family: Family, clusterIP: string): string[] {
  const routes = show<{ dst: string }>(pod, family === 'IPv4' ? '-4' : '-6', 'route', 'show', 'proto', '86');
  const [service] = routes.filter(({ dst }) => dst === cluster.services[family]);
  const via = family === 'IPv4' ? 'via 169.254.1.1 dev veth0 onlink' : 'via fe80::1 dev veth0';
  ip(pod, [`route delete ${service!.dst}`]);
  const said = [clusterIP, outer[family]].map(dst => {
    const { verdict, steps } = vethJson<Trace>(lab.node, ['trace', '--netns', pod.path, dst]);
    return [verdict, ...steps.flatMap(({ doubtful, text }) => (doubtful ? [text] : []))].join('; ');
  });
  ip(pod, [`route add ${service!.dst} ${via} src ${pod.addresses[family]} proto 86`]);
  return said;
}

function expectedPast(family: Family, clusterIP: string): unknown[] {
  const to = lab.overlay.addresses[family];
  const past = 'but the packet leaves past the node';
  return [
    `stops in the pod: ${clusterIP} is a ClusterIP, which the node translates to ${to}, ${past}, by eth0`,
    expect.stringMatching(`^works, .*; the node translates ${outer[family]} to ${to}, as that of a service, ${past}$`),
  ];
}

const nft = (ruleset: string) => run(inside(lab.node, ['nft', '--file', '-']), ruleset);

describe('in the mode nftables', () => {
  beforeAll(() => {
    for (const [family, address, service, masked] of [
      ['ip', 'ipv4_addr', '10.96.1', lab.overlay.addresses.IPv4],
      ['ip6', 'ipv6_addr', 'fd00:10:96::10', lab.overlay.addresses.IPv6],
    ] as const) {
      const ipFamily = family === 'ip' ? 'IPv4' : 'IPv6';
      const of = (end: number) => (family === 'ip' ? `${service}.${end}` : `${service}${end}`);
      const pods = family === 'ip' ? '10.244.0.0/16' : 'fd00:10:244::/56';
      const to = family === 'ip' ? `${masked}:80` : `[${masked}]:80`;
      nft(`
        table ${family} kube-proxy {
          map service-ips {
            type ${address} . inet_proto . inet_service : verdict
            elements = { ${of(1)} . tcp . 80 : goto service-A, ${of(2)} . tcp . 443 : goto service-A, ${outer[ipFamily]} . tcp . 80 : goto external-A }
          }
          set cluster-ips { type ${address}; elements = { ${of(1)}, ${of(2)} } }
          chain mark-for-masquerade { mark set mark or 0x4000; }
          chain endpoint-A {
            ${family} saddr ${masked} jump mark-for-masquerade
            meta l4proto tcp dnat to ${to}
          }
          chain service-A {
            ${family} daddr ${of(1)} tcp dport 80 ${family} saddr != ${pods} jump mark-for-masquerade
            numgen random mod 2 vmap { 0 : goto endpoint-A, 1 : goto endpoint-A }
          }
          chain external-A { jump mark-for-masquerade; goto service-A; }
          chain services { ${family} daddr . meta l4proto . th dport vmap @service-ips; ${family} daddr @cluster-ips counter; }
          chain masquerading { mark and 0x4000 == 0 return; mark set mark xor 0x4000; masquerade fully-random; }
          chain nat-prerouting { type nat hook prerouting priority dstnat; jump services; }
          chain nat-postrouting { type nat hook postrouting priority srcnat; jump masquerading; }
        }`);
    }
  });

  test('the address and the port of a service lead to one of its pods', async () => {
    expect(translations('10.96.1.1', 80)).toEqual(ofService('10.96.1.1', 'IPv4'));
    expect(translations('fd00:10:96::101', 80)).toEqual(ofService('fd00:10:96::101', 'IPv6'));
    // This one masquerades nothing.
    expect(translations('10.96.1.2', 443)).toEqual(ofService('10.96.1.2', 'IPv4').slice(0, 1));
    expect(await arrives({ IPv4: '10.96.1.1' })).toBe(true);
    expect(await arrives({ IPv6: 'fd00:10:96::101' })).toBe(true);
  });

  test.each([
    ['IPv4', '10.96.1.1'],
    ['IPv6', 'fd00:10:96::101'],
  ] as const)('a ClusterIP is told from an address that others know too (%s)', (family, clusterIP) => {
    expect(pastTheNode(family, clusterIP)).toEqual(expectedPast(family, clusterIP));
  });

  test.each([
    ['another port', '10.96.1.1', 443],
    ['another address', '10.96.1.3', 80],
  ])('%s leads nowhere', (_, dst, port) => {
    expect(translations(dst, port)).toEqual([
      `no rule that can be seen translates ${dst}, TCP port ${port}, as that of a service would`,
    ]);
  });
});

describe('in the mode iptables, by iptables-nft', () => {
  beforeAll(() => {
    for (const family of ['ip', 'ip6']) nft(`delete table ${family} kube-proxy`);
    for (const [program, service, external, pods, masked, to] of [
      [
        'iptables-nft',
        '10.96.2.1/32',
        outer.IPv4,
        '10.244.0.0/16',
        '10.244.0.250/32',
        `${lab.overlay.addresses.IPv4}:80`,
      ],
      [
        'ip6tables-nft',
        'fd00:10:96::201/128',
        outer.IPv6,
        'fd00:10:244::/56',
        'fd00:10:244::250/128',
        `[${lab.overlay.addresses.IPv6}]:80`,
      ],
    ] as const)
      run(
        inside(lab.node, [`${program}-restore`]),
        `*nat
:KUBE-SERVICES - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-SVC-A - [0:0]
:KUBE-EXT-A - [0:0]
:KUBE-SEP-A - [0:0]
:KUBE-SEP-B - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
-A KUBE-SERVICES -d ${service} -p tcp -m comment --comment "shop/web cluster IP" -m tcp --dport 80 -j KUBE-SVC-A
-A KUBE-SERVICES -d ${external} -p tcp -m comment --comment "shop/web loadbalancer IP" -m tcp --dport 80 -j KUBE-EXT-A
-A KUBE-EXT-A -m comment --comment "masquerade traffic for shop/web external destinations" -j KUBE-MARK-MASQ
-A KUBE-EXT-A -j KUBE-SVC-A
-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports" -m addrtype --dst-type LOCAL -j KUBE-MARK-MASQ
-A KUBE-SVC-A ! -s ${pods} -d ${service} -p tcp -m comment --comment "shop/web cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ
-A KUBE-SVC-A -m comment --comment "shop/web" -m recent --name KUBE-SEP-A --rcheck --seconds 10800 --reap --rsource -j KUBE-SEP-A
-A KUBE-SVC-A -m comment --comment "shop/web" -m statistic --mode random --probability 0.5 -j KUBE-SEP-A
-A KUBE-SVC-A -m comment --comment "shop/web" -j KUBE-SEP-B
-A KUBE-SEP-A -s ${masked} -m comment --comment "shop/web" -j KUBE-MARK-MASQ
-A KUBE-SEP-A -p tcp -m comment --comment "shop/web" -m recent --name KUBE-SEP-A --set --rsource -m tcp -j DNAT --to-destination ${to}
-A KUBE-SEP-B -p tcp -m comment --comment "shop/web" -m tcp -j DNAT --to-destination ${to}
COMMIT
`,
      );
  });

  test('the address and the port of a service lead to one of its pods', async () => {
    expect(translations('10.96.2.1', 80)).toEqual(ofService('10.96.2.1', 'IPv4'));
    expect(translations('fd00:10:96::201', 80)).toEqual(ofService('fd00:10:96::201', 'IPv6'));
    expect(await arrives({ IPv4: '10.96.2.1' })).toBe(true);
    expect(await arrives({ IPv6: 'fd00:10:96::201' })).toBe(true);
  });

  test.each([
    ['IPv4', '10.96.2.1'],
    ['IPv6', 'fd00:10:96::201'],
  ] as const)('a ClusterIP is told from an address that others know too (%s)', (family, clusterIP) => {
    expect(pastTheNode(family, clusterIP)).toEqual(expectedPast(family, clusterIP));
  });

  test('another port leads nowhere', () => {
    expect(translations('10.96.2.1', 443)).toEqual([
      'no rule that can be seen translates 10.96.2.1, TCP port 443, as that of a service would',
    ]);
  });
});
