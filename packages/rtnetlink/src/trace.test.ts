import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { kernel } from '../test/kernel.ts';
import { link, Rtnetlink, route } from './index.ts';
import { fakeKernel } from './testing/index.ts';

let lines: string[] = [];

beforeEach(() => {
  lines = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

function traced(): Rtnetlink {
  vi.stubEnv('SPIDER_NL_DEBUG', '1');
  return Rtnetlink.open();
}

test('each message is a line: what was sent, and what the kernel says to it', () => {
  traced().settle([
    link.set({ index: 1, mtu: 65535 }),
    route.add({ dst: '10.0.0.1/24', oif: 1 }),
    link.set({ index: 1 }),
  ]);
  expect(lines).toEqual([
    expect.stringMatching(/^netlink > 1 link\.set \{.*index: 1, .*mtu: 65535.*\} \(40 bytes\)$/),
    expect.stringMatching(/^netlink > 2 route\.add \{.*dst: 10\.0\.0\.1\/24, .*oif: 1\} \(\d+ bytes\)$/),
    expect.stringMatching(/^netlink > 3 link\.set \{.*index: 1, .*\} \(32 bytes\)$/),
    expect.stringMatching(
      /^netlink < 2 route\.add .*: EINVAL .*; Invalid prefix for given prefix length \(\d+ bytes\)$/,
    ),
    'netlink < 3 link.set acknowledged (36 bytes)',
  ]);
});

test('a list is a line for each object, and its end', () => {
  // Besides lo there are those that modules for tunnels make in every namespace.
  const links = traced().execute(link.list());
  expect(lines).toHaveLength(1 + links.length + 1);
  expect(lines[1]).toMatch(/^netlink < 1 link \{.*name: lo, .*\} \(\d+ bytes\)$/);
  expect(lines.at(-1)).toMatch(/^netlink < 1 link\.list done \(\d+ bytes\)$/);
});

test('an iterated list is told likewise, and that the kernel filtered it', () => {
  for (const _ of traced().iterate(route.list({ table: 255, family: 'inet' }))) break;
  expect(lines[1]).toMatch(/^netlink < 1 route \{.*dst: 127\..*\} \[filtered\] \(\d+ bytes\)$/);
});

test('it is told that a list changed while the kernel made it', () => {
  vi.stubEnv('SPIDER_NL_DEBUG', '1');
  const answers = [{ interrupted: [{ index: 2 }] }, [{ index: 2 }]];
  Rtnetlink.open(fakeKernel({ 'link.list': () => answers.shift() })).execute(link.list());
  const told = lines.map(line => line.replace(/\{.*\}/, '{…}'));
  expect(told).toEqual([
    expect.stringMatching(/^netlink > 1 link\.list \{…\} /),
    expect.stringMatching(/^netlink < 1 link \{…\} \[interrupted\] /),
    expect.stringMatching(/^netlink < 1 link\.list done \[interrupted\] /),
    expect.stringMatching(/^netlink > 2 link\.list \{…\} /),
    expect.stringMatching(/^netlink < 2 link \{…\} \(/),
    expect.stringMatching(/^netlink < 2 link\.list done \(/),
  ]);
});

test('without the variable nothing is printed', () => {
  kernel.execute(link.list());
  expect(lines).toEqual([]);
});
