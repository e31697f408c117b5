// Runs the conformance kit against the plugins of Debian's containernetworking-plugins, in namespaces of their own.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { differences } from '../scripts/differences.ts';
import { conformance, type Fixture } from '../src/testing/index.ts';
import { createDirectory } from './directory.ts';
import { createNamespace, removeNamespace } from './namespace.ts';

const path = '/usr/lib/cni';
if (!existsSync(join(path, 'macvlan'))) throw new Error('run "apt-get install containernetworking-plugins"');

const run = (command: string) => execFileSync('sh', ['-ec', command], { encoding: 'utf8' });

/** A network namespace with what `commands` create in it; $NS is its name. */
function netns(commands = ':') {
  const namespace = createNamespace();
  run(`NS=${namespace.split('/').at(-1)}; ${commands}`);
  return { path: namespace, [Symbol.asyncDispose]: async () => removeNamespace(namespace) };
}

const inside = (namespace: string, command: string) => run(`nsenter --net=${namespace} sh -ec '${command}'`);
/** Output of a command in a namespace; empty if the namespace does not exist. */
const seen = (namespace: string, command: string) => (existsSync(namespace) ? inside(namespace, command) : '');

const dataDir = createDirectory();
const ipam = { type: 'host-local', dataDir, subnet: '10.88.0.0/16' };

/** The addresses that host-local has allocated. Its lock and its last address are not part of an attachment. */
function reservations(): string[] {
  const directory = join(dataDir, 'conformance');
  if (!existsSync(directory)) return [];
  const files = readdirSync(directory).filter(name => name.startsWith('10.'));
  return files.map(name => `${name} ${readFileSync(join(directory, name), 'utf8')}`);
}

/** Without the state of links, which follows their carrier with a delay. */
const links = (namespace: string) =>
  seen(namespace, 'ip -brief -4 address; ip route').replaceAll(/ (UP|DOWN|LOWERLAYERDOWN|linkdown) */g, ' ');
const node = () => run("ip -brief link | awk '{print $1}' | sed 's/@.*//' | sort");

/** A container with an eth0 that another plugin created. */
const withEth0 = () =>
  netns(
    'ip -n $NS link add eth0 type veth peer name peer0; ip -n $NS link set peer0 up; ip -n $NS address add 10.9.0.2/24 dev eth0; ip -n $NS link set eth0 up',
  );
const eth0 = (sandbox: string) => ({
  interfaces: [{ name: 'eth0', sandbox }],
  ips: [{ address: '10.9.0.2/24', gateway: '10.9.0.1', interface: 0 }],
  routes: [{ dst: '0.0.0.0/0', gw: '10.9.0.1' }],
});

const fixtures: Readonly<Record<string, Fixture>> = {
  macvlan: {
    conf: { type: 'macvlan', master: 'lan0', ipam },
    netns,
    snapshot: namespace => [links(namespace), node(), reservations()],
    damage: async namespace => void inside(namespace, 'ip link delete eth0'),
    versions: ['0.2.0', '1.0.0'],
    path,
  },
  bridge: {
    conf: { type: 'bridge', bridge: 'br0', ipam },
    netns,
    snapshot: namespace => [links(namespace), node(), reservations()],
    damage: async namespace => void inside(namespace, 'ip link delete eth0'),
    versions: ['1.0.0'],
    path,
  },
  ptp: {
    conf: { type: 'ptp', ipam },
    netns,
    snapshot: namespace => [links(namespace), node(), run('ip -4 route'), reservations()],
    damage: async namespace => void inside(namespace, 'ip link delete eth0'),
    versions: ['1.0.0'],
    path,
  },
  'host-local': {
    kind: 'ipam',
    conf: { type: 'host-local', ipam },
    netns,
    snapshot: reservations,
    damage: async () => rmSync(join(dataDir, 'conformance'), { recursive: true }),
    versions: ['1.0.0'],
    path,
  },
  sbr: {
    kind: 'chained',
    conf: { type: 'sbr' },
    netns: withEth0,
    prevResult: eth0,
    snapshot: namespace => seen(namespace, 'ip -4 rule; ip -4 route show table all'),
    damage: async namespace => void inside(namespace, 'ip rule flush'),
    versions: ['1.0.0'],
    path,
  },
  tuning: {
    kind: 'chained',
    conf: { type: 'tuning', mtu: 1400, sysctl: { 'net.ipv4.conf.all.arp_filter': '1' } },
    netns: withEth0,
    prevResult: eth0,
    snapshot: namespace => seen(namespace, 'ip -o link | grep -o "mtu [0-9]*"; sysctl net.ipv4.conf.all.arp_filter'),
    damage: async namespace => void inside(namespace, 'ip link set eth0 mtu 1300'),
    versions: ['1.0.0'],
    path,
  },
};

run(
  'ip link add lan0 type veth peer name lan1; ip link set lan0 up; ip link set lan1 up; ip link add br0 address 02:00:00:00:00:b0 type bridge; ip link set br0 up',
);
mkdirSync('/run/cni', { recursive: true });

describe.each(Object.entries(fixtures))('Debian’s %s', (plugin, fixture) => {
  const listed = differences[plugin] ?? {};
  const cases = [...conformance(join(path, plugin), fixture)];

  const demandOf = (name: string) => name.slice(name.indexOf(': ') + 2);

  for (const { name, run } of cases) {
    if (demandOf(name) in listed) it(`differs as it is known to: ${name}`, () => expect(run()).rejects.toThrow());
    else it(name, run);
  }

  it('is asked all that is listed', () => {
    const demands = cases.map(({ name }) => demandOf(name));
    expect(Object.keys(listed).filter(demand => !demands.includes(demand))).toEqual([]);
  });
});
