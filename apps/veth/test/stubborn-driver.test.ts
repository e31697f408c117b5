// NICs that do not take the hardware address that hardware_prefix asks for: the ADD fails, says what to do, and is undone.
// Of what drivers of hardware answer, no software link gives an example: here messages are changed on their way.
import type { CNIError, Rollback } from '@spider/cni-skel';
import { NetNs } from '@spider/netns';
import { NETLINK_ROUTE, openSocket, Rtnetlink, type Transport } from '@spider/rtnetlink';
import { describe, expect, test } from 'vitest';
import { show } from '../../../tools/lab/namespace.ts';
import { state } from '../../../tools/lab/state.ts';
import { apply } from '../src/apply/apply.ts';
import { configSchema } from '../src/config/config.ts';
import { observe } from '../src/observe/observe.ts';
import { plan } from '../src/plan/plan.ts';
import type { Sites } from '../src/sites.ts';
import { createStand, type Stand, succeeded } from './stand.ts';

const [RTM_NEWLINK, NLMSG_ERROR, unknownType] = [16, 2, 0xff];
const headers = 32;
const IFLA_ADDRESS = 1;
/** Which the kernel passes over. */
const IFLA_UNSPEC = 0;

const aligned = (length: number) => (length + 3) & ~3;

/** The messages of a datagram, by where they begin. */
function* messagesIn(view: DataView, length: number): Generator<number> {
  for (let at = 0; at < length; at += aligned(view.getUint32(at, true))) yield at;
}

/** Calls `change` with each message that sets a hardware address, and the place of that attribute. */
function changing(bytes: Uint8Array, change: (view: DataView, message: number, attribute: number) => void): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (const at of messagesIn(view, bytes.length)) {
    if (view.getUint16(at + 4, true) !== RTM_NEWLINK) continue;
    const end = at + view.getUint32(at, true);
    for (let part = at + headers; part < end; part += aligned(view.getUint16(part, true)))
      if (view.getUint16(part + 2, true) === IFLA_ADDRESS) change(view, at, part);
  }
}

/** Says yes, and keeps the address: a virtual function of SR-IOV that its host does not trust. */
function stubborn(transport: Transport): Transport {
  return {
    ...transport,
    send(bytes) {
      changing(bytes, (view, _, attribute) => view.setUint16(attribute + 2, IFLA_UNSPEC, true));
      transport.send(bytes);
    },
  };
}

/** Refuses the address with an error of its own: the kernel is made to refuse the message, and its answer is changed. */
function refusing(errno: number): (transport: Transport) => Transport {
  return transport => {
    const refused = new Set<number>();
    return {
      ...transport,
      send(bytes) {
        changing(bytes, (view, message) => {
          view.setUint16(message + 4, unknownType, true);
          refused.add(view.getUint32(message + 8, true));
        });
        transport.send(bytes);
      },
      receive(bytes) {
        const length = transport.receive(bytes);
        const view = new DataView(bytes.buffer, bytes.byteOffset);
        if (length <= bytes.length)
          for (const at of messagesIn(view, length))
            if (view.getUint16(at + 4, true) === NLMSG_ERROR && refused.has(view.getUint32(at + 8, true)))
              view.setInt32(at + 16, -errno, true);
        return length;
      },
    };
  };
}

const wanted = '0a:1b:0a:06:00:64';
const keys = { hardware_prefix: '0a:1b' };

/** A pod on a veth, and what an ADD does in it with a driver that is none of veth's. */
function standOf(name: string) {
  return createStand(name, pod => ({
    // Without addresses that the kernel makes, and that come when it likes.
    node: [
      `link add lan type veth peer name eth0 netns ${pod}`,
      'link set lan up addrgenmode none',
      'address add 10.6.0.10/16 dev lan',
    ],
    pod: ['link set eth0 up addrgenmode none', 'address add 10.6.0.100/16 dev eth0', 'route add default via 10.6.0.1'],
  }));
}

function addWith(stand: Stand, driver: (transport: Transport) => Transport): CNIError | undefined {
  const siteOf = (path: string, wrap: (transport: Transport) => Transport) => {
    const namespace = NetNs.open(path);
    return { namespace, rtnetlink: Rtnetlink.open(wrap(openSocket(NETLINK_ROUTE, namespace))) };
  };
  const sites = {
    pod: siteOf(stand.pod.path, driver),
    node: siteOf(stand.node.path, transport => transport),
  } as unknown as Sites;
  const result = configSchema['~standard'].validate(keys);
  if (!('value' in result)) throw new Error('the test’s own configuration is wrong');
  const facts = observe(sites, 'c1', 'eth0');
  const planned = plan(result.value, facts, { containerID: 'c1', ifName: 'eth0', network: 'underlay' });
  const undos: (() => unknown)[] = [];
  const rollback = { defer: (undo: () => unknown) => void undos.push(undo) } as Rollback;
  try {
    apply(planned, facts, sites, rollback);
    return undefined;
  } catch (error) {
    for (const undo of undos.toReversed()) undo();
    return error as CNIError;
  }
}

const stateOf = ({ node, pod }: Stand) => ({ node: state(node), pod: state(pod) });
const keeps = (what: string) => `link eth0, ${what}, keeps its hardware address: `;
const untrusted = 'an SR-IOV virtual function needs "trust" on its host to change it; else leave hardware_prefix out';

test('an ADD whose hardware_prefix the driver ignores fails, and says so', () => {
  using stand = standOf('stubborn');
  const [{ address }] = show<{ address: string }>(stand.pod, 'link', 'show', 'eth0') as [{ address: string }];
  const before = stateOf(stand);
  expect(addWith(stand, stubborn)?.toJSON()).toEqual({
    code: 100,
    msg: `link eth0 address ${wanted} in the pod: the driver kept ${address}`,
    details: keeps('of kind veth') + untrusted,
  });
  expect(stateOf(stand)).toEqual(before);
});

test.each([
  ['EPERM', 1, untrusted],
  ['EACCES', 13, untrusted],
  ['EBUSY', 16, 'its driver changes it only while the link is down; leave hardware_prefix out'],
  ['EADDRNOTAVAIL', 99, untrusted],
  ['EINVAL', 22, 'leave hardware_prefix out'],
])('an ADD whose hardware_prefix the driver refuses with %s fails, and says what to do', (name, errno, advice) => {
  using stand = standOf(`refusing-${name.toLowerCase()}`);
  const before = stateOf(stand);
  expect(addWith(stand, refusing(errno))?.toJSON()).toEqual({
    code: 100,
    msg: `link eth0 address ${wanted} in the pod: ${name}`,
    details: keeps('of kind veth') + advice,
  });
  expect(stateOf(stand)).toEqual(before);
});

describe('an ADD whose hardware_prefix the kernel refuses fails, says what to do, and is undone', () => {
  const hang = [`link add parent up type veth peer name far`, 'link set far up', 'address add 10.6.0.10/16 dev parent'];
  const addressed = ['link set eth0 up', 'address add 10.6.0.100/16 dev eth0'];
  const cases: [string, (pod: string) => { node: string[]; pod: string[] }, string, string][] = [
    [
      'a macvlan beside one that has the address',
      pod => ({
        node: [
          ...hang,
          `link add link parent name taken address ${wanted} up type macvlan mode bridge`,
          `link add link parent name eth0 netns ${pod} type macvlan mode bridge`,
        ],
        pod: addressed,
      }),
      'EADDRINUSE',
      `${keeps('of kind macvlan')}its parent, or another link on the parent, has this one; choose another hardware_prefix`,
    ],
    [
      'a link that has no hardware address',
      () => ({ node: hang, pod: ['tuntap add eth0 mode tun', ...addressed] }),
      'EOPNOTSUPP',
      `${keeps('of kind tun')}links of this kind have none that can be changed; leave hardware_prefix out`,
    ],
  ];

  test.each(cases)('%s', (_, wire, code, details) => {
    using stand = createStand(`kernel-${code.toLowerCase()}`, wire);
    for (const more of [{}, { only_hardware: true }]) {
      const before = stateOf(stand);
      const { stdout } = stand.call('ADD', { ...keys, ...more });
      expect(JSON.parse(stdout)).toMatchObject({
        code: 100,
        msg: `link eth0 address ${wanted} in the pod: ${code}`,
        details,
      });
      expect(stateOf(stand)).toEqual(before);
    }
    expect(stand.call('ADD')).toMatchObject(succeeded);
  });
});
