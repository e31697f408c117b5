import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ip, kernel, veth } from '../test/kernel.ts';
import { netconf, netconfIndex } from './index.ts';

const [index] = veth('conf0', 'conf1');

test('settings of an interface are told as ip(8) tells them', () => {
  writeFileSync('/proc/sys/net/ipv4/conf/conf0/rp_filter', '2');
  writeFileSync('/proc/sys/net/ipv4/conf/conf0/proxy_arp', '1');
  const ours = kernel.execute(netconf.get({ family: 'inet', index }));
  expect(ours).toMatchObject({ index, forwarding: 0, rpFilter: 2, proxyNeighbour: 1, multicastForwarding: 0 });
  expect(ip('-4', 'netconf', 'show').filter(seen => seen['interface'] === 'conf0')).toMatchObject([
    { interface: 'conf0', forwarding: false, rp_filter: 'loose', proxy_neigh: true, mc_forwarding: false },
  ]);
});

test('settings of all and of new interfaces are told', () => {
  writeFileSync('/proc/sys/net/ipv4/conf/default/rp_filter', '1');
  const [all, fresh] = kernel.batch([
    netconf.get({ family: 'inet', index: netconfIndex.all }),
    netconf.get({ family: 'inet', index: netconfIndex.default }),
  ]);
  expect([all?.index, fresh?.rpFilter]).toEqual([netconfIndex.all, 1]);
});

test.each(['inet', 'inet6'] as const)('settings of every interface are listed, of %s', family => {
  const theirs = ip(family === 'inet' ? '-4' : '-6', 'netconf', 'show').map(seen => seen['forwarding']);
  const ours = kernel.execute(netconf.list({ family }));
  expect(ours.map(({ forwarding }) => forwarding === 1)).toEqual(theirs);
  expect(kernel.execute(netconf.list({ family, index })).map(found => found.index)).toEqual([index]);
});
