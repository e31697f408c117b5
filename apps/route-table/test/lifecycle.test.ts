import { invoke } from '@spider/cni-skel/testing';
import { describe, expect, test } from 'vitest';
import { ip, show } from '../../../tools/lab/namespace.ts';
import { routeTable } from '../src/plugin.ts';
import { createPod, type Pod, routesIn, rulesOf, state, tableOf, usual } from './pod.ts';

function call(command: 'ADD' | 'CHECK' | 'DEL', pod: Pod, conf: object = {}) {
  return invoke(routeTable, command, { conf, netns: pod.path, ifName: 'net1', prevResult: pod.prevResult });
}

async function succeed(...request: Parameters<typeof call>): Promise<void> {
  expect(await call(...request)).toMatchObject({ exitCode: 0 });
}

/** A route to a gateway on the LAN, and one that the kernel lists before the route to the LAN. */
const ofNet1 = ['route add 10.20.0.0/16 via 10.2.0.1 dev net1', 'route append default via 10.2.0.1 dev net1 metric 50'];

describe('ADD', () => {
  test('gives the NIC a table, with all its routes and a default route in each family', async () => {
    using pod = createPod();
    await succeed('ADD', pod);
    const table = tableOf(pod, '10.2.0.2');
    expect(rulesOf(pod)).toEqual([
      `8700:	from 10.2.0.2 lookup ${table} proto 87`,
      `8700:	from fd02::2 lookup ${table} proto 87`,
    ]);
    expect(routesIn(pod, table)).toEqual([
      'default via 10.2.0.1 dev net1 proto 87 onlink',
      '10.2.0.0/24 dev net1 proto kernel scope link src 10.2.0.2',
      'fd02::/64 dev net1 proto kernel metric 256 pref medium',
      'fe80::/64 dev net1 proto kernel metric 256 pref medium',
      'default via fd02::1 dev net1 proto 87 metric 1024 onlink pref medium',
    ]);
  });

  test('passes on the result of the plugins before it', async () => {
    using pod = createPod();
    expect((await call('ADD', pod)).result).toEqual({ cniVersion: '1.1.0', ...pod.prevResult });
  });

  test('that is repeated changes nothing', async () => {
    using pod = createPod();
    await succeed('ADD', pod);
    const before = state(pod);
    await succeed('ADD', pod);
    expect(state(pod)).toEqual(before);
  });

  test('keeps all attributes of a route', async () => {
    const special = [
      '10.20.0.0/16 via 10.2.0.1 dev net1 proto bird metric 77 mtu 1300 advmss 1200 initcwnd 20',
      '10.30.0.0/16 via 169.254.1.1 dev net1 src 10.2.0.2 onlink',
      'fd20::/64 via fe80::1 dev net1 metric 77 mtu 1400 pref high',
    ];
    using pod = createPod({ ...usual, commands: [...usual.commands, ...special.map(route => `route add ${route}`)] });
    await succeed('ADD', pod);
    expect(routesIn(pod, tableOf(pod, '10.2.0.2'))).toEqual(expect.arrayContaining(special));
  });

  test('keeps the encapsulation of a route, whose identifier has 64 bits', async () => {
    const encap = 'encap ip id 5 src 10.2.0.2 dst 10.2.0.9 ttl 9 tos 0 via 10.2.0.1 dev net1';
    using pod = createPod({ ...usual, commands: [...usual.commands, `route add 10.35.0.0/16 ${encap}`] });
    await succeed('ADD', pod);
    const table = tableOf(pod, '10.2.0.2');
    expect(routesIn(pod, table).join('\n')).toContain(encap);
    await succeed('CHECK', pod);
    ip(pod, [`route replace 10.35.0.0/16 ${encap.replace('id 5', 'id 6')} table ${table}`]);
    expect((await call('CHECK', pod)).error?.msg).toMatch(/^route 10\.35\.0\.0\/16 via .*: differs$/);
  });

  test('keeps the weights of a multipath route', async () => {
    const route = '10.40.0.0/16 nexthop via 10.2.0.1 dev net1 weight 3 nexthop via 10.2.0.9 dev net1 weight 1';
    using pod = createPod({ ...usual, commands: [...usual.commands, `route add ${route}`] });
    await succeed('ADD', pod);
    const table = routesIn(pod, tableOf(pod, '10.2.0.2'));
    expect(table).toEqual(expect.arrayContaining(route.split(/(?= nexthop)/).map(part => part.trim())));
  });

  test('moves one path of an IPv6 default route, and leaves the other', async () => {
    const second = 'route append default via fd02::1 dev net1';
    using pod = createPod({ ...usual, commands: [...usual.commands, second] });
    const before = state(pod);
    await succeed('ADD', pod);
    expect(routesIn(pod, tableOf(pod, 'fd02::2'))).toContain('default via fd02::1 dev net1 metric 1024 pref medium');
    expect(routesIn(pod, 'main')).toContain('default via fd01::1 dev eth0 metric 1024 pref medium');
    await succeed('CHECK', pod);
    await succeed('DEL', pod);
    // The other's default route is not made to share again: the NIC is about to go.
    expect(state(pod)).toEqual(
      before
        .filter(line => !/nexthop|^default metric/.test(line))
        .concat('default via fd01::1 dev eth0 metric 1024 pref medium')
        .toSorted(),
    );
  });

  test('takes no table that another uses', async () => {
    using pod = createPod();
    const [net1] = show<{ ifindex: number }>(pod, 'link', 'show', 'net1');
    const usually = 8700 + net1!.ifindex;
    ip(pod, [`route add 192.0.2.0/24 dev eth0 table ${usually}`]);
    await succeed('ADD', pod);
    expect(tableOf(pod, '10.2.0.2')).toBe(String(usually + 100_000));
  });

  test('refuses the configured table where another NIC has routes, and names one', async () => {
    using pod = createPod();
    ip(pod, ['route add 192.0.2.0/24 dev eth0 table 100']);
    const before = state(pod);
    const { error } = await call('ADD', pod, { table: 100 });
    expect(error).toMatchObject({ code: 102, msg: 'table: 100 has routes of another NIC, such as 192.0.2.0/24' });
    expect(state(pod)).toEqual(before);
  });

  test('undoes everything if the kernel refuses a change, which is named', async () => {
    using pod = createPod({ ...usual, commands: [...usual.commands, 'route append default via fd02::1 dev net1'] });
    ip(pod, ['link set net1 down', 'address add fd02::2/64 dev net1']);
    const before = state(pod);
    const { error } = await call('ADD', pod);
    expect(error).toMatchObject({
      code: 100,
      msg: expect.stringMatching(/route 0\.0\.0\.0\/0 via 10\.2\.0\.1 dev net1 onlink table \d+ in the pod: ENETDOWN/),
    });
    expect(state(pod)).toEqual(before);
  });

  test('whose result cannot be written restores every route, whatever leads to its gateway', async () => {
    // Another default route of the same metric, beside that of eth0.
    const second = 'route append default via 10.2.0.1 dev net1';
    using pod = createPod({ ...usual, commands: [...usual.commands, ...ofNet1, second] });
    const before = state(pod);
    const outcome = await invoke(routeTable, 'ADD', {
      ...{ conf: { move: 'all' }, netns: pod.path, ifName: 'net1', prevResult: pod.prevResult },
      stdout() {
        throw new Error('full');
      },
    });
    expect(outcome.error).toMatchObject({ code: 5 });
    expect(outcome.error?.details ?? '').not.toContain('rollback');
    expect(state(pod)).toEqual(before);
  });

  test.each([
    ['that is not there', (pod: Pod) => ip(pod, ['link delete net1']), 'link net1 in the pod: missing'],
    ['without an address', (pod: Pod) => ip(pod, ['address flush dev net1']), 'has no global address'],
  ])('refuses a NIC %s', async (_, spoil, msg) => {
    using pod = createPod();
    spoil(pod);
    expect((await call('ADD', pod)).error).toMatchObject({ code: 7, msg: expect.stringContaining(msg) });
  });
});

describe('the configuration', () => {
  test('table: the routes stand in it', async () => {
    using pod = createPod();
    await succeed('ADD', pod, { table: 100 });
    expect(tableOf(pod, 'fd02::2')).toBe('100');
  });

  test('gateways: take the place of what the plugins before said', async () => {
    using pod = createPod();
    await succeed('ADD', pod);
    await succeed('ADD', pod, { gateways: ['10.2.0.254'] });
    const table = routesIn(pod, tableOf(pod, '10.2.0.2')).filter(route => route.startsWith('default'));
    expect(table).toEqual([
      'default via 10.2.0.254 dev net1 proto 87 onlink',
      'default via fd02::1 dev net1 proto 87 metric 1024 onlink pref medium',
    ]);
  });

  test('rules: lead to the table for other traffic', async () => {
    using pod = createPod();
    const rules = [
      { to: '10.50.0.0/16', priority: 500 },
      { from: 'fd09::/64', to: 'fd50::/16' },
    ];
    await succeed('ADD', pod, { priority: 600, rules });
    const table = tableOf(pod, '10.2.0.2');
    expect(rulesOf(pod)).toEqual([
      `500:	from all to 10.50.0.0/16 lookup ${table} proto 87`,
      `600:	from 10.2.0.2 lookup ${table} proto 87`,
      `600:	from fd02::2 lookup ${table} proto 87`,
      `600:	from fd09::/64 to fd50::/16 lookup ${table} proto 87`,
    ]);
    await succeed('ADD', pod, { priority: 600, rules: [] });
    expect(rulesOf(pod)).toHaveLength(2);
  });

  test.each([
    ['default', ['10.2.0.0/24', '10.20.0.0/16']],
    ['all', []],
    ['none', ['default', '10.2.0.0/24', '10.20.0.0/16']],
  ])('move: %s leaves %j in main', async (move, left) => {
    using pod = createPod({ ...usual, commands: [...usual.commands, ...ofNet1] });
    const before = state(pod);
    await succeed('ADD', pod, { move });
    const main = routesIn(pod, 'main').filter(route => route.includes('dev net1') && !route.includes(':'));
    expect(main.map(route => route.split(' ')[0])).toEqual(left);
    expect(routesIn(pod, tableOf(pod, '10.2.0.2'))).toHaveLength(6);
    await succeed('CHECK', pod, { move });
    await succeed('DEL', pod, { move });
    expect(state(pod)).toEqual(before);
  });

  test.each([
    [{ table: 254 }, 'table: 254 is not an integer from 1 to 4294967295 other than 253 (default), 254 (main)'],
    [{ table: '100' }, 'table: "100" is not an integer'],
    [{ priority: 0 }, 'priority: 0 is not an integer from 1 to 32765'],
    [{ gateways: '10.2.0.1' }, 'gateways: "10.2.0.1" is not a list'],
    [{ gateways: ['10.2.0.1', '10.2.0.2'] }, 'is not a list of at most one address of each family'],
    [{ gateways: ['10.2.0.1/24'] }, 'gateways[0]: not an IP address: "10.2.0.1/24"'],
    [{ move: 'some' }, 'move: "some" is not one of default, all, none'],
    [{ rules: [{}] }, 'rules[0]: {} is not a rule: it needs from, to or both'],
    [{ rules: [{ from: '10.0.0.0/8', iif: 'x' }] }, 'rules[0].iif: unknown key; known are from, to, priority'],
    [{ rules: [{ from: '10.0.0.0/8', to: 'fd00::/8' }] }, 'is not a rule for one family'],
    [{ rules: [{ to: '10.0.0.1/8' }] }, 'rules[0].to: not an IPv4 prefix: "10.0.0.1/8"'],
    [{ table: 0, move: 1 }, '; move: 1 is not one of'],
  ])('%j is refused before any change', async (conf, msg) => {
    using pod = createPod();
    const before = state(pod);
    expect((await call('ADD', pod, conf)).error).toMatchObject({ code: 7, msg: expect.stringContaining(msg) });
    expect(state(pod)).toEqual(before);
  });

  test('an unknown key is a warning', async () => {
    using pod = createPod();
    const { exitCode, stderr } = await call('ADD', pod, { tabel: 100 });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('tabel: unknown key, ignored; known are table, priority, gateways, move, rules');
  });

  test('has a JSON Schema of all keys', () => {
    expect(Object.keys((routeTable.jsonSchema as { properties: object }).properties)).toEqual([
      'table',
      'priority',
      'gateways',
      'move',
      'rules',
    ]);
  });
});

describe('CHECK', () => {
  test('names the rules and nothing else after all of them were deleted', async () => {
    using pod = createPod({ commands: [usual.commands[0]!], ips: [usual.ips[0]!] });
    await succeed('ADD', pod);
    const table = tableOf(pod, '10.2.0.2');
    ip(pod, ['rule delete from 10.2.0.2']);
    const msg = `rule priority 8700 from 10.2.0.2/32 lookup ${table} in the pod: missing`;
    expect((await call('CHECK', pod)).error?.msg).toBe(msg);
  });

  test.each([
    ['rule delete from 10.2.0.2', /^rule priority 8700 from 10\.2\.0\.2\/32 lookup \d+ in the pod: missing$/],
    [
      'route delete default table T',
      /^route 0\.0\.0\.0\/0 via 10\.2\.0\.1 dev net1 onlink table \d+ in the pod: missing$/,
    ],
    ['-6 route delete fe80::/64 table T', /^route fe80::\/64 dev net1 metric 256 table \d+ in the pod: missing$/],
    ['route replace 10.20.0.0/16 via 10.2.0.7 dev net1', /^route 10\.20\.0\.0\/16 via 10\.2\.0\.7 .*: differs$/],
    ['route append default via 10.2.0.1 dev net1', /^route 0\.0\.0\.0\/0 .* table 254 in the pod: is there$/],
    [
      'rule add priority 8700 from 10.9.9.9 table T protocol 87',
      /^rule priority 8700 from 10\.9\.9\.9\/32 .*: is there$/,
    ],
  ])('after "%s" names what is wrong', async (command, msg) => {
    using pod = createPod({ ...usual, commands: [...usual.commands, 'route add 10.20.0.0/16 via 10.2.0.1 dev net1'] });
    await succeed('ADD', pod);
    await succeed('CHECK', pod);
    ip(pod, [command.replace('T', tableOf(pod, 'fd02::2')).replace('-6 ', '')]);
    expect((await call('CHECK', pod)).error).toMatchObject({ code: 101, msg: expect.stringMatching(msg) });
  });
});

describe('DEL', () => {
  test('removes rules and tables, and knows them without the configuration of ADD or a result', async () => {
    using pod = createPod();
    const before = state(pod);
    await succeed('ADD', pod, { table: 100, priority: 99, rules: [{ to: '10.50.0.0/16', priority: 5 }] });
    await succeed('DEL', { ...pod, prevResult: { ips: [] } });
    expect(state(pod)).toEqual(before);
  });

  test('removes the rules of a NIC that is gone', async () => {
    using pod = createPod();
    await succeed('ADD', pod);
    ip(pod, ['link delete net1']);
    await succeed('DEL', { ...pod, prevResult: { ips: [] } });
    expect(rulesOf(pod)).toEqual([]);
  });

  test('leaves the rules of another NIC alone', async () => {
    using pod = createPod();
    const eth0 = {
      ...pod,
      prevResult: { ips: [{ address: '10.1.0.2/24', gateway: '10.1.0.1' }] },
    };
    const ofEth0 = { netns: pod.path, ifName: 'eth0', prevResult: eth0.prevResult };
    expect(await invoke(routeTable, 'ADD', ofEth0)).toMatchObject({ exitCode: 0 });
    const before = state(pod);
    await succeed('ADD', pod);
    await succeed('DEL', pod);
    expect(state(pod)).toEqual(before);
    expect(await invoke(routeTable, 'CHECK', ofEth0)).toMatchObject({ exitCode: 0 });
  });
});
