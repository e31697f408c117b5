// Of three NICs default_route names one. Whatever the order in which they come, main has one default route of each family:
// that of the first NIC until the one named is there, and then that one's until it goes. Every NIC that is there works, and
// once the named one is gone what the pod begins leaves by another.
import { expect, test } from 'vitest';
import { perFamily } from '../../../tools/lab/family.ts';
import { flows } from '../../../tools/lab/flows.ts';
import { createNamespace, type Namespace, show } from '../../../tools/lab/namespace.ts';
import { underlay, veth } from '../../../tools/lab/networks.ts';
import { attach, type Nic, runtime } from '../../../tools/lab/pod.ts';
import { probe, serve } from '../../../tools/lab/probe.ts';
import { createWideLab } from '../../../tools/lab/wide.ts';

const lab = await createWideLab('several-');
const { node, segments, remote } = lab;
const nics = { eth0: 'lan', net1: 'net1', net2: 'net2' } as const;
type Name = keyof typeof nics;

function network(name: Name, defaultRoute: Name) {
  const { lan, master } = segments[nics[name]];
  const network = underlay(node, lan.ranges, [{ ...veth, default_route: defaultRoute }], { name: nics[name], master });
  return { ...network, cniVersion: '1.0.0' };
}

/** The NIC of each default route in main, of each family. */
function owners(pod: Namespace) {
  return perFamily(family =>
    show<{ dev: string }>(pod, { IPv4: '-4', IPv6: '-6' }[family], 'route', 'show', 'default', 'table', 'main').map(
      ({ dev }) => dev,
    ),
  );
}

/** What goes wrong on the way to a client behind the gateway, and back, by every NIC that is there. */
async function failures(pod: Namespace, attached: readonly Nic[], first: Nic | undefined) {
  const ways = [
    ...(first ? [flows({ ...pod, addresses: first.addresses }, remote)] : []),
    ...attached.flatMap(({ addresses }) => [
      flows({ ...pod, addresses }, remote, { bound: true }),
      flows(remote, { ...pod, addresses }),
      flows({ ...pod, addresses }, lab.overlay, { addresses: lab.clusterIP, bound: true }),
    ]),
  ];
  const verdicts = await probe(ways.flatMap(both => Object.values(both)));
  return [...verdicts].flatMap(([{ from, address }, failure]) =>
    failure ? [`${from.addresses.IPv4} → ${address}: ${failure}`] : [],
  );
}

const orders: readonly (readonly Name[])[] = [
  ['eth0', 'net1', 'net2'],
  ['eth0', 'net2', 'net1'],
  ['net1', 'eth0', 'net2'],
  ['net1', 'net2', 'eth0'],
  ['net2', 'eth0', 'net1'],
  ['net2', 'net1', 'eth0'],
];

let count = 0;
test.each(orders.map((order, i) => ({ order, named: order[i % 3]!, leaving: orders[(i + 1) % 6]! })))(
  'NICs come in the order $order, default_route names $named, and they go in the order $leaving',
  async ({ order, named, leaving }) => {
    const pod = createNamespace(`several-pod${count++}`);
    using _servers = await serve([pod, remote, lab.overlay]);
    const attached: Nic[] = [];
    for (const name of order) {
      const { nics } = await attach(node, pod, { [name]: network(name, named) });
      attached.push(...nics);
      const names = attached.map(({ attachment }) => attachment.ifName);
      const owner = names.includes(named) ? named : order[0]!;
      expect(owners(pod), `after ADD ${name}`).toEqual({ IPv4: [owner], IPv6: [owner] });
      const first = attached.find(({ attachment }) => attachment.ifName === owner)!;
      expect(await failures(pod, attached, first), `after ADD ${name}`).toEqual([]);
    }
    for (const name of leaving) {
      const at = attached.findIndex(({ attachment }) => attachment.ifName === name);
      const [{ network, attachment }] = attached.splice(at, 1) as [Nic];
      await runtime(node).del(network, attachment);
      const remains = attached.some(({ attachment }) => attachment.ifName === named);
      const owner = remains ? [named] : [];
      expect(owners(pod), `after DEL ${name}`).toEqual({ IPv4: owner, IPv6: owner });
      const taken =
        attached.length > 0 ? show<{ dev: string }>(pod, 'route', 'get', remote.addresses.IPv4!)[0]!.dev : '';
      const first = attached.find(({ attachment }) => attachment.ifName === (remains ? named : taken));
      expect(first === undefined, `after DEL ${name}`).toBe(attached.length === 0);
      expect(await failures(pod, attached, first), `after DEL ${name}`).toEqual([]);
    }
  },
);
