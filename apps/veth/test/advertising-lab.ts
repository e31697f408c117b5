// A lab whose router hands out addresses: by DHCP, and by advertisements from which the kernel makes its own (SLAAC).
import { expect } from 'vitest';
import { type Bends, flows } from '../../../tools/lab/flows.ts';
import { createLab, type Lab } from '../../../tools/lab/lab.ts';
import { addLan, addressesIn, createHost, type Host, lanOf, plug } from '../../../tools/lab/lan.ts';
import { type Namespace, show, sysctl } from '../../../tools/lab/namespace.ts';
import { veth } from '../../../tools/lab/networks.ts';
import { type Pod, runtime } from '../../../tools/lab/pod.ts';
import { probe } from '../../../tools/lab/probe.ts';
import { advertise } from '../../../tools/lab/router.ts';

export interface AdvertisingLab extends Lab, Disposable {
  /** A host in a second LAN, which the node is plugged into by its eth1. */
  readonly neighbour: Host;
}

export async function createAdvertisingLab(prefix: string): Promise<AdvertisingLab> {
  const lab = await createLab(prefix);
  const second = lanOf('lan2', 7);
  addLan(lab.gateway, second);
  plug(lab.node, 'eth1', lab.gateway, second, addressesIn(second, 10));
  const neighbour = createHost(`${prefix}neighbour`, lab.gateway, second, addressesIn(second, 20));
  // They keep the addresses that they are known by.
  for (const host of [lab.client, neighbour]) sysctl(host, { 'net.ipv6.conf.eth0.accept_ra': 0 });
  const router = await advertise(lab.gateway, [lab.lan, second]);
  return { ...lab, neighbour, [Symbol.dispose]: () => router[Symbol.dispose]() };
}

/** macvlan, whose addresses come from the LAN alone, and veth. */
export function advertised(master: string, ipam?: object) {
  const macvlan = { type: 'macvlan', master, mode: 'bridge', ...(ipam && { ipam }) };
  return { cniVersion: '1.0.0', name: `lan-of-${master}`, plugins: [macvlan, veth] };
}

/** What does not work between the pod and the service, and the pod and these, both ways. */
export async function failures(lab: Lab, pod: Host, others: readonly Host[], bends: Bends = {}): Promise<string[]> {
  const service = flows(pod, lab.overlay, { ...bends, addresses: lab.clusterIP });
  const ways = others.flatMap(other => [flows(pod, other, bends), flows(other, pod)]);
  const verdicts = await probe([service, ...ways].flatMap(both => Object.values(both)));
  return [...verdicts].flatMap(([{ from, address }, failure]) =>
    failure ? [`${from.name} → ${address}: ${failure}`] : [],
  );
}

/** CHECK of all that the pod is attached to. */
export async function check(lab: Lab, { nics }: Pod): Promise<void> {
  for (const { network, attachment } of nics) await runtime(lab.node).check(network, attachment);
}

interface Lifetime {
  readonly addr_info: readonly { readonly valid_life_time: number }[];
}

/** Waits for the router's next advertisement, which prolongs what the one before gave. */
export async function nextAdvertisement(pod: Namespace, ifName: string): Promise<void> {
  const left = () =>
    show<Lifetime>(pod, '-6', 'address', 'show', 'dev', ifName, 'scope', 'global')[0]!.addr_info[0]!.valid_life_time;
  let past = left();
  const isProlonged = () => {
    const now = left();
    const prolonged = now > past;
    past = now;
    return prolonged;
  };
  await expect.poll(isProlonged).toBe(true);
}
