// Real container runtimes, as Debian has them, run the chain macvlan, host-local, veth.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { perFamily } from '../../../../tools/lab/family.ts';
import { flows } from '../../../../tools/lab/flows.ts';
import { createLab, type Lab } from '../../../../tools/lab/lab.ts';
import { type Host, lanOf } from '../../../../tools/lab/lan.ts';
import { ip, type Namespace, run, show } from '../../../../tools/lab/namespace.ts';
import { underlay, veth } from '../../../../tools/lab/networks.ts';
import { probe, serve } from '../../../../tools/lab/probe.ts';
import { state } from '../../../../tools/lab/state.ts';
import { veth as runVeth } from '../cli/call.ts';
import { Containerd } from './containerd.ts';
import { imageName } from './image.ts';
import { Podman } from './podman.ts';

// They mount file systems that only the root of the machine may mount.
const isRealRoot = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/ +/)[2] === '4294967295';

describe.runIf(isRealRoot)('on a node', () => {
  let lab: Lab;
  let directory: string;
  let podman: Podman;

  beforeAll(async () => {
    // What the runtimes keep outside their own directories vanishes with the sandbox.
    for (const place of ['/var/lib', '/sys/fs/cgroup']) run(['mount', '-t', 'tmpfs', 'tmpfs', place]);
    directory = mkdtempSync(join(tmpdir(), 'runtimes-'));
    lab = await createLab('rt-');
    podman = new Podman(lab.node, join(directory, 'podman'), underlay(lab.node, lab.lan.ranges, [veth]));
  });
  afterAll(() => {
    // Container storage is full of mounts and of what is not the user's; all of it is in the sandbox but the files.
    run(['rm', '-rf', directory]);
  });

  /** A container's namespace, with the addresses of its eth0. */
  function hostAt(path: string): Host {
    const namespace: Namespace = { name: path.slice(path.lastIndexOf('/') + 1), path };
    const [eth0] = show<{ addr_info: { local: string; family: string; scope: string }[] }>(
      namespace,
      ...['address', 'show', 'dev', 'eth0'],
    );
    const addresses = perFamily(
      family =>
        eth0!.addr_info.find(
          ({ family: found, scope }) => scope === 'global' && found === { IPv4: 'inet', IPv6: 'inet6' }[family],
        )?.local,
    );
    return { ...namespace, addresses };
  }

  /** What does not work of that for which there is veth. */
  async function failures(pod: Host): Promise<unknown[]> {
    const { overlay, node, clusterIP } = lab;
    const all = [
      flows(pod, overlay, { addresses: clusterIP }),
      flows(pod, node),
      flows(node, pod),
      flows(overlay, pod),
    ];
    using _servers = await serve([pod, overlay, node]);
    const verdicts = await probe(all.flatMap(way => Object.values(way)));
    return [...verdicts.values()].filter(verdict => verdict !== undefined);
  }

  test('podman attaches a container that reaches the cluster, and detaches it without a trace', async () => {
    const before = state(lab.node);
    const pod = hostAt(podman.start('web', 'underlay'));
    expect(Object.keys(pod.addresses)).toEqual(['IPv4', 'IPv6']);
    expect(await failures(pod)).toEqual([]);
    podman.remove('web');
    expect(state(lab.node)).toEqual(before);
  });

  test('containerd attaches a pod to two networks, and detaches it without a trace', async () => {
    ip(lab.node, ['link add lan2 up type bridge']);
    const before = state(lab.node);
    const image = join(directory, 'image.tar');
    podman.run('save', '--format=docker-archive', `--output=${image}`, imageName);
    const place = join(directory, 'containerd');
    mkdirSync(place);
    await using containerd = await Containerd.start(lab.node, place, image, [
      underlay(lab.node, lab.lan.ranges, [veth]),
      withoutRoutes(underlay(lab.node, lanOf('lan2', 7).ranges, [veth], { name: 'second', master: 'lan2' })),
    ]);
    const { id, ip: shown } = await containerd.runPod('web');
    const [name = ''] = readdirSync('/run/netns').filter(entry => entry.startsWith('cni-'));
    const pod = hostAt(join('/run/netns', name));
    expect(Object.values(pod.addresses)).toContain(shown);
    expect(show(pod, 'address', 'show', 'dev', 'eth1').length).toBe(1);
    const rules = show<{ priority: number; protocol?: string }>(pod, 'rule', 'show');
    const ours = rules.filter(({ protocol }) => protocol === '86');
    expect(ours.map(({ priority }) => priority)).toEqual([8600, 8601, 8602, 32768]);
    expect(await failures(pod)).toEqual([]);
    ip(pod, ['link delete veth0']);
    // It finds what containerd keeps about the pod where libcni puts it.
    expect(runVeth(lab.node, ['inspect'])).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^[├└]─ ! eth0 of .*: has no pair: somebody deleted it$/m),
    });
    expect(runVeth(lab.node, ['reconcile'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/: 2 changed$/m),
    });
    expect(await failures(pod)).toEqual([]);
    await containerd.removePod(id);
    expect(state(lab.node)).toEqual(before);
  });
});

/** Of the pod's networks the first has the default route. */
function withoutRoutes({ plugins: [macvlan, ...chain], ...list }: ReturnType<typeof underlay>) {
  const { ipam, ...keys } = macvlan as { type: string; ipam: { routes: unknown } };
  const { routes, ...addresses } = ipam;
  return { ...list, plugins: [{ ...keys, ipam: addresses }, ...chain] };
}
