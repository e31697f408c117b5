// The LAN of one NIC is within that of another: what goes there goes by the first, as the longer prefix says, though the rules of
// the other would take it.
import { expect, test } from 'vitest';
import { ip, show } from '../../../tools/lab/namespace.ts';
import { state } from '../../../tools/lab/state.ts';
import { createStand, type Stand } from './stand.ts';

const nics = {
  eth0: ['10.6.0.100/24', 'fd00:10:6:0::100/64'],
  net1: ['10.6.9.101/16', 'fd00:10:6:9::101/48'],
};
type Name = keyof typeof nics;

const routes = ['route append default via 10.6.0.1 dev eth0', 'route append ::/0 via fd00:10:6::1 dev eth0'];

function plug({ pod }: Stand, name: Name): void {
  const addresses = nics[name].map(
    address => `address add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`,
  );
  ip(pod, [`link set ${name} up`, ...addresses, ...(name === 'eth0' ? routes : [])]);
}

test.each<{ order: readonly [Name, Name] }>([{ order: ['eth0', 'net1'] }, { order: ['net1', 'eth0'] }])(
  'each NIC leads to its own LAN, and the last leaves nothing, if they come in the order $order',
  ({ order }) => {
    using stand = createStand(`nested-${order[0]}`, pod => ({
      node: Object.keys(nics).map(name => `link add to-${name} up type veth peer name ${name} netns ${pod}`),
      pod: [],
    }));
    const call = (command: string, name: Name) => {
      const { status, stdout } = stand.call(command, { cluster_cidr: ['10.244.0.0/16', 'fd00:10:244::/56'] }, name);
      return status === 0 ? undefined : JSON.parse(stdout).msg;
    };
    for (const name of order) {
      plug(stand, name);
      expect(call('ADD', name)).toBeUndefined();
    }
    const way = (...to: string[]) => show<{ dev: string }>(stand.pod, 'route', 'get', ...to)[0]!.dev;
    for (const [near, far, eth0, net1] of [
      ['10.6.0.20', '10.6.8.20', '10.6.0.100', '10.6.9.101'],
      ['fd00:10:6:0::20', 'fd00:10:6:8::20', 'fd00:10:6:0::100', 'fd00:10:6:9::101'],
    ] as const) {
      expect([way(near), way(near, 'from', eth0), way(near, 'from', net1)]).toEqual(['eth0', 'eth0', 'net1']);
      expect([way(far), way(far, 'from', net1)]).toEqual(['net1', 'net1']);
    }
    const before = state(stand.pod);
    for (const name of order) {
      expect(call('CHECK', name)).toBeUndefined();
      expect(call('ADD', name)).toBeUndefined();
      expect(state(stand.pod)).toEqual(before);
    }
    ip(stand.pod, ['link delete eth0']);
    expect(call('DEL', 'eth0')).toBeUndefined();
    expect(call('CHECK', 'net1')).toBeUndefined();
    expect(call('ADD', 'net1')).toBeUndefined();
    const rules = () => state(stand.pod).rules.filter(line => /^860[12]:/.test(line));
    expect(rules().filter(line => line.startsWith('8601'))).toEqual([]);
    expect(call('DEL', 'net1')).toBeUndefined();
    expect(rules()).toEqual([]);
  },
);
