// Finds what stops a pod's packets. Planned objects are compared by the code of CHECK. The rest is what CHECK does not look
// at: whether links are up, whether the MTUs of both ends agree, whether the node forwards.
import { Prefix } from '@spider/ip';
import type { NetNs } from '@spider/netns';
import { familyOf, hostPrefix, type IPFamily, type Link, link, type Route } from '@spider/rtnetlink';
import { compare } from '../../check/compare.ts';
import type { Config } from '../../config/config.ts';
import { podEnd } from '../../datapath.ts';
import type { Facts } from '../../facts.ts';
import type { Attachment } from '../../names.ts';
import type { DesiredObject, NetlinkObject } from '../../object/object.ts';
import { observe } from '../../observe/observe.ts';
import { plan } from '../../plan/plan.ts';
import type { Site, Sites } from '../../sites.ts';
import { readSysctl } from '../../sysctl.ts';
import { commandAt } from '../command-at.ts';
import { type Finding, findingOf } from '../finding.ts';
import type { Configured } from './configured.ts';
import { recoverConfig } from './recover-config.ts';

const forwarding = ['net/ipv4/conf/all/forwarding', 'net/ipv6/conf/all/forwarding'];

/** Findings that concern all pods. */
export function nodeFindings(node: NetNs): Finding[] {
  const off = forwarding.filter(key => readSysctl(node, key) === '0').map(forwardingFinding);
  return [...off, ...connectionFindings(node)];
}

function forwardingFinding(key: string): Finding {
  return {
    object: `sysctl ${key} on the node`,
    problem: 'is 0: the node forwards nothing for its pods',
    remedy: `sysctl --write ${key}=1`,
    broken: true,
  };
}

/** If the table of conntrack is full, the kernel drops the first packet of each new connection. */
function connectionFindings(node: NetNs): Finding[] {
  const [key, limit] = ['net/netfilter/nf_conntrack_count', 'net/netfilter/nf_conntrack_max'];
  const [count, most] = [key, limit].map(name => Number(readSysctl(node, name) ?? 0));
  if (!most || count! < most) return [];
  return [
    {
      object: `sysctl ${key} on the node`,
      problem: `is ${count}, and ${limit} is ${most}: what begins a connection is dropped`,
      remedy: `sysctl --write ${limit}=${2 * most}`,
      broken: true,
    },
  ];
}

/** The finding for a link that looks like the host end of a pair, but has no attachment's name. */
export function orphanFinding({ name }: Link): Finding {
  return {
    object: `link ${name} on the node`,
    problem:
      'is called as our pairs are, and bears no attachment’s name: an ADD was killed, somebody took the name away, or another plugin made it; what an ADD left goes with the DEL of its container',
    broken: false,
  };
}

/** Findings about the two ends of a pair. */
export function pairFindings(
  { rtnetlink }: Site,
  host: Link,
  podLink: Link | undefined,
  netns: string | undefined,
): Finding[] {
  const findings: Finding[] = [];
  const name = host.name!;
  if (!host.up)
    findings.push({
      object: `link ${name} on the node`,
      problem: 'is down',
      remedy: `ip link set dev ${name} up`,
      broken: true,
    });
  const master = host.master === undefined ? undefined : rtnetlink.execute(link.get({ index: host.master }));
  if (master)
    findings.push({
      object: `link ${name} on the node`,
      problem: `is a port of ${master.name}: what comes from the pod comes in there`,
      remedy: `ip link set dev ${name} nomaster`,
      broken: true,
    });
  if (podLink && netns && podLink.mtu !== host.mtu) findings.push(mtuFinding(host, podLink, netns));
  return findings;
}

/** A veth silently drops packets larger than its peer's MTU. */
function mtuFinding(host: Link, podLink: Link, netns: string): Finding {
  const [hostMtu, podMtu] = [host.mtu!, podLink.mtu!];
  const podIsSmaller = podMtu < hostMtu;
  const small = podIsSmaller ? podLink : host;
  const where = podIsSmaller ? 'in the pod' : 'on the node';
  const larger = Math.max(hostMtu, podMtu);
  return {
    object: `link ${small.name} mtu ${small.mtu} ${where}`,
    problem: `its peer has ${larger}, and what is larger than ${small.mtu} bytes is lost on the way here`,
    remedy: commandAt({ netns: podIsSmaller ? netns : undefined }, `ip link set dev ${small.name} mtu ${larger}`),
    broken: true,
  };
}

interface Subject {
  readonly sites: Sites;
  readonly netns: string;
  readonly attachments: readonly Attachment[];
  /** The pod's routes through the pair. */
  readonly routes: readonly Route[];
  /** Addresses that the pod has lost. */
  readonly lost: readonly string[];
  /** Of other attachments the configuration is recovered from the kernel's objects. */
  readonly configured: ReadonlyMap<Attachment, Configured>;
}

/** Findings about the pod, its NICs, and their objects on the node. What several NICs share is reported once. */
export function podFindings(subject: Subject): Finding[] {
  const findings = subject.attachments.flatMap(attachment => attachmentFindings(subject, attachment));
  return [...new Map(findings.map(finding => [`${finding.object} ${finding.problem}`, finding])).values()];
}

function attachmentFindings(subject: Subject, attachment: Attachment): Finding[] {
  const { ifName } = attachment;
  const object = `link ${ifName} in the pod`;
  const nic = subject.sites.pod.rtnetlink.execute(link.get({ name: ifName }));
  if (!nic)
    return [{ object, problem: 'missing: somebody deleted it. What is left of it goes with its DEL', broken: true }];
  const planned = plannedFindings(subject, attachment);
  if (nic.up && nic.running) return planned;
  if (nic.up)
    return [
      { object, problem: 'has no carrier: what it stands on is down, or the cable is out', broken: true },
      ...planned,
    ];
  const remedy = commandAt(subject, `ip link set dev ${ifName} up`);
  return [{ object, problem: 'is down', remedy, broken: true }, ...planned];
}

function plannedFindings({ sites, netns, routes, lost, configured }: Subject, attachment: Attachment): Finding[] {
  const { ifName, containerID } = attachment;
  const { conf, prevResult } = configured.get(attachment) ?? {};
  if (conf?.skip) return [];
  let facts: Facts;
  try {
    facts = observe(sites, containerID, ifName, prevResult);
  } catch (error) {
    const [object = '', ...problem] = (error as Error).message.split(': ');
    return [{ object, problem: problem.join(': '), broken: true }];
  }
  const effective = conf ?? recoverConfig(facts, routes);
  return compare(plan(effective, facts, attachment), facts, sites).flatMap(({ object, difference }) => {
    if (difference === undefined || isToldOfPair(object, facts, conf)) return [];
    // Objects of a lost address are of use again as soon as the address is back.
    if (isAbsent(object) && lost.some(address => familyOf(address) === familyOfObject(object))) return [];
    const finding = findingOf(object, difference, netns);
    const reason = conf || difference !== 'missing' ? undefined : reasonForAbsence(object, facts, effective);
    // Only the configuration could tell whether the route is wanted.
    return [reason ? { ...finding, problem: `${difference}; right if ${reason}`, broken: false } : finding];
  });
}

function isAbsent(object: DesiredObject): object is NetlinkObject {
  return 'absent' in object && object.absent === true;
}

function familyOfObject({ wanted }: NetlinkObject): IPFamily | undefined {
  const { family, dst, src, address } = wanted as Readonly<Record<string, string | undefined>>;
  const known = dst ?? src ?? address;
  return (family as IPFamily | undefined) ?? (known === undefined ? undefined : familyOf(known));
}

/** `pairFindings` reports about the pair itself, without knowing the configured MTU. */
function isToldOfPair(object: DesiredObject, { pair }: Facts, conf: Config | undefined): boolean {
  if (object.kind !== 'link' || !object.early) return false;
  const { address, mtu } = object.wanted;
  return address === undefined && !(conf && mtu !== undefined && pair?.mtu === pair?.podMtu);
}

/** Why a route through the pair may be absent on purpose. */
function reasonForAbsence(object: DesiredObject, facts: Facts, { cidrs }: Config): string | undefined {
  const { nic, node, ours } = facts;
  if (object.kind !== 'route' || object.place !== 'pod') return undefined;
  const { dst } = object.wanted;
  if (object.dev === podEnd && node.addresses.some(({ address }) => hostPrefix(address) === dst))
    return 'node_addresses excludes it';
  const has = (cidr: string) =>
    ours.pod.routes.some(({ dst, prefsrc = '' }) => dst === cidr && nic.addresses.includes(prefsrc));
  // A LAN is in the NIC's table because a CIDR contains it, which may be another NIC's.
  const unnamed = cidrs.find(cidr =>
    object.dev === podEnd ? String(cidr) === dst : !has(String(cidr)) && cidr.contains(Prefix.parse(dst)),
  );
  return unnamed && `the configuration of ${nic.name} does not name ${String(unnamed) === dst ? 'it' : unnamed}`;
}
