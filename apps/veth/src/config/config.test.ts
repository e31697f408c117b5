import { describe, expect, test } from 'vitest';
import { aliases } from './aliases.ts';
import { type Config, configSchema, keys } from './config.ts';

function validate(keys: object): { value?: Config; messages: string[] } {
  const result = configSchema['~standard'].validate(keys);
  if (result instanceof Promise) throw new Error('validation is synchronous');
  return result.issues
    ? { messages: result.issues.map(({ message }) => message) }
    : { value: result.value, messages: [] };
}

test('an empty configuration has defaults: no CIDRs, rp_filter 0, hardware addresses kept', () => {
  expect(validate({}).value).toEqual({
    cidrs: [],
    rpFilter: 0,
    rpFilterOnNode: false,
    hardwarePrefix: undefined,
    onlyHardware: false,
    movesRoutes: true,
    defaultRoute: undefined,
    mtu: undefined,
    txqueuelen: undefined,
    nodeAddresses: { include: [], exclude: [] },
    skip: false,
    warnings: [],
    log: { level: 'info', file: undefined, limits: { size: 100_000_000, age: 432_000_000, count: 5 } },
  });
});

test('the CIDRs of cluster, services and additional networks are taken in this order', () => {
  const { value } = validate({
    additional_cidr: ['192.0.2.0/24'],
    service_cidr: ['10.96.0.0/16', 'fd00:10:96::/112'],
    cluster_cidr: ['10.244.0.0/16'],
  });
  expect(value?.cidrs.map(String)).toEqual(['10.244.0.0/16', '10.96.0.0/16', 'fd00:10:96::/112', '192.0.2.0/24']);
});

test('blanks around a CIDR are ignored', () => {
  expect(validate({ cluster_cidr: [' 10.244.0.0/16 '] }).value?.cidrs.map(String)).toEqual(['10.244.0.0/16']);
});

test('every bad key is told at once, with its place, its value and what is allowed', () => {
  const { messages } = validate({
    cluster_cidr: ['10.244.0.0/16', '10.244.0.0/33'],
    service_cidr: '10.96.0.0/16',
    rp_filter: { enabled: 'yes' },
    only_hardware: 1,
  });
  expect(messages).toHaveLength(4);
  expect(messages[0]).toMatch(
    /^cluster_cidr\[1\]: "10\.244\.0\.0\/33" is not a CIDR such as "10\.233\.0\.0\/18": .*0 to 32/,
  );
  expect(messages[1]).toBe('service_cidr: "10.96.0.0/16" is not a list');
  expect(messages[2]).toBe('rp_filter.enabled: "yes" is not true or false');
  expect(messages[3]).toBe('only_hardware: 1 is not true or false');
});

describe('rp_filter', () => {
  test.each([
    ['left out', {}, 0],
    ['without a value', { rp_filter: { enabled: true } }, 0],
    ['with a value', { rp_filter: { enabled: true, value: 2 } }, 2],
    ['with a value alone', { rp_filter: { value: 1 } }, 1],
    ['disabled', { rp_filter: { enabled: false, value: 2 } }, undefined],
  ])('%s', (_, keys, expected) => {
    expect(validate(keys).value?.rpFilter).toBe(expected);
  });

  test('another value than 0, 1 or 2 is refused', () => {
    expect(validate({ rp_filter: { value: 3 } }).messages).toEqual([
      'rp_filter.value: 3 is not an integer from 0 to 2',
    ]);
  });
});

describe('hardware_prefix', () => {
  test.each(['0a:1b', '0a-1b', '0A:1B'])('%s is taken', prefix => {
    expect(validate({ hardware_prefix: prefix }).value?.hardwarePrefix?.toString()).toBe('0a:1b');
  });

  test.each(['01:00', '0a', '0a:1b:2c', 'zz:00', 10])('%s is refused', prefix => {
    expect(validate({ hardware_prefix: prefix }).messages).toEqual([expect.stringMatching(/^hardware_prefix: /)]);
  });

  test('the error names the bit that makes an address multicast', () => {
    expect(validate({ hardware_prefix: '0b:1b' }).messages).toEqual([
      expect.stringMatching(/^hardware_prefix: .*0b:1b.*bit 0x01 of the first octet.*0a:1b is unicast/),
    ]);
  });

  test('only_hardware without it is refused: there would be nothing to do', () => {
    expect(validate({ only_hardware: true }).messages).toEqual(['only_hardware: true needs a hardware_prefix']);
  });
});

test('an unknown key is told with the one that was probably meant, and is no error', () => {
  expect(validate({ cluster_cird: [], clusterCIDR: [], Rp_Filter: {}, colour: 'red' }).value?.warnings).toEqual([
    'cluster_cird: unknown key, ignored; did you mean cluster_cidr?',
    'clusterCIDR: unknown key, ignored; did you mean cluster_cidr?',
    'Rp_Filter: unknown key, ignored; did you mean rp_filter?',
    'colour: unknown key, ignored',
  ]);
});

test('a key of an object that stands beside it is told with its place', () => {
  expect(validate({ log_level: 'debug', exclude: [], enabled: true }).value?.warnings).toEqual([
    'log_level: unknown key, ignored; did you mean log_options.log_level?',
    'exclude: unknown key, ignored; did you mean node_addresses.exclude?',
    'enabled: unknown key, ignored; did you mean rp_filter.enabled or ip_conflict.enabled or reply_path.enabled?',
  ]);
});

describe('the names of the successors', () => {
  test.each([
    [{ overlay_hijack_subnet: ['10.244.0.0/16'] }, { cluster_cidr: ['10.244.0.0/16'] }],
    [{ service_hijack_subnet: ['10.96.0.0/16'] }, { service_cidr: ['10.96.0.0/16'] }],
    [{ additional_hijack_subnet: ['192.0.2.0/24'] }, { additional_cidr: ['192.0.2.0/24'] }],
    [
      { mac_prefix: '0a:1b', only_op_mac: true },
      { hardware_prefix: '0a:1b', only_hardware: true },
    ],
    [{ migrate_route: -1 }, { move_routes: 1 }],
    [{ migrate_route: 0 }, { move_routes: 2 }],
    [{ migrate_route: 1 }, { move_routes: 0 }],
    [{ skip_call: true }, { skip: true }],
  ])('%j means %j', (theirs, ours) => {
    expect(validate(theirs).value).toEqual(validate(ours).value);
    expect(validate(theirs).messages).toEqual([]);
  });

  test.each(Object.entries(aliases))(
    '%s and ours at once are refused, beside all else that is wrong',
    (name, { key }) => {
      const { messages } = validate({ [name]: [], [key]: 'x', txqueuelen: -1 });
      expect(messages).toContain(`${name}: is another name for ${key}, which is given too`);
      expect(messages).toHaveLength(3);
    },
  );

  test('a number that means nothing to migrate_route is refused, though it does to move_routes', () => {
    expect(validate({ migrate_route: 2 }).messages).toEqual(['migrate_route: 2 is not one of -1, 0, 1']);
  });

  test('only_op_mac goes with mac_prefix, and needs one', () => {
    expect(validate({ only_op_mac: true }).messages).toEqual(['only_op_mac: true needs a hardware_prefix']);
    expect(validate({ only_op_mac: true, mac_prefix: '0a:1b' }).messages).toEqual([]);
  });
});

/** The paths of a schema and of all keys in it. */
function* paths(schema: object, path: readonly string[]): Generator<readonly string[]> {
  yield path;
  const { properties = {} } = schema as { properties?: Readonly<Record<string, object>> };
  for (const [name, part] of Object.entries(properties)) yield* paths(part, [...path, name]);
}
const names: Readonly<Record<string, object>> = {
  ...Object.fromEntries(Object.entries(keys).map(([name, { schema }]) => [name, schema])),
  ...Object.fromEntries(
    Object.entries(aliases).map(([name, { key, value = keys[key as keyof typeof keys] }]) => [name, value.schema]),
  ),
};
const all = Object.entries(names).flatMap(([name, schema]) => [...paths(schema, [name])]);

test.each(all.map(path => [path.join('.'), path] as const))(
  'a wrong value of %s is refused by the name that was given, with the value and what is allowed',
  (name, path) => {
    const wrong = [null, -7, 1.5, 'no\nvalue', [null], [[]], { bogus: 1 }];
    const refused = wrong.flatMap(value => {
      const { messages } = validate(path.reduceRight<unknown>((inner, step) => ({ [step]: inner }), value) as object);
      return messages.map(message => ({ value, message }));
    });
    expect(refused.length).toBe(wrong.length);
    for (const { value, message } of refused) {
      expect(message.slice(0, name.length)).toBe(name);
      const unknown = typeof value === 'object' && value && 'bogus' in value ? 'unknown key; known are ' : undefined;
      const inner = JSON.stringify(Array.isArray(value) ? value[0] : value);
      const tells =
        [JSON.stringify(value), inner].some(text => message.includes(text)) && / is not |must be /.test(message);
      expect(tells || (unknown !== undefined && message.includes(unknown)), message).toBe(true);
    }
  },
);

test('node addresses are chosen by CIDR or by interface', () => {
  const { value } = validate({ node_addresses: { exclude: ['docker0', '192.0.2.0/24'] } });
  expect(value?.nodeAddresses.exclude).toMatchObject([{ dev: 'docker0' }, { prefix: { length: 24 } }]);
});

describe('what no route through a node may lead to', () => {
  test.each([
    ['0.0.0.0/0', 'that is the default route, which is the NIC’s'],
    ['::/0', 'that is the default route, which is the NIC’s'],
    ['::ffff:10.244.0.0/112', 'IPv4 is written as such, 10.244.0.0/16'],
    ['127.0.0.0/8', 'loopback addresses are the pod’s own'],
    ['::1/128', 'loopback addresses are the pod’s own'],
    ['fe80::/64', 'link-local addresses are those of one link'],
  ])('%s', (cidr, why) => {
    for (const key of ['cluster_cidr', 'service_cidr', 'additional_cidr', 'overlay_hijack_subnet'])
      expect(validate({ [key]: ['10.0.0.0/8', cidr] }).messages).toEqual([
        `${key}[1]: "${cidr}" is not to be reached through a node: ${why}`,
      ]);
    // As a selector of the node's addresses it is valid.
    expect(validate({ node_addresses: { exclude: [cidr] } }).messages).toEqual([]);
  });

  test.each(['128.0.0.0/1', '0.0.0.0/1', '::/1', '169.254.0.0/16', '224.0.0.0/4'])('but %s', cidr => {
    expect(validate({ cluster_cidr: [cidr, cidr] }).messages).toEqual([]);
  });
});

test.each(['', 'a/b', 'a:b', 'a b', '.', '..', 'sixteen-bytes-ab', 'über-neun-bytesx', 'a\t'])(
  'no interface is called %j',
  name => {
    expect(validate({ default_route: name }).messages).toEqual([
      `default_route: ${JSON.stringify(name)} is not the name of an interface: 1 to 15 bytes, without "/", ":" and blanks`,
    ]);
    if (!name.includes('/'))
      expect(validate({ node_addresses: { include: [name] } }).messages).toEqual([
        `node_addresses.include[0]: ${JSON.stringify(name)} is not a CIDR such as "192.0.2.1/32", or the name of an interface`,
      ]);
  },
);

test.each(['10.6.0.10', 'fd00:10:6::10'])('the address %s without a length is no interface', address => {
  expect(validate({ node_addresses: { exclude: ['eth0', address] } }).messages).toEqual([
    `node_addresses.exclude[1]: "${address}" is not a CIDR such as "192.0.2.1/32", or the name of an interface`,
  ]);
});

test.each(['veth.log', ''])('a log file is named by all of its path, and not %j', file => {
  expect(validate({ log_options: { log_file: file } }).messages).toEqual([
    `log_options.log_file: "${file}" is not an absolute path such as "/var/log/veth.log"`,
  ]);
});

test('of a long value as much is told as a line holds', () => {
  const [message = ''] = validate({ cluster_cidr: 'x'.repeat(3000) }).messages;
  expect(message).toBe(`cluster_cidr: "${'x'.repeat(98)}… is not a list`);
});

test('host bits of a CIDR are cleared', () => {
  expect(validate({ cluster_cidr: ['10.244.1.2/16'] }).value?.cidrs.map(String)).toEqual(['10.244.0.0/16']);
});

describe('ip_conflict', () => {
  test.each([
    ['left out', {}, undefined],
    ['not enabled', { ip_conflict: { interval: '1s' } }, undefined],
    ['enabled', { ip_conflict: { enabled: true } }, { interval: 100, retries: 3 }],
    ['with all', { ip_conflict: { enabled: true, interval: '1.5s', retries: 2 } }, { interval: 1500, retries: 2 }],
    ['of several units', { ip_conflict: { enabled: true, interval: '1s500ms' } }, { interval: 1500, retries: 3 }],
  ])('%s', (_, keys, expected) => expect(validate(keys).value?.ipConflict).toEqual(expected));

  test.each(['1', 100, '1 s', '1s,', '', '0s', '2m', '1d'])('the interval %j is refused', interval => {
    expect(validate({ ip_conflict: { interval } }).messages).toEqual([
      `ip_conflict.interval: ${JSON.stringify(interval)} is not a duration such as "100ms" or "1s", from 1ms to 60000ms`,
    ]);
  });
});
