// How long ip_conflict takes: whoever waits is counted, by a clock that does not run.
import { Address } from '@spider/ip';
import { NetNs } from '@spider/netns';
import { link, Rtnetlink } from '@spider/rtnetlink';
import { beforeEach, expect, test, vi } from 'vitest';
import { createNamespace, ip } from '../../../tools/lab/namespace.ts';
import { settle } from '../../../tools/lab/state.ts';
import { detectConflicts } from '../src/conflict/detect.ts';
import { etherType } from '../src/conflict/frame.ts';
import { PacketSocket } from '../src/conflict/packet-socket.ts';
import type { Sites } from '../src/sites.ts';

const clock = vi.hoisted(() => ({ waited: [] as number[], tick: async () => {} }));
vi.mock('node:timers/promises', () => ({
  async setTimeout(milliseconds: number) {
    clock.waited.push(milliseconds);
    await clock.tick();
  },
}));

const ends = [1, 2, 3, 4, 5, 6, 7, 8];
const addresses = [...ends.map(end => `10.6.3.${end}`), ...ends.map(end => `fd00:10:6::3:${end}`)];

const [node, pod] = [createNamespace('patience-node'), createNamespace('patience-pod')];
ip(node, ['link add lan address 02:00:5e:10:00:01 up type veth peer name eth0 netns patience-pod']);
ip(pod, ['link set eth0 up', ...addresses.map(text => `address add ${text}/${text.includes(':') ? 64 : 16} dev eth0`)]);
for (const namespace of [node, pod]) settle(namespace);

const siteOf = (path: string) => {
  const namespace = NetNs.open(path);
  return { namespace, rtnetlink: Rtnetlink.openIn(namespace) };
};
// The other end is nobody's node here: what answers there is somebody else.
const sites = { pod: siteOf(pod.path), node: siteOf(pod.path) } as unknown as Sites;
const { namespace: lan, rtnetlink: lanLinks } = siteOf(node.path);
const { index } = lanLinks.execute(link.get({ name: 'lan' }))!;

const detect = () =>
  detectConflicts(sites, 'eth0', { interval: 100, retries: 3 }, new AbortController().signal).then(
    () => undefined,
    (error: Error) => error.message,
  );

const ears = Object.values(etherType).map(type => new PacketSocket(lan, index, type));

/** The address that a frame asks about. */
function target(frame: Uint8Array): string {
  const isArp = frame[12] === 0x08;
  return Address.fromBytes(isArp ? frame.slice(38, 42) : frame.slice(62, 78)).toString();
}

let heard: string[];
const hear = () => {
  for (const ear of ears) for (const frame of ear.frames()) heard.push(target(frame));
  return heard.filter(text => addresses.includes(text)).sort();
};

beforeEach(() => {
  clock.waited = [];
  heard = [];
});

test('the time for sixteen addresses of both families is that for one: all are asked before each wait', async () => {
  const rounds: string[][] = [];
  clock.tick = async () => {
    await expect.poll(() => hear().length).toBe(addresses.length);
    rounds.push(hear());
    heard = [];
  };
  expect(await detect()).toBeUndefined();
  expect(clock.waited).toEqual([100, 100, 100]);
  expect(rounds).toEqual([1, 2, 3].map(() => addresses.toSorted()));
});

test('nobody is waited for once somebody has answered', async () => {
  ip(node, ['address add 10.6.3.2/16 dev lan', 'address add fd00:10:6::3:5/64 dev lan']);
  settle(node);
  clock.tick = async () => {
    // The kernel answers while it takes the question in.
    await expect.poll(() => hear().length).toBe(addresses.length);
  };
  const message = await detect();
  expect(message).toContain('address 10.6.3.2 dev eth0 in the pod: 02:00:5e:10:00:01 on the link has it');
  expect(message).toContain('address fd00:10:6::3:5 dev eth0 in the pod: 02:00:5e:10:00:01 on the link has it');
  expect(clock.waited).toEqual([100]);
});
