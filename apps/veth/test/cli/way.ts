// A pod whose ways are traced, and whether the kernel says the same of them.
import { flows } from '../../../../tools/lab/flows.ts';
import { createLab, type Lab } from '../../../../tools/lab/lab.ts';
import type { Host } from '../../../../tools/lab/lan.ts';
import { show } from '../../../../tools/lab/namespace.ts';
import { underlay, veth } from '../../../../tools/lab/networks.ts';
import { createPod, type Pod } from '../../../../tools/lab/pod.ts';
import { probe } from '../../../../tools/lab/probe.ts';
import { namesOf } from '../../src/names.ts';

export interface TracedLab {
  readonly lab: Lab;
  readonly pod: Pod;
  /** The node's end of the pair. */
  readonly host: string;
  /** Of the bridge cni0, to the overlay's pod. */
  readonly port: string;
}

export async function createTracedLab(prefix: string): Promise<TracedLab> {
  const lab = await createLab(prefix);
  const pod = await createPod(lab.node, `${prefix}pod`, { eth0: underlay(lab.node, lab.lan.ranges, [veth]) });
  const { hostName: host } = namesOf(pod.nics[0]!.attachment.containerID);
  const [{ ifname: port }] = show<{ ifname: string }>(lab.node, 'link', 'show', 'master', 'cni0') as [
    { ifname: string },
  ];
  return { lab, pod, host, port };
}

/** Whether the pod's TCP comes through: it asks the server that is to be reached there, which sees the pod's address. */
export async function arrives(pod: Pod, to: Host, dst: string): Promise<boolean> {
  const family = dst.includes(':') ? 'IPv6' : 'IPv4';
  const flow = flows(pod, to, { addresses: { [family]: dst } })[family]!;
  return (await probe([flow])).get(flow) === undefined;
}
