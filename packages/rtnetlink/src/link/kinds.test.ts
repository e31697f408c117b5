// Creates links of the kinds that this kernel supports, and reads them with this package and with ip(8). For other kinds,
// test/golden/kinds.json has the bytes that ip(8) sends.
import { describe, expect, test } from 'vitest';
import { since } from '../../../../tools/test/linux.ts';
import { ip, kernel, veth } from '../../test/kernel.ts';
import { type LinkInput, link } from '../index.ts';

interface Seen {
  readonly info_data: Record<string, unknown>;
  readonly info_slave_data: Record<string, unknown>;
}

/** A link as this package and as ip(8) see it. */
function seen(name: string) {
  const theirs = ip('link', 'show', 'dev', name)[0]!['linkinfo'] as Seen;
  return { ours: kernel.execute(link.get({ name }))!, theirs };
}

/** Creates a link, reads it back, and deletes it. */
function made(input: LinkInput & { name: string }) {
  kernel.execute(link.add(input));
  const both = seen(input.name);
  kernel.execute(link.delete({ index: both.ours.index }));
  return both;
}

/** ip(8)'s output for the values of this package. */
function shown(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

/** Compares each value that ip(8) prints with the field of that name. */
function expectSame(ours: object, theirs: Record<string, unknown>, names: Record<string, string>) {
  const told = Object.fromEntries(Object.entries(ours).map(([name, value]) => [name, shown(value)]));
  const expected = Object.fromEntries(Object.entries(names).map(([name, field]) => [name, told[field]]));
  expect(expected).toEqual(Object.fromEntries(Object.keys(names).map(name => [name, theirs[name]])));
}

describe('a bridge', () => {
  const set = {
    forwardDelay: 1100,
    helloTime: 300,
    maxAge: 1500,
    ageingTime: 20000,
    stpState: 1,
    priority: 0x1000,
    groupForwardMask: 8,
    groupAddress: '01:80:c2:00:00:0e',
    multicastRouter: 'permanent',
    multicastSnooping: true,
    multicastQueryUseIfaddr: true,
    multicastQuerier: true,
    multicastHashMax: 1024,
    multicastLastMemberCount: 3,
    multicastStartupQueryCount: 4,
    multicastLastMemberInterval: 200n,
    multicastMembershipInterval: 27000n,
    multicastQuerierInterval: 26500n,
    multicastQueryInterval: 13500n,
    multicastQueryResponseInterval: 1100n,
    multicastStartupQueryInterval: 3200n,
    multicastStatistics: true,
    multicastIgmpVersion: 3,
    multicastMldVersion: 2,
    options: { value: 1, mask: 1 },
    ...(since('6.7') && { fdbMaxLearned: 100 }),
  } as const;

  test('is read as it was made', () => {
    const { ours } = made({ name: 'br0', info: { kind: 'bridge', data: set } });
    expect(ours.info).toMatchObject({ kind: 'bridge', data: { ...set, options: { value: 1 } } });
  });

  test('is read as ip(8) reads it', () => {
    const { ours, theirs } = made({ name: 'br0', address: 'aa:bb:cc:dd:ee:1f', info: { kind: 'bridge', data: set } });
    expectSame(ours.info!.data!, theirs.info_data, {
      forward_delay: 'forwardDelay',
      hello_time: 'helloTime',
      max_age: 'maxAge',
      ageing_time: 'ageingTime',
      stp_state: 'stpState',
      priority: 'priority',
      bridge_id: 'bridgeId',
      root_id: 'rootId',
      root_port: 'rootPort',
      root_path_cost: 'rootPathCost',
      topology_change: 'topologyChange',
      topology_change_detected: 'topologyChangeDetected',
      group_addr: 'groupAddress',
      mcast_hash_max: 'multicastHashMax',
      mcast_hash_elasticity: 'multicastHashElasticity',
      mcast_last_member_cnt: 'multicastLastMemberCount',
      mcast_startup_query_cnt: 'multicastStartupQueryCount',
      mcast_last_member_intvl: 'multicastLastMemberInterval',
      mcast_membership_intvl: 'multicastMembershipInterval',
      mcast_querier_intvl: 'multicastQuerierInterval',
      mcast_query_intvl: 'multicastQueryInterval',
      mcast_query_response_intvl: 'multicastQueryResponseInterval',
      mcast_startup_query_intvl: 'multicastStartupQueryInterval',
      mcast_igmp_version: 'multicastIgmpVersion',
      mcast_mld_version: 'multicastMldVersion',
    });
    expect(theirs.info_data).toMatchObject({
      group_fwd_mask: '0x8',
      mcast_router: 2,
      mcast_snooping: 1,
      mcast_querier: 1,
      mcast_query_use_ifaddr: 1,
      mcast_stats_enabled: 1,
      no_linklocal_learn: 1,
    });
  });
});

describe('a port of a bridge', () => {
  const [index, peer] = veth('port0', 'port1');
  kernel.execute(link.add({ name: 'bridge0', address: 'aa:bb:cc:dd:ee:2f', info: { kind: 'bridge' } }));
  const { index: master } = kernel.execute(link.get({ name: 'bridge0' }))!;
  kernel.batch([link.set({ index: peer, master }), link.set({ index, master })]);

  const set = {
    priority: 5,
    cost: 6,
    hairpin: true,
    guard: true,
    rootBlock: true,
    fastLeave: true,
    learning: false,
    flood: false,
    proxyArp: true,
    proxyArpWifi: true,
    multicastRouter: 'permanent',
    multicastFlood: false,
    broadcastFlood: false,
    multicastToUnicast: true,
    groupForwardMask: 8,
    neighbourSuppress: true,
    isolated: true,
    locked: true,
    ...(since('6.3') && { multicastMaxGroups: 9 }),
    backupPort: peer,
  } as const;

  test('is read as it was set', () => {
    kernel.execute(link.set({ index, info: { slaveKind: 'bridge', slaveData: set } }));
    expect(seen('port0').ours.info).toMatchObject({ kind: 'veth', slaveKind: 'bridge', slaveData: set });
  });

  test('is read as ip(8) reads it', () => {
    const { ours, theirs } = seen('port0');
    expectSame(ours.info!.slaveData!, theirs.info_slave_data, {
      state: 'state',
      priority: 'priority',
      cost: 'cost',
      hairpin: 'hairpin',
      guard: 'guard',
      root_block: 'rootBlock',
      fastleave: 'fastLeave',
      learning: 'learning',
      flood: 'flood',
      designated_port: 'designatedPort',
      designated_cost: 'designatedCost',
      bridge_id: 'designatedBridge',
      root_id: 'rootId',
      topology_change_ack: 'topologyChangeAck',
      config_pending: 'configPending',
      proxy_arp: 'proxyArp',
      proxy_arp_wifi: 'proxyArpWifi',
      mcast_flood: 'multicastFlood',
      bcast_flood: 'broadcastFlood',
      mcast_to_unicast: 'multicastToUnicast',
      neigh_suppress: 'neighbourSuppress',
      vlan_tunnel: 'vlanTunnel',
      isolated: 'isolated',
      locked: 'locked',
    });
    const port = ours.info?.slaveKind === 'bridge' ? ours.info.slaveData : undefined;
    expect(theirs.info_slave_data).toMatchObject({
      id: `0x${port?.id?.toString(16)}`,
      no: `0x${port?.number?.toString(16)}`,
      backup_port: 'port1',
      multicast_router: 2,
      group_fwd_mask: '0x8',
    });
  });

  test('is set in one message with the link', () => {
    const info = { slaveKind: 'bridge', slaveData: { cost: 77 } } as const;
    kernel.execute(link.set({ index, mtu: 1400, alias: 'a port', info }));
    expect(seen('port0').ours).toMatchObject({ mtu: 1400, alias: 'a port', info: { slaveData: { cost: 77 } } });
  });
});

describe('a macvlan', () => {
  const [lower] = veth('mlower0', 'mlower1');

  test.each(['private', 'vepa', 'bridge', 'passthru'] as const)('of mode %s is read as it was made', mode => {
    const data = { mode, broadcastQueueLength: 500 };
    const { ours, theirs } = made({ name: 'mv0', link: lower, info: { kind: 'macvlan', data } });
    expect(ours).toMatchObject({ link: lower, info: { kind: 'macvlan', data } });
    expect(theirs.info_data).toMatchObject({ mode, bcqueuelen: 500, usedbcqueuelen: 500 });
  });

  test('takes packets of the sources that it was given', () => {
    const addresses = ['02:00:00:00:00:01', '02:00:00:00:00:02'];
    kernel.execute(link.add({ name: 'mv1', link: lower, info: { kind: 'macvlan', data: { mode: 'source' } } }));
    const { index } = kernel.execute(link.get({ name: 'mv1' }))!;
    const set = (data: object) => kernel.execute(link.set({ index, info: { kind: 'macvlan', data } }));
    set({ sourceAction: 'set', sourceAddresses: addresses });
    set({ sourceAction: 'add', sourceAddress: '02:00:00:00:00:03' });
    const { ours, theirs } = seen('mv1');
    const told = ours.info?.kind === 'macvlan' ? ours.info.data : undefined;
    expect(told?.sourceAddresses?.toSorted()).toEqual([...addresses, '02:00:00:00:00:03']);
    expect(theirs.info_data).toMatchObject({ macaddr_count: told?.sourceCount, macaddr_data: told?.sourceAddresses });
    kernel.execute(link.delete({ index }));
  });

  test('that is a macvtap is read as it was made', () => {
    const { ours, theirs } = made({ name: 'mt0', link: lower, info: { kind: 'macvtap', data: { mode: 'bridge' } } });
    expect(ours.info).toMatchObject({ kind: 'macvtap', data: { mode: 'bridge' } });
    expect(theirs.info_data).toMatchObject({ mode: 'bridge' });
  });
});

describe('a vxlan', () => {
  const [lower] = veth('xlower0', 'xlower1');

  test('is read as it was made, and as ip(8) reads it', () => {
    const data = {
      id: 77,
      local: '192.0.2.1',
      group: '239.0.0.1',
      link: lower,
      ttl: 9,
      tos: 0x10,
      learning: false,
      ageing: 400,
      limit: 50,
      portRange: [40000, 50000],
      proxy: true,
      rsc: true,
      l2miss: true,
      l3miss: true,
      port: 4789,
      udpChecksum: false,
      udpZeroChecksum6Tx: true,
      udpZeroChecksum6Rx: true,
      remoteChecksumTx: true,
      remoteChecksumRx: true,
      gbp: true,
      df: 'set',
    } as const;
    const { ours, theirs } = made({ name: 'vx0', info: { kind: 'vxlan', data } });
    expect(ours.info).toMatchObject({ kind: 'vxlan', data });
    expectSame(ours.info!.data!, theirs.info_data, {
      id: 'id',
      local: 'local',
      group: 'group',
      ttl: 'ttl',
      learning: 'learning',
      ageing: 'ageing',
      limit: 'limit',
      proxy: 'proxy',
      rsc: 'rsc',
      l2miss: 'l2miss',
      l3miss: 'l3miss',
      port: 'port',
      udp_csum: 'udpChecksum',
      udp_zero_csum6_tx: 'udpZeroChecksum6Tx',
      udp_zero_csum6_rx: 'udpZeroChecksum6Rx',
      remcsum_tx: 'remoteChecksumTx',
      remcsum_rx: 'remoteChecksumRx',
      gbp: 'gbp',
      df: 'df',
    });
    expect(theirs.info_data).toMatchObject({ link: 'xlower0', tos: '0x10', port_range: { low: 40000, high: 50000 } });
  });

  test.each([
    [
      { id: 78, local: '2001:db8::1', group: '2001:db8::2', port: 4789, label: 0x12345 },
      { remote6: '2001:db8::2', local6: '2001:db8::1' },
    ],
    [
      { collectMetadata: true, vniFilter: true, port: 4789, ...(since('6.5') && { localBypass: false }) },
      { external: true, vnifilter: true },
    ],
  ])('%j is read as it was made', (data, printed) => {
    const { ours, theirs } = made({ name: 'vx0', info: { kind: 'vxlan', data } });
    expect(ours.info).toMatchObject({ kind: 'vxlan', data });
    expect(theirs.info_data).toMatchObject(printed);
  });
});

test('a tun that a program made is read', () => {
  ip('tuntap', 'add', 'dev', 'tap0', 'mode', 'tap', 'multi_queue', 'vnet_hdr', 'user', '5', 'group', '6');
  expect(seen('tap0').ours.info).toEqual({
    kind: 'tun',
    data: {
      owner: 5,
      group: 6,
      type: 'tap',
      packetInformation: false,
      virtioHeader: true,
      persist: true,
      multiQueue: true,
      numQueues: 0,
      numDisabledQueues: 0,
    },
  });
});

test('of a kind without fields here the data are bytes', () => {
  const { ours } = made({ name: 'ifb0', info: { kind: 'ifb' } });
  expect(ours.info).toEqual({ kind: 'ifb' });
});

test('a value that the kernel does not take is told by its field and what it wants there', () => {
  const add = (info: LinkInput['info']) => kernel.settle([link.add({ name: 'bad0', info })])[0].error;
  if (since('6.7'))
    expect(add({ kind: 'vxlan', data: { id: 5, labelPolicy: 7, port: 4789 } })).toMatchObject({
      field: 'info.data.labelPolicy',
      wanted: '4 bytes, 0 to 1',
    });
  else
    expect(add({ kind: 'bond', data: { peerNotificationDelay: 300_001 } })).toMatchObject({
      field: 'info.data.peerNotificationDelay',
      wanted: '4 bytes, 0 to 300000',
    });
});
