// What an ADD costs grows with the number of times it asks the kernel: docs/architecture.md lists each send.
import type { Rollback } from '@spider/cni-skel';
import { NetNs } from '@spider/netns';
import { openSocket, Rtnetlink } from '@spider/rtnetlink';
import { expect, test } from 'vitest';
import { apply } from '../src/apply/apply.ts';
import { configSchema } from '../src/config/config.ts';
import { observe } from '../src/observe/observe.ts';
import { plan } from '../src/plan/plan.ts';
import type { Sites } from '../src/sites.ts';
import { createStand } from './stand.ts';

test.each([0, 1, 2])(
  'the ADD of a pod’s only NIC, with addresses of both families, sends six times, with rp_filter %i',
  value => {
    using stand = createStand(`sends${value}`, pod => ({
      node: [
        `link add lan up type veth peer name eth0 netns ${pod}`,
        'address add 10.6.0.10/16 dev lan',
        'address add fd00:10:6::10/64 dev lan nodad',
      ],
      pod: ['link set eth0 up', 'address add 10.6.0.100/16 dev eth0', 'address add fd00:10:6::100/64 dev eth0 nodad'],
    }));
    let sends = 0;
    const siteOf = (path: string) => {
      const namespace = NetNs.open(path);
      const transport = namespace.run(() => openSocket());
      const send = (bytes: Uint8Array) => {
        sends++;
        transport.send(bytes);
      };
      return { namespace, rtnetlink: Rtnetlink.open({ ...transport, send }) };
    };
    const sites = { pod: siteOf(stand.pod.path), node: siteOf(stand.node.path) } as unknown as Sites;
    const result = configSchema['~standard'].validate({ cluster_cidr: ['10.244.0.0/16', 'fd00:10:244::/56'] });
    if (!('value' in result)) throw new Error('the test’s own configuration is wrong');
    for (const name of ['all', 'default'])
      sites.pod.namespace.writeSysctl(`net/ipv4/conf/${name}/rp_filter`, String(value));
    const facts = observe(sites, 'c1', 'eth0');
    expect(facts.nic.addresses).toEqual(['10.6.0.100', 'fd00:10:6::100']);
    const planned = plan(result.value, facts, { containerID: 'c1', ifName: 'eth0', network: 'underlay' });
    apply(planned, facts, sites, { defer: () => {}, adopt: <T>(value: T): T => value } as Rollback);
    expect(sends).toBe(6);
  },
);
