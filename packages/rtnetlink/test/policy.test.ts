// Sends attributes that are too short, and compares the width that the kernel then requires with the schemas.
import { describe, expect, test } from 'vitest';
import { since } from '../../../tools/test/linux.ts';
import { globalVlanSchema } from '../src/bridge-vlan.ts';
import {
  attribute,
  bareString,
  binary,
  type Field,
  type Fields,
  header,
  type Message,
  message,
  NLA_F_NESTED,
  nest,
  Schema,
  schema,
  u8,
  Writer,
} from '../src/codec/index.ts';
import { link, type NetlinkError, verbs } from '../src/index.ts';
import { kinds, ports } from '../src/link/kinds.ts';
import { linkMessage } from '../src/link/link.ts';
import { mdbMessage } from '../src/mdb.ts';
import { messages } from '../src/messages.ts';
import { netconfMessage } from '../src/netconf.ts';
import { metricsSchema } from '../src/route/metrics.ts';
import { ip, kernel, veth } from './kernel.ts';

/** A place for an attribute: the field's name there, and the kernel's answer. */
interface Place {
  readonly path: string;
  send(field: Field<unknown>, value: unknown): NetlinkError | undefined;
}

/** In the message itself, with the other attributes that it needs. */
function inMessage(
  { kind, types, headerSize }: Message<Fields>,
  others: Fields,
  object: Record<string, unknown>,
  verb: 'add' | 'append' = 'add',
): Place {
  return {
    path: 'probe',
    send(probe, value) {
      const requests = verbs(message({ kind, types, headerSize, fields: () => ({ ...others, probe }) as Fields }));
      return kernel.settle([requests[verb]({ ...object, probe: value })])[0].error as NetlinkError | undefined;
    },
  };
}

/** In an attribute of that place, with the other attributes that it needs. */
function inAttribute(place: Place, id: number, headerSize = 0, others: Fields = {}, object: object = {}): Place {
  return {
    path: `${place.path}.probe`,
    send(probe, value) {
      const type = nest(schema(headerSize, () => ({ ...others, probe }) as Fields));
      return place.send(attribute(id | NLA_F_NESTED, type), { ...object, probe: value });
    },
  };
}

/** Sends this number of bytes in the attribute, and returns the kernel's answer. */
type Probe = (size: number) => { readonly pointedAt: boolean; readonly code?: string; readonly wanted?: string };

function probeOf({ path, send }: Place, id: number): Probe {
  return size => {
    const error = send(attribute(id, binary), new Uint8Array(size));
    return { pointedAt: error?.field === path, ...(error as { code: string; wanted?: string } | undefined) };
  };
}

/** Compares one field with the kernel's requirement. False if the kernel has none. */
function judge({ type }: Field<unknown>, probe: Probe): boolean {
  const { size, max } = type!;
  if (max !== undefined) {
    const refused = probe(4000);
    if (!refused.pointedAt) return false;
    expect(refused.wanted).toMatch(new RegExp(`^(text, )?at most ${max} bytes$`));
    return true;
  }
  if (size === undefined) return false;
  const fits = probe(size);
  if (fits.pointedAt && fits.code === 'ERANGE') expect(fits.wanted).toMatch(widthOf(size));
  const odd = probe(size === 0 ? 1 : size - 1);
  if (!odd.pointedAt) return false;
  // About a struct the kernel only says that it is too short.
  if (odd.wanted !== undefined) expect(odd.wanted).toMatch(widthOf(size));
  return true;
}

const widthOf = (size: number) =>
  new RegExp(size === 0 ? '^no value' : `^(at least )?${size === 1 ? '1 byte' : `${size} bytes`}(,|$)`);

const empty = new Writer().memory;

/** Attributes of a schema that have a width, nested ones included: their paths, and the kernel's requirement for each. */
function* judged(fields: Fields, place: Place): Generator<[path: string, judged: boolean]> {
  for (const [name, field] of Object.entries(fields)) {
    const { id, type } = field;
    if (id === undefined) continue;
    if ((type?.size ?? type?.max) !== undefined) yield [name, judge(field, probeOf(place, id))];
    const inner = type?.schemaAt?.(empty, 0, 0);
    if (!(inner instanceof Schema)) continue;
    for (const [path, known] of judged(inner.fields, inAttribute(place, id, inner.headerSize)))
      yield [`${name}.${path}`, known];
  }
}

/** The fields for which the kernel has no requirement. */
function open(fields: Fields, place: Place): string[] {
  return [...judged(fields, place)].flatMap(([path, known]) => (known ? [] : [path]));
}

const within = (outer: string, names: readonly string[]) => names.map(name => `${outer}.${name}`);

const ofLinks = [
  ...['qdisc', 'numVf', 'physicalPortName', 'newNetnsid', 'parentDevice', 'parentBus'],
  ...within('afSpec.inet6', ['flags', 'cacheInfo', 'raMtu']),
  ...within('xdp', ['fd', 'attached', 'flags', 'programId', 'driverProgramId', 'genericProgramId', 'offloadProgramId']),
  'xdp.expectedFd',
  ...within('protoDownReason', ['mask', 'value']),
];

/** Fields that only the kernel sets, that it accepts or refuses in any width, or that it checks without a policy. */
const unjudged: Record<string, readonly string[]> = {
  link: [...ofLinks, 'info.kind', 'info.slaveKind'],
  address: ['label'],
  route: [
    ...['pref', 'expires', 'ttlPropagate', 'flow', 'metrics.congestionControl'],
    // IPv4 only; for IPv6 the kernel has a requirement.
    ...Object.keys(metricsSchema.fields).map(name => `metrics.${name}`),
  ],
  statistics: ['link', 'offload.cpuHit'],
  neighbour: ['netnsid'],
  fdb: ['netnsid', 'srcVni'],
  nsid: ['currentNsid'],
  // Only resilient groups.
  nexthop: within('resilient', ['buckets', 'idleTimer', 'unbalancedTimer', 'unbalancedTime']),
  nexthopBucket: ['id', 'oif', ...within('bucket', ['index', 'idleTime', 'nexthopId'])],
  netconf: Object.keys(netconfMessage.fields),
  rule: ['flowLabel', 'flowLabelMask'],
  // Only kernels with VLAN filtering.
  bridgeVlan: [
    'parts',
    ...within('vlans', ['info', 'last', 'state', 'tunnel.id', 'tunnel.command']),
    ...within('vlans', ['multicastRouter', 'multicastGroups', 'multicastMaxGroups', 'neighbourSuppress']),
    ...within('vlans.statistics', ['rxBytes', 'rxPackets', 'txBytes', 'txPackets']),
    ...Object.keys(globalVlanSchema.fields).map(name => `global.${name}`),
  ],
};

/** Fields of links, with the release of Linux that has them first. */
const newOfLinks = {
  gsoIpv4MaxSize: '6.3',
  groIpv4MaxSize: '6.3',
  netnsImmutable: '6.15',
  headroom: '6.17',
  tailroom: '6.17',
} as const;

/** The same of others: an older kernel has no requirement for them. */
const newer: Record<string, Readonly<Record<string, `${number}.${number}`>>> = {
  link: newOfLinks,
  route: { flowLabel: '6.14' },
  rule: { dscp: '6.13', sportMask: '6.15', dportMask: '6.15', dscpMask: '6.15' },
};

/** Those that this kernel is too old for. */
const unknown = (fields: Readonly<Record<string, `${number}.${number}`>> = {}) =>
  Object.entries(fields).flatMap(([name, version]) => (since(version) ? [] : [name]));

const families = { inet: 2, inet6: 10 };

/** An existing link: the kernel checks most attributes only then. */
function placeOf(kind: Message<Fields>, family: number): Place {
  if (kind.kind === 'mdb') {
    const [port] = veth(`policy${family}c`, `policy${family}d`);
    const name = `policy${family}e`;
    const [, bridge] = kernel.batch([link.add({ name, up: true, info: { kind: 'bridge' } }), link.get({ name })]);
    kernel.execute(link.set({ index: port, master: bridge!.index }));
    const { index, entry } = mdbMessage.fields;
    const member = { port, group: '239.1.1.1', state: 'permanent' };
    return inMessage(kind, { family: header(0, u8), index, entry }, { family: 7, index: bridge!.index, entry: member });
  }
  if (kind.kind !== 'link') return inMessage(kind, { family: header(0, u8) }, { family });
  const [index] = veth(`policy${family}a`, `policy${family}b`);
  return inMessage(kind, { index: linkMessage.fields.index }, { index }, 'append');
}

describe.each(messages.map(kind => [kind.kind, kind] as const))('%s', (name, kind) => {
  test.each(Object.entries(families))('every attribute has the width that the kernel wants, of %s', (_, family) => {
    const place = placeOf(kind, family);
    const expected = [...(unjudged[name] ?? []), ...unknown(newer[name])];
    expect(expected).toEqual(expect.arrayContaining(open(kind.fields, place)));
  });
});

const link18 = linkMessage as unknown as Message<Fields>;
const kindField = attribute(1, bareString(63));
const slaveKindField = attribute(4, bareString(63));

/** In the data of a kind of link. */
function dataOf(kind: string): Place {
  const info = inAttribute(inMessage(link18, {}, {}), 18, 0, { kind: kindField }, { kind });
  return inAttribute(info, 2);
}

/** The kinds that this kernel supports. */
const available = Object.keys(kinds).filter(kind => {
  const error = dataOf(kind).send(attribute(0, binary), new Uint8Array(0));
  return !error?.kernelMessage?.startsWith('Unknown device');
});

test('this kernel has kinds of links to ask about', () => expect(available).toContain('veth'));

/** Set by the kernel only; the test below checks these. */
const told = {
  bridge: [
    ...['rootId', 'bridgeId', 'rootPort', 'rootPathCost', 'topologyChange', 'topologyChangeDetected'],
    ...['helloTimer', 'tcnTimer', 'topologyChangeTimer', 'gcTimer'],
  ],
  tun: ['owner', 'group', 'type', 'packetInformation', 'virtioHeader', 'persist', 'multiQueue', 'numQueues'],
  port: [
    ...['rootId', 'designatedBridge', 'designatedPort', 'designatedCost', 'id', 'number'],
    ...['topologyChangeAck', 'configPending', 'messageAgeTimer', 'forwardDelayTimer', 'holdTimer'],
  ],
} as const;

/** Fields of links that the kernel checks only for an existing one. */
const ofNewLinks = [...ofLinks, 'afSpec.inet6.addrGenMode'];

/** Fields of tunnels that only those over IPv6 have, or only those over IPv4. */
const over6 = ['encapLimit', 'flowInfo'];
const over4 = ['tos', 'pmtuDiscovery'];

/** Neither reported nor checked by this kernel. */
const unjudgedData: Record<string, readonly string[]> = {
  bond: within('aggregator', ['id', 'ports', 'actorKey', 'partnerKey']),
  bridge: [
    ...told.bridge,
    'fdbFlush',
    ...within('multicastQuerierState', ['port', 'otherTimer', 'port6', 'otherTimer6']),
  ],
  erspan: [...over6, 'flags'],
  gre: [...over6, 'flags'],
  gretap: [...over6, 'flags'],
  ip6erspan: [...over4, 'ignoreDf'],
  ip6gre: [...over4, 'ignoreDf'],
  ip6gretap: [...over4, 'ignoreDf'],
  ip6tnl: over4,
  ipip: [...over6, 'flags'],
  sit: [...over6, 'collectMetadata'],
  tun: [...told.tun, 'numDisabledQueues'],
  veth: within('peer', ofNewLinks),
  vxcan: within('peer', ofNewLinks),
};

const newPeer = Object.fromEntries(Object.entries(newOfLinks).map(([name, version]) => [`peer.${name}`, version]));

const newerData: typeof newer = {
  bond: { coupledControl: '6.9', broadcastNeighbour: '6.17' },
  bridge: { fdbLearned: '6.7', fdbMaxLearned: '6.7' },
  geneve: { portRange: '6.15' },
  hsr: { interlink: '6.10' },
  macvlan: { broadcastCutoff: '6.4' },
  macvtap: { broadcastCutoff: '6.4' },
  veth: newPeer,
  vxcan: newPeer,
  vxlan: { localBypass: '6.5', labelPolicy: '6.7', multicastRoute: '6.17' },
};

const newOfPorts = {
  mab: '6.2',
  // Older than the others, but accepted of any width, though only the kernel sets it.
  multicastEhtHosts: '6.3',
  multicastGroups: '6.3',
  multicastMaxGroups: '6.3',
  neighbourVlanSuppress: '6.4',
  backupNexthopId: '6.6',
} as const;

describe.each(available)('data of %s', kind => {
  test('every attribute has the width that the kernel wants', () => {
    const expected = [...(unjudgedData[kind] ?? []), ...unknown(newerData[kind])];
    const fields = kinds[kind as keyof typeof kinds]() as Fields;
    expect(expected).toEqual(expect.arrayContaining(open(fields, dataOf(kind))));
  });
});

test('every attribute of a port of a bridge has the width that the kernel wants', () => {
  const [index] = veth('policy0', 'policy1');
  kernel.execute(link.add({ name: 'policy2', info: { kind: 'bridge' } }));
  kernel.execute(link.set({ index, master: kernel.execute(link.get({ name: 'policy2' }))!.index }));
  const message = inMessage(link18, { index: linkMessage.fields.index }, { index }, 'append');
  const info = inAttribute(message, 18, 0, { slaveKind: slaveKindField }, { slaveKind: 'bridge' });
  const expected = [...told.port, 'learningSync', 'fdbFlush', 'mrpRingOpen', 'mrpInOpen', ...unknown(newOfPorts)];
  expect(expected).toEqual(expect.arrayContaining(open(ports.bridge(), inAttribute(info, 5))));
});

/** The schema with bytes as values, to see their lengths. */
function bare(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, { id, type }]) => {
      if (id === undefined) return [];
      const inner = type?.schemaAt?.(empty, 0, 0);
      const bytes = inner instanceof Schema ? nest(schema(inner.headerSize, () => bare(inner.fields))) : binary;
      return [[name, attribute<unknown>(id, bytes as typeof binary)]];
    }),
  );
}

/** Compares the lengths of reported values with the widths of the fields, and returns the fields that were reported. */
function compareWidths(fields: Fields, bytes: Record<string, unknown>): string[] {
  return Object.entries(bytes).flatMap(([name, value]) => {
    const { type } = fields[name]!;
    if (!(value instanceof Uint8Array)) {
      const inner = type?.schemaAt?.(empty, 0, 0) as Schema<Fields>;
      return within(name, compareWidths(inner.fields, value as Record<string, unknown>));
    }
    if (type?.size !== undefined) expect([name, value.length]).toEqual([name, type.size]);
    return [name];
  });
}

/** All attributes of a link, including the data of its kind and of its port. */
function toldOf(name: string, kind: keyof typeof kinds, slaveKind?: keyof typeof ports): string[] {
  const data = kinds[kind]() as Fields;
  const slaveData = (slaveKind ? ports[slaveKind]() : {}) as Fields;
  const info = (widths: (fields: Fields) => Fields) => ({
    data: attribute(2, nest(schema(0, () => widths(data)))),
    slaveData: attribute(5, nest(schema(0, () => widths(slaveData)))),
  });
  const { info: _info, ...fields } = linkMessage.fields;
  const typed = { ...fields, info: attribute(18, nest(schema(0, () => info(all => all)))) } as Fields;
  const { kind: what, types, headerSize } = link18;
  const bareInfo = attribute(18, nest(schema(0, () => info(bare))));
  const { get } = verbs(
    message({
      kind: what,
      types,
      headerSize,
      fields: () => ({ ...bare(fields), info: bareInfo, name: fields.name }) as Fields,
    }),
  );
  const { name: _name, ...bytes } = kernel.execute(get({ name }))!;
  return compareWidths(typed, bytes);
}

test('every attribute of a link that the kernel tells has the width in which it is read', () => {
  const [port] = veth('told0', 'told1');
  kernel.execute(link.add({ name: 'told2', info: { kind: 'bridge', data: { stpState: 1 } } }));
  const { index } = kernel.execute(link.get({ name: 'told2' }))!;
  kernel.batch([link.set({ index: port, master: index }), link.set({ index, up: true })]);
  ip('tuntap', 'add', 'dev', 'told3', 'mode', 'tap', 'multi_queue');
  expect(toldOf('told2', 'bridge')).toEqual(expect.arrayContaining(within('info.data', told.bridge)));
  expect(toldOf('told3', 'tun')).toEqual(expect.arrayContaining(within('info.data', told.tun.slice(2))));
  expect(toldOf('told0', 'veth', 'bridge')).toEqual(
    expect.arrayContaining([
      ...within('info.slaveData', told.port),
      ...['qdisc', 'afSpec.inet6.flags', 'afSpec.inet6.cacheInfo'],
    ]),
  );
});

test('a schema with a wrong width is found out', () => {
  const rule = messages.find(({ kind }) => kind === 'rule')!;
  const { tunId } = rule.fields;
  const narrow = { ...tunId!, type: { ...tunId!.type!, size: 4 } };
  const probe = probeOf(inMessage(rule, { family: header(0, u8) }, { family: 2 }), 12);
  expect(judge(tunId!, probe)).toBe(true);
  expect(() => judge(narrow, probe)).toThrow();
});
