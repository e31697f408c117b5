// The processes to compare: whole runs of plugins, for each verb.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { NetworkConf } from '@spider/cni-skel/testing';
import { NetNs } from '@spider/netns';
import { createLab, type Lab } from '../lab/lab.ts';
import { createNamespace, type Namespace } from '../lab/namespace.ts';
import { underlay, veth } from '../lab/networks.ts';
import { runtime } from '../lab/pod.ts';
import { crowd } from './crowd.ts';
import { installed } from './installed.ts';
import type { Process } from './measure.ts';

const root = join(import.meta.dirname, '../..');
const emptyExecutable = join(root, 'tools/bench/dist/empty');

/** Compiles the program that does nothing, with the flags of veth. */
export function compileEmpty(): void {
  const compile = [join(root, 'tools/build/executable.ts'), join(import.meta.dirname, 'empty.ts'), emptyExecutable];
  const { status, stderr } = spawnSync('node', compile, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

const sources = {
  true: '/bin/true',
  empty: emptyExecutable,
  veth: join(root, 'apps/veth/dist/veth'),
  ptp: '/usr/lib/cni/ptp',
  sbr: '/usr/lib/cni/sbr',
} as const;

/** Directory of the copies that are timed. */
const bin = join(root, 'tools/bench/dist/bin');

/** A row of the comparison: a verb and the name of a process. */
export interface Subject {
  readonly verb: string;
  readonly name: string;
}

/** A process that needs no attachment. */
export interface StartUp extends Subject {
  readonly process: Process;
}

/** A plugin with an attachment, which it adds, checks and deletes in every round. */
export interface Contender {
  readonly name: string;
  /** Prepares the pod for ADD, and returns the result of the plugins before this one in the chain. */
  prepare(): Promise<object | undefined>;
  process(verb: string, prevResult: object | undefined): Process;
}

export interface Scenario {
  /** Copies the executables again. */
  install(): void;
  readonly startUps: readonly StartUp[];
  readonly contenders: readonly Contender[];
}

/** In the order in which they are run on an attachment. */
export const verbs = ['ADD', 'CHECK', 'DEL'] as const;

/** The newest version that Debian's plugins support. */
const cniVersion = '1.0.0';

/** Creates an idle node and a crowded one that is otherwise equal, and the processes to run on them. */
export async function createScenario(): Promise<Scenario> {
  install();
  const lab = await createLab();
  const busy = await createLab('busy-');
  const { IPv4, IPv6 } = busy.gateway.addresses;
  crowd(busy.node, { IPv4: IPv4!, IPv6: IPv6! });
  // ptp adds an address per network to its node, for which veth would add a route in each pod.
  const apart = createNamespace('apart');
  return {
    install,
    startUps: [
      ...['true', 'empty'].map(name => ({ verb: 'start', name, process: bare([join(bin, name)]) })),
      { verb: 'start', name: 'veth version', process: bare([join(bin, 'veth'), 'version']) },
      ...['veth', 'ptp', 'sbr'].map(name => ({
        verb: 'VERSION',
        name,
        process: bare([join(bin, name)], { CNI_COMMAND: 'VERSION' }),
      })),
    ],
    contenders: [
      chained('veth', lab, veth),
      chained('veth, busy node', busy, veth),
      first('ptp, static', apart, { type: 'ptp', ipam: fixed }),
      first('ptp, host-local', apart, { type: 'ptp', ipam: pool }),
      chained('sbr', lab, { type: 'sbr' }),
    ],
  };
}

function install(): void {
  for (const [name, source] of Object.entries(sources)) installed(source, join(bin, name));
}

const here = NetNs.current();

function bare(command: readonly string[], env: Process['env'] = {}): Process {
  return { command, env, stdin: JSON.stringify({ cniVersion }), namespace: here };
}

/** A plugin that is chained after macvlan: every round has a new NIC with new addresses. */
function chained(name: string, { node, lan }: Lab, conf: NetworkConf): Contender {
  const list = { ...underlay(node, lan.ranges), cniVersion };
  const contender = first(name, node, { ...conf, name: list.name });
  const attachment = attachmentOf(name);
  const chain = runtime(node);
  return {
    ...contender,
    async prepare() {
      await chain.del(list, attachment);
      return chain.add(list, attachment);
    },
  };
}

/** The first plugin of a chain, in an empty pod. */
function first(name: string, node: Namespace, conf: NetworkConf): Contender {
  createNamespace(slug(name));
  const { containerID, netns, ifName } = attachmentOf(name);
  const namespace = NetNs.open(node.path);
  const env = { CNI_CONTAINERID: containerID, CNI_NETNS: netns, CNI_IFNAME: ifName, CNI_PATH: '/usr/lib/cni' };
  return {
    name,
    prepare: async () => undefined,
    process: (verb, prevResult) => ({
      command: [join(bin, conf.type)],
      env: { ...env, CNI_COMMAND: verb },
      stdin: JSON.stringify({ name: slug(name), ...conf, cniVersion, prevResult }),
      namespace,
    }),
  };
}

const slug = (name: string): string => name.replaceAll(/\W+/g, '-');

function attachmentOf(name: string) {
  return { containerID: slug(name), netns: `/run/netns/${slug(name)}`, ifName: 'eth0' };
}

const routes = [{ dst: '0.0.0.0/0' }, { dst: '::/0' }];

const fixed = {
  type: 'static',
  addresses: [
    { address: '10.200.0.2/24', gateway: '10.200.0.1' },
    { address: 'fd00:200::2/64', gateway: 'fd00:200::1' },
  ],
  routes,
};

const pool = {
  type: 'host-local',
  dataDir: '/run/cni/pool',
  ranges: [[{ subnet: '10.201.0.0/24' }], [{ subnet: 'fd00:201::/64' }]],
  routes,
};
