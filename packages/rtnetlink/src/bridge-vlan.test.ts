// The kernel of the tests has no VLANs of bridges, so these tests look at the messages instead.
import { expect, test } from 'vitest';
import { bridgeVlan, bridgeVlanFlags, bridgeVlanParts, Rtnetlink } from './index.ts';
import { fakeKernel, type Handler } from './testing/index.ts';

const { pvid, untagged, onlyOptions } = bridgeVlanFlags;

/** A client of a kernel that accepts every request, and the requests that it received. */
function taking(operation: string) {
  const taken: unknown[] = [];
  const take: Handler = asked => void taken.push(asked);
  return { nl: Rtnetlink.open(fakeKernel({ [operation]: take })), taken };
}

const vlans = [{ info: { vid: 5, flags: pvid | untagged } }, { info: { vid: 10, flags: 0 }, last: 19 }];

test('VLANs and ranges of them are added to a port, and taken from it, in one message', () => {
  const { nl, taken } = taking('bridgeVlan.add');
  nl.execute(bridgeVlan.add({ index: 3, vlans }));
  expect(taken).toEqual([{ family: 'bridge', index: 3, vlans }]);
  const { nl: other, taken: removed } = taking('bridgeVlan.delete');
  other.execute(bridgeVlan.delete({ index: 3, vlans }));
  expect(removed).toEqual(taken);
});

test('options of VLANs are set, and how the port is in them stays', () => {
  const { nl, taken } = taking('bridgeVlan.set');
  nl.execute(
    bridgeVlan.set({ index: 3, vlans: [{ info: { vid: 5 }, state: 'blocking', tunnel: { id: 7, command: 'set' } }] }),
  );
  const info = { vid: 5, flags: onlyOptions };
  expect(taken).toEqual([
    { family: 'bridge', index: 3, vlans: [{ info, state: 'blocking', tunnel: { id: 7, command: 'set' } }] },
  ]);
});

test('all VLANs of a link are one object of the list, with counters for who asks', () => {
  const statistics = { rxBytes: 1n, rxPackets: 2n, txBytes: 3n, txPackets: 4n };
  const told = { family: 'bridge', index: 3, vlans: vlans.map(vlan => ({ ...vlan, statistics })) } as const;
  const asked: object[] = [];
  const nl = Rtnetlink.open(
    fakeKernel({
      'bridgeVlan.list'(query) {
        asked.push(query);
        return [told];
      },
    }),
  );
  expect(nl.execute(bridgeVlan.list({ index: 3, parts: bridgeVlanParts.statistics }))).toEqual([told]);
  expect(asked).toEqual([{ family: 'bridge', index: 3, parts: 1 }]);
});

test('what a bridge does in its VLANs is told beside who is in them', () => {
  const told = {
    family: 'bridge',
    index: 4,
    vlans,
    global: [{ vid: 5, last: 7, multicastQuerier: true }, { vid: 9 }],
  } as const;
  const nl = Rtnetlink.open(fakeKernel({ 'bridgeVlan.list': () => [told] }));
  expect(nl.execute(bridgeVlan.list())).toEqual([told]);
});

test('what does not fit in a VLAN is refused by name', () => {
  const { nl, taken } = taking('bridgeVlan.add');
  const add = bridgeVlan.add({ index: 3, vlans: [{ info: { vid: 5 } }, { info: { vid: 70000 } }] });
  expect(() => nl.execute(add)).toThrow('bridgeVlan.add vlans.1.info.vid: 70000 is not an integer from 0 to 65535');
  expect(taken).toEqual([]);
});
