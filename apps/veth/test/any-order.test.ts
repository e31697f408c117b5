// Whatever NICs a pod has, in whatever families, and in whatever order they come, change and go: CHECK of each that is there
// passes, each reaches the cluster through the pair and answers its LAN by itself, the node has a way to each address and to no
// other, and the last leaves nothing.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inside, ip, run, show } from '../../../tools/lab/namespace.ts';
import { state } from '../../../tools/lab/state.ts';
import { createStand, type Stand } from './stand.ts';

const names = ['eth0', 'net1', 'net2'] as const;
const families = ['-4', '-6'] as const;

interface Nic {
  readonly families: readonly (typeof families)[number][];
  /** Each of these has a default route too. */
  readonly gateways: readonly (typeof families)[number][];
  /** In which LAN it is. */
  readonly lan: number;
}

type Shape = readonly [Nic, Nic, Nic];

const some = fc.constantFrom(families, ['-4'] as const, ['-6'] as const);
const nicIn = (own: number): fc.Arbitrary<Nic> =>
  fc.record({ families: some, gateways: fc.oneof(some, fc.constant([])), lan: fc.constantFrom(own, own, 0) });
const shapes: fc.Arbitrary<Shape> = fc.tuple(nicIn(0), nicIn(1), nicIn(2));
const keys = fc.record(
  {
    additional_cidr: fc.constantFrom(['172.20.0.0/16', 'fd00:20::/32'], ['172.21.0.0/16'], ['fd00:21::/32']),
    move_routes: fc.constant(2),
    reply_path: fc.constant({}),
  },
  { requiredKeys: [] },
);
/** A NIC comes, or if it is there goes, before its DEL or after it, has other addresses, or another configuration. */
const steps = fc.array(
  fc.record({ nic: fc.nat(2), what: fc.constantFrom('go', 'vanish', 'readdress', 'again', 'again'), keys }),
  { minLength: 6, maxLength: 12 },
);

function standOf(name: string): Stand {
  return createStand(name, pod => ({
    node: names.flatMap((nic, i) => [
      `link add lan${i} up type veth peer name ${nic} netns ${pod}`,
      `address add 10.${6 + i}.0.10/16 dev lan${i}`,
      `address add fd00:10:${6 + i}::10/64 dev lan${i} nodad`,
    ]),
    pod: [],
  }));
}

let count = 0;

test('what NICs have come, changed and gone in any order leaves those that are there whole', () => {
  fc.assert(
    fc.property(shapes, fc.option(fc.nat(2)), steps, (shape, named, all) => {
      using stand = standOf(`order${count++}`);
      const versions = [0, 0, 0];
      const attached = new Map<number, object>();
      const addressesOf = (i: number) => {
        const { families: has, lan } = shape[i]!;
        const of = {
          '-4': `10.${6 + lan}.${versions[i]}.10${i}`,
          '-6': `fd00:10:${6 + lan}::${versions[i]! + 1}:10${i}`,
        };
        return has.map(family => of[family]);
      };
      const long = (address: string) => `${address}/${address.includes(':') ? 64 : 16}`;
      const takeDown = (i: number) => ip(stand.pod, [`link set ${names[i]} down`, `address flush dev ${names[i]}`]);
      // IPv6 keeps paths by a link that is down, where there are others.
      const unplug = (i: number) => {
        takeDown(i);
        const path = `::/0 via fd00:10:${6 + shape[i]!.lan}::1 dev ${names[i]}`;
        run(['sh', '-c', `ip -netns ${stand.pod.name} -6 route delete ${path} 2>/dev/null || true`]);
      };
      const plug = (i: number) => {
        const { families: has, gateways, lan } = shape[i]!;
        const via = { '-4': `default via 10.${6 + lan}.0.1`, '-6': `::/0 via fd00:10:${6 + lan}::1` };
        const routes = gateways.filter(family => has.includes(family)).map(family => via[family]);
        ip(stand.pod, [
          `link set ${names[i]} up`,
          ...addressesOf(i).map(address => `address add ${long(address)} dev ${names[i]} nodad`),
          ...routes.map(route => `route append ${route} dev ${names[i]}`),
        ]);
      };
      const call = (command: string, i: number, more: object) => {
        const conf = { cluster_cidr: ['10.244.0.0/16', 'fd00:10:244::/56'], ...more };
        const { status, stdout } = stand.call(
          command,
          named === null ? conf : { ...conf, default_route: names[named] },
          names[i],
        );
        expect(status === 0 ? '' : `${command} ${names[i]}: ${JSON.parse(stdout).msg}`).toBe('');
      };
      for (const { nic: i, what, keys: more } of all) {
        const before = attached.get(i);
        if (!before) plug(i);
        if (before && (what === 'go' || what === 'vanish')) {
          if (what === 'vanish') unplug(i);
          call('DEL', i, before);
          if (what === 'go') unplug(i);
          attached.delete(i);
        } else {
          if (before && what === 'readdress') {
            const old = addressesOf(i);
            versions[i]! += 1;
            ip(stand.pod, [
              ...old.map(address => `address delete ${long(address)} dev ${names[i]}`),
              ...addressesOf(i).map(address => `address add ${long(address)} dev ${names[i]} nodad`),
            ]);
          }
          call('ADD', i, more);
          attached.set(i, more);
        }
        for (const [each, conf] of attached) call('CHECK', each, conf);
        expectWays(stand, [...attached.keys()].flatMap(addressesOf));
        // What stays in main is looked up there, whosever it is.
        if ([...attached.values()].some(conf => 'move_routes' in conf)) continue;
        for (const each of attached.keys())
          for (const from of addressesOf(each)) {
            const lan = 6 + shape[each]!.lan;
            const client = from.includes(':') ? `fd00:10:${lan}::20` : `10.${lan}.0.20`;
            expect(show(stand.pod, 'route', 'get', client, 'from', from)).toMatchObject([{ dev: names[each] }]);
          }
      }
      for (const [each, conf] of attached) call('DEL', each, conf);
      expectNothing(stand);
    }),
    { numRuns: 20, endOnFailure: true },
  );
});

function expectWays({ node, pod, host }: Stand, addresses: readonly string[]): void {
  if (addresses.length === 0) return;
  const routed = families.flatMap(family =>
    show<{ dst: string }>(node, family, 'route', 'show', 'dev', host, 'proto', '86').map(({ dst }) => dst),
  );
  expect(routed.sort()).toEqual([...addresses].sort());
  for (const from of addresses) {
    const destination = from.includes(':') ? 'fd00:10:244::5' : '10.244.0.5';
    expect(show(pod, 'route', 'get', destination, 'from', from)).toMatchObject([{ dev: 'veth0' }]);
  }
}

/** But for routes of NICs, which go with them. */
function expectNothing({ node, pod, host }: Stand): void {
  expect(show<{ ifname: string }>(node, 'link').map(({ ifname }) => ifname)).not.toContain(host);
  const { rules, nftables } = state(pod);
  expect([...rules, ...nftables].filter(line => /proto 86|table inet/.test(line))).toEqual([]);
  const routes = run(inside(pod, ['ip', 'route', 'show', 'table', 'all', 'proto', '86'])).split('\n');
  expect(routes.filter(line => line && !/dev (eth0|net1|net2) /.test(line))).toEqual([]);
}
