// A driver that says yes to another hardware address and keeps the one it has, as that of an SR-IOV virtual function does
// which the host does not trust. No software link does so: here the address is taken out of the message on its way.
import type { Rollback } from '@spider/cni-skel';
import { NetNs } from '@spider/netns';
import { openSocket, Rtnetlink, type Transport } from '@spider/rtnetlink';
import { expect, test } from 'vitest';
import { show } from '../../../tools/lab/namespace.ts';
import { apply } from '../src/apply.ts';
import { configSchema } from '../src/config/config.ts';
import { observe } from '../src/observe.ts';
import { plan } from '../src/plan/plan.ts';
import type { Sites } from '../src/sites.ts';
import { createStand } from './stand.ts';

const RTM_NEWLINK = 16;
const headers = 32;
const IFLA_ADDRESS = 1;
/** Which the kernel passes over. */
const IFLA_UNSPEC = 0;

function stubborn(transport: Transport): Transport {
  return {
    ...transport,
    send(bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const aligned = (length: number) => (length + 3) & ~3;
      for (let at = 0; at < bytes.length; at += aligned(view.getUint32(at, true))) {
        const end = at + view.getUint32(at, true);
        if (view.getUint16(at + 4, true) !== RTM_NEWLINK) continue;
        for (let part = at + headers; part < end; part += aligned(view.getUint16(part, true)))
          if (view.getUint16(part + 2, true) === IFLA_ADDRESS) view.setUint16(part + 2, IFLA_UNSPEC, true);
      }
      transport.send(bytes);
    },
  };
}

test('an ADD whose hardware_prefix the driver ignores fails, and says so', () => {
  using stand = createStand('stubborn', pod => ({
    node: [`link add lan up type veth peer name eth0 netns ${pod}`, 'address add 10.6.0.10/16 dev lan'],
    pod: ['link set eth0 up', 'address add 10.6.0.100/16 dev eth0'],
  }));
  const [{ address }] = show<{ address: string }>(stand.pod, 'link', 'show', 'eth0') as [{ address: string }];
  const siteOf = (path: string, wrap: (transport: Transport) => Transport) => {
    const namespace = NetNs.open(path);
    return { namespace, rtnetlink: namespace.run(() => Rtnetlink.open(wrap(openSocket()))) };
  };
  const sites = {
    pod: siteOf(stand.pod.path, stubborn),
    node: siteOf(stand.node.path, transport => transport),
  } as unknown as Sites;
  const result = configSchema['~standard'].validate({ hardware_prefix: '0a:1b' });
  if (!('value' in result)) throw new Error('the test’s own configuration is wrong');
  const facts = observe(sites, 'c1', 'eth0');
  const planned = plan(result.value, facts, { containerID: 'c1', ifName: 'eth0', network: 'underlay' });
  const rollback = { defer: () => {}, adopt: <T>(value: T): T => value } as Rollback;
  expect(() => apply(planned, facts, sites, rollback)).toThrow(
    `link eth0 address 0a:1b:0a:06:00:64 in the pod: the driver kept ${address}`,
  );
});
