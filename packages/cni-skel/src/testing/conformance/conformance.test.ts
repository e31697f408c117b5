import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDirectory, createScript } from '../../../test/directory.ts';
import { createNamespace, removeNamespace } from '../../../test/namespace.ts';
import { CNIError, definePlugin, type Plugin } from '../../index.ts';
import { conformance, type Fixture } from '../index.ts';

const state = createDirectory();

/** A plugin whose interfaces are files. */
const right = {
  name: 'files',
  version: '1',
  add({ containerID, ifName, netns }: { containerID: string; ifName: string; netns: string }) {
    if (existsSync(fileOf(containerID, ifName))) throw new CNIError(100, `${ifName} is there`);
    writeFileSync(fileOf(containerID, ifName), '');
    return { interfaces: [{ name: ifName, sandbox: netns }], ips: [{ address: '10.0.0.2/24', interface: 0 }] };
  },
  del({ containerID, ifName }: { containerID: string; ifName: string }) {
    rmSync(fileOf(containerID, ifName), { force: true });
  },
  check({ containerID, ifName }: { containerID: string; ifName: string }) {
    if (!existsSync(fileOf(containerID, ifName))) throw new CNIError(100, `${ifName} is not there`);
  },
  gc({ isValid }: { isValid(attachment: { containerID: string; ifName: string }): boolean }) {
    for (const name of readdirSync(state)) {
      const [containerID = '', ifName = ''] = name.split('=');
      if (!isValid({ containerID, ifName })) rmSync(join(state, name));
    }
  },
};

function fileOf(containerID: string, ifName: string): string {
  return join(state, `${containerID}=${ifName}`);
}

const fixture: Fixture = {
  conf: {},
  netns: () => {
    const path = createNamespace();
    return { path, [Symbol.asyncDispose]: async () => removeNamespace(path) };
  },
  snapshot: () => readdirSync(state),
  damage: async () => {
    for (const name of readdirSync(state)) rmSync(join(state, name));
  },
  versions: ['1.1.0'],
};

describe('a plugin that does what the SPEC asks', () => {
  for (const { name, run } of conformance(definePlugin(right), { ...fixture, versions: ['0.2.0', '0.4.0', '1.1.0'] })) {
    it(name, run);
  }

  it('is left without any attachment', async () => {
    const cases = [...conformance(definePlugin(right), fixture)];
    await cases.find(({ name }) => name.endsWith('ADD serves ten containers at once'))?.run();
    expect(readdirSync(state)).toEqual([]);
  });

  it('is asked under every version that it supports', () => {
    const { versions: _, ...rest } = fixture;
    const plugin = definePlugin({ ...right, supportedVersions: ['0.3.1', '1.0.0'] });
    const names = [...conformance(plugin, rest)].map(({ name }) => name.split(':')[0]);
    expect(new Set(names)).toEqual(new Set(['0.3.1', '1.0.0']));
  });

  it('is not asked for what a version or a kind of plugin does not have', () => {
    const names = (more: Partial<Fixture>) =>
      [...conformance(definePlugin(right), { ...fixture, ...more })].map(({ name }) => name).join('\n');
    for (const command of ['CHECK', 'GC', 'STATUS']) expect(names({})).toContain(command);
    expect(names({})).toContain('the sandbox of an interface');
    expect(names({ versions: ['0.3.1'] })).not.toMatch(/CHECK|GC|STATUS/);
    expect(names({ versions: ['1.0.0'] })).not.toMatch(/GC|STATUS/);
    expect(names({ versions: ['0.2.0'] })).not.toContain('the sandbox of an interface');
    expect(names({ kind: 'ipam' })).not.toContain('the sandbox of an interface');
    for (const kind of ['ipam', 'chained'] as const)
      expect(names({ kind })).not.toContain('an interface that is there');
  });
});

/** Names of the cases that a plugin fails. */
async function failures(plugin: Plugin | string, more: Partial<Fixture> = {}): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of conformance(plugin, { ...fixture, ...more })) {
    await run().catch(() => failed.push(name.replace('1.1.0: ', '')));
    for (const left of readdirSync(state)) rmSync(join(state, left));
  }
  return failed;
}

describe('a plugin that does not', () => {
  const wrong = (more: object) => failures(definePlugin({ ...right, ...more }));

  it('C144 is caught if DEL leaves something behind', async () => {
    expect(await wrong({ del: () => {} })).toEqual(
      expect.arrayContaining([
        'DEL removes what ADD made',
        'DEL can be repeated',
        'DEL without prevResult removes what ADD made',
        'DEL after the namespace is gone removes what ADD left on the node',
        'CHECK after DEL is an error',
      ]),
    );
  });

  it('C141 C144 is caught if DEL fails on what is gone', async () => {
    const del = ({ containerID, ifName }: { containerID: string; ifName: string }) =>
      rmSync(fileOf(containerID, ifName));
    expect(await wrong({ del })).toEqual(
      expect.arrayContaining(['DEL can be repeated', 'DEL without an ADD succeeds']),
    );
  });

  it('C143 is caught if DEL needs the namespace', async () => {
    const del = ({ netns, ...context }: { netns?: string; containerID: string; ifName: string }) => {
      if (!netns) throw new Error('no namespace');
      right.del(context);
    };
    expect(await wrong({ del })).toEqual([
      'DEL without CNI_NETNS succeeds',
      'DEL after the namespace is gone removes what ADD left on the node',
      'DEL with the namespace of the plugin succeeds, and changes nothing there',
    ]);
  });

  it('C140 is caught if DEL removes too much', async () => {
    const del = () => {
      for (const name of readdirSync(state)) rmSync(join(state, name));
    };
    expect(await wrong({ del })).toEqual(
      expect.arrayContaining([
        'DEL of one attachment leaves another alone',
        'CHECK accepts an attachment after DEL of another',
      ]),
    );
  });

  it('C139 is caught if ADD can be repeated', async () => {
    const add = (context: { containerID: string; ifName: string; netns: string }) => {
      right.del(context);
      return right.add(context);
    };
    expect(await wrong({ add })).toEqual(['ADD of an interface that is there is an error, and changes nothing']);
  });

  it('C86 is caught if the result does not name the sandbox', async () => {
    const add = (context: { containerID: string; ifName: string; netns: string }) => ({
      ips: right.add(context).ips.map(({ address }) => ({ address })),
    });
    expect(await wrong({ add })).toEqual(['ADD names CNI_NETNS as the sandbox of an interface']);
  });

  it('C140 is caught if it knows an attachment by its container alone', async () => {
    const forget = ({ containerID }: { containerID: string }) => {
      for (const name of readdirSync(state)) if (name.startsWith(`${containerID}=`)) rmSync(join(state, name));
    };
    expect(await wrong({ del: forget })).toEqual([
      'a container can have two attachments, and loses one by DEL of that one',
    ]);
  });

  it('C141 is caught if DEL cannot remove what an ADD left whose result was lost', async () => {
    const lost = new Map<string, string>();
    const add = (context: { containerID: string; ifName: string; netns: string }) => {
      lost.set(context.containerID, context.netns);
      return right.add(context);
    };
    const del = (context: { containerID: string; ifName: string; prevResult?: object }) => {
      if (context.prevResult) right.del(context);
    };
    expect(await wrong({ add, del })).toEqual([
      'DEL after an ADD whose result could not be written removes what that made',
      'DEL without prevResult removes what ADD made',
    ]);
  });

  it('C92 is caught if it drops what the plugins before it made', async () => {
    const chained = {
      kind: 'chained',
      prevResult: (netns: string) => ({ interfaces: [{ name: 'eth0', sandbox: netns }] }),
    };
    const drops = definePlugin({
      ...right,
      kind: 'chained',
      add: context => ({ ips: right.add(context).ips.map(({ address }) => ({ address })) }),
    });
    const passes = definePlugin({ ...right, kind: 'chained', add: context => void right.add(context) });
    expect(await failures(passes, chained as Partial<Fixture>)).toEqual([]);
    expect(await failures(drops, chained as Partial<Fixture>)).toEqual([
      'ADD hands on the interfaces and addresses of the plugins before',
    ]);
  });

  it('C86 is caught if an IPAM plugin returns interfaces', async () => {
    expect(await failures(definePlugin(right), { kind: 'ipam' })).toEqual([
      'ADD of an IPAM plugin returns addresses, and no interface',
    ]);
  });

  it('C109 is caught if it refuses args that it does not know', async () => {
    const add = (context: { containerID: string; ifName: string; netns: string; conf: { args?: object } }) => {
      if (context.conf.args) throw new CNIError(2, 'args');
      return right.add(context);
    };
    expect(await wrong({ add })).toEqual(['ADD ignores args that it does not know']);
  });

  it('C148 is caught if CHECK sees nothing', async () => {
    expect(await wrong({ check: () => {} })).toEqual(['CHECK after DEL is an error', 'CHECK refuses what was damaged']);
  });

  it('C115 is caught if GC needs the namespace', async () => {
    const namespaces = new Map<string, string>();
    const add = (context: { containerID: string; ifName: string; netns: string }) => {
      namespaces.set(`${context.containerID}=${context.ifName}`, context.netns);
      return right.add(context);
    };
    const gc = (context: { isValid(attachment: { containerID: string; ifName: string }): boolean }) => {
      for (const name of readdirSync(state))
        if (!existsSync(namespaces.get(name) ?? '')) throw new CNIError(100, 'no namespace');
      right.gc(context);
    };
    expect(await wrong({ add, gc })).toEqual([
      'GC removes the stale attachment, and leaves the valid one alone',
      'GC removes what ADD left on the node, after the container is gone',
    ]);
  });

  it('C111 C112 is caught if GC collects too much, or nothing', async () => {
    expect(await wrong({ gc: () => right.gc({ isValid: () => false }) })).toEqual([
      'GC leaves valid attachments alone',
      'GC removes the stale attachment, and leaves the valid one alone',
      'GC without a list leaves everything alone',
    ]);
    expect(await wrong({ gc: () => {} })).toEqual([
      'GC removes the stale attachment, and leaves the valid one alone',
      'GC removes what ADD left on the node, after the container is gone',
    ]);
  });

  it('C149 is caught if it serves one container at a time', async () => {
    let busy = false;
    const add = async (context: { containerID: string; ifName: string; netns: string }) => {
      if (busy) throw new CNIError(11, 'busy');
      busy = true;
      await null;
      busy = false;
      return right.add(context);
    };
    expect(await wrong({ add })).toEqual(['ADD serves ten containers at once']);
  });

  it('C116 is caught if STATUS fails', async () => {
    const status = () => {
      throw new CNIError(50, 'down');
    };
    expect(await wrong({ status })).toEqual(['STATUS succeeds where ADD does']);
  });

  it('C45 is caught if it prints two values', async () => {
    const script = createScript(createDirectory(), 'twice', `echo '{"code":4,"msg":"no"}'; echo '{}'; exit 1`);
    expect(await failures(script)).toContain('an unknown command is error 4');
  });

  it('is caught if it does not read what it is sent', async () => {
    const script = createScript(createDirectory(), 'deaf', `cat >/dev/null; echo '{"cniVersion":"1.1.0"}'`);
    expect(await failures(script)).toEqual(
      expect.arrayContaining([
        'VERSION lists the versions that are supported',
        'an unknown command is error 4',
        'ADD without CNI_NETNS is error 4, which names it',
        'a configuration that is no JSON is error 6',
        'a configuration without a valid name is error 7',
        'a configuration of an unknown version is error 1',
        'ADD in the namespace of the plugin is an error, and changes nothing',
        'ADD of an interface that is there is an error, and changes nothing',
        'CHECK without prevResult is an error',
        'CHECK after DEL is an error',
        'DEL without an ADD succeeds',
        'DEL with a mangled prevResult succeeds',
      ]),
    );
  });

  it('C143 is caught if DEL removes everything, but complains that the namespace is gone', async () => {
    const del = ({ netns, ...context }: { netns?: string; containerID: string; ifName: string }) => {
      right.del(context);
      if (!netns) throw new Error('no namespace');
    };
    expect(await wrong({ del })).toEqual([
      'DEL without CNI_NETNS succeeds',
      'DEL after the namespace is gone removes what ADD left on the node',
      'DEL with the namespace of the plugin succeeds, and changes nothing there',
    ]);
  });
});

describe('a case that fails', () => {
  const failureOf = async (subject: Plugin | string, wanted: string, more: Partial<Fixture> = {}) => {
    const cases = [...conformance(subject, { ...fixture, ...more })];
    const found = cases.find(({ name }) => name.endsWith(`: ${wanted}`));
    const error = await found!.run().catch(error => error);
    for (const left of readdirSync(state)) rmSync(join(state, left));
    return `${error}`;
  };

  it('says what was asked, what came of it and what was logged', async () => {
    const plugin = definePlugin({
      ...right,
      check: ({ log }) => log.info('all is well'),
      add({ log }) {
        log.info('there is no bridge');
        throw new CNIError(100, 'broken');
      },
      del({ log }) {
        log.info('nothing to do');
        throw new Error('unexpected');
      },
    });
    expect(await failureOf(plugin, 'DEL removes what ADD made')).toMatch(
      /^AssertionError \[ERR_ASSERTION\]: ADD failed\nstandard output: \{[^}]*"msg": "broken"[^}]*\}\nstandard error: .*there is no bridge/,
    );
    expect(await failureOf(plugin, 'DEL without an ADD succeeds')).toContain(': DEL failed\nstandard output: {');
    const blind = definePlugin({ ...right, check: () => {} });
    expect(await failureOf(blind, 'CHECK after DEL is an error')).toMatch(/: CHECK succeeded, where an error was due$/);
  });

  const printing = (text: string, status: number) =>
    createScript(createDirectory(), 'prints', `cat >/dev/null; printf '%s' '${text}'; exit ${status}`);

  it('is that of a plugin that takes DEL of one attachment for the end of the container', async () => {
    const gone = new Set<string>();
    const plugin = definePlugin({
      ...right,
      del(context) {
        if (gone.has(context.containerID)) throw new Error('who?');
        gone.add(context.containerID);
        right.del(context);
      },
    });
    const wanted = 'a container can have two attachments, and loses one by DEL of that one';
    expect(await failureOf(plugin, wanted)).toContain('DEL failed');
  });

  it('C139 is that of a plugin that refuses an interface that is there, but spoils it', async () => {
    const plugin = definePlugin({
      ...right,
      add(context) {
        const { containerID, ifName } = context;
        if (existsSync(fileOf(containerID, ifName))) writeFileSync(fileOf(containerID, 'spoilt'), '');
        return right.add(context);
      },
    });
    const wanted = 'ADD of an interface that is there is an error, and changes nothing';
    expect(await failureOf(plugin, wanted)).toContain('=spoilt');
  });

  it('C148 is that of a plugin whose CHECK changes something', async () => {
    const check = (context: { containerID: string; ifName: string }) => {
      right.check(context);
      writeFileSync(fileOf(context.containerID, 'checked'), '');
    };
    const wanted = 'CHECK accepts what ADD made, and changes nothing';
    expect(await failureOf(definePlugin({ ...right, check }), wanted)).toContain('=checked');
  });

  it('C112 is that of a plugin whose CHECK knows no attachment after GC', async () => {
    let collected = false;
    const plugin = definePlugin({
      ...right,
      gc(context) {
        right.gc(context);
        collected = true;
      },
      check(context) {
        if (collected) throw new CNIError(100, 'forgotten');
        right.check(context);
      },
    });
    const wanted = 'GC removes the stale attachment, and leaves the valid one alone';
    expect(await failureOf(plugin, wanted)).toMatch(/CHECK failed\n.*"msg": "forgotten"/s);
  });

  it('C95 is that of a plugin that needs a result for DEL, which runtimes have none of before 0.4.0', async () => {
    const del = (context: { prevResult?: object | undefined; containerID: string; ifName: string }) => {
      if (!context.prevResult) throw new Error('no result');
      right.del(context);
    };
    const more: Partial<Fixture> = { versions: ['0.3.1'] };
    expect(await failureOf(definePlugin({ ...right, del }), 'DEL removes what ADD made', more)).toContain('no result');
  });

  it('C86 is that of an IPAM plugin without addresses, or with one that points at an interface', async () => {
    const wanted = 'ADD of an IPAM plugin returns addresses, and no interface';
    const pointing = '{"cniVersion":"1.1.0","ips":[{"address":"10.0.0.2/24","interface":0}]}';
    expect(await failureOf(printing('{"cniVersion":"1.1.0"}', 0), wanted, { kind: 'ipam' })).toContain('no address');
    expect(await failureOf(printing(pointing, 0), wanted, { kind: 'ipam' })).toContain('points at an interface');
  });

  it('C92 is that of a chained plugin that does not hand on the addresses', async () => {
    const wanted = 'ADD hands on the interfaces and addresses of the plugins before';
    const chained: Partial<Fixture> = { kind: 'chained', prevResult: () => ({ ips: [{ address: '10.0.0.9/24' }] }) };
    expect(await failureOf(definePlugin(right), wanted, chained)).toContain('10.0.0.9/24 is missing');
  });

  it.each([
    ['ADD without CNI_NETNS is error 4, which names it', 'does not name CNI_NETNS'],
    ['an error names the version of the configuration', 'cniVersion is 1.0.0'],
  ])('is that of a plugin whose errors say too little: %s', async (wanted, wrong) => {
    const error = printing('{"cniVersion":"1.0.0","code":4,"msg":"no"}', 1);
    expect(await failureOf(error, wanted)).toContain(wrong);
  });

  it.each([
    ['a configuration that is no JSON is error 6', '[ "$conf" = "[]" ]', 6],
    ['a configuration without a valid name is error 7', 'echo "$conf" | grep -q a/b', 7],
    ['an interface name that the kernel refuses is error 4', '[ "$CNI_IFNAME" = "a b" ]', 4],
  ])('is that of a plugin that accepts one of several: %s', async (wanted, accepted, code) => {
    const text = `conf=$(cat); ! ${accepted} || exit 0; echo '{"code":${code},"msg":"no"}'; exit 1`;
    const lenient = createScript(createDirectory(), 'lenient', text);
    expect(await failureOf(lenient, wanted)).toContain('succeeded, where an error was due');
  });

  const script = (text: string) => createScript(createDirectory(), 'script', `cat >/dev/null; ${text}`);

  it('C56 is that of a plugin that does not care whether its result is read', async () => {
    const careless = script(`[ $CNI_COMMAND != ADD ] || echo '{"cniVersion":"1.1.0"}' 2>/dev/null; exit 0`);
    const wanted = 'DEL after an ADD whose result could not be written removes what that made';
    expect(await failureOf(careless, wanted)).toContain('ADD succeeded');
  });

  it('C63 is that of a plugin that refuses its own namespace, but not before it did something there', async () => {
    const error = '{"cniVersion":"1.1.0","code":8,"msg":"no"}';
    const late = script(`touch ${state}/$CNI_CONTAINERID=eth0; echo '${error}'; exit 1`);
    const wanted = 'ADD in the namespace of the plugin is an error, and changes nothing';
    expect(await failureOf(late, wanted)).toContain('=eth0');
  });

  it.each([
    ['null', 1, 'did not print one JSON object: it: null is not an object'],
    ['{"code":1}{}', 1, 'did not print one JSON object: '],
    ['{"code":-4,"msg":"m"}', 1, 'failed with a code that is no non-negative integer'],
    ['{"code":4}', 1, 'failed with a msg that is no string'],
    ['{"code":5,"msg":"m"}', 1, 'failed with another code than 4'],
    ['{"code":4,"msg":"m"}', 0, 'succeeded, where an error was due'],
  ])('says what is wrong with the error %s, status %i', async (text, status, wrong) => {
    const failure = await failureOf(printing(text, status), 'an unknown command is error 4');
    expect(failure).toContain(`: NOPE ${wrong}`);
    expect(failure).toContain(`\nstandard output: ${text}`);
  });

  it.each([
    ['{}', 'cniVersion is undefined'],
    ['{"cniVersion":"1.1.0"}', 'supportedVersions is undefined'],
    ['{"cniVersion":"1.1.0","supportedVersions":["1.0.0"]}', 'supportedVersions lacks 1.1.0'],
  ])('says what is wrong with the versions %s', async (text, wrong) => {
    expect(await failureOf(printing(text, 0), 'VERSION lists the versions that are supported')).toContain(wrong);
  });

  it.each([
    ['{"cniVersion":"1.0.0"}', 'the result says that it is of 1.0.0'],
    ['{"cniVersion":"1.1.0","ips":[{"address":"10.0.0.2"}]}', 'ips[0].address: invalid CIDR address: 10.0.0.2'],
  ])('says what is wrong with the result %s', async (text, wrong) => {
    const failure = await failureOf(printing(text, 0), 'ADD prints a result of the version of the configuration');
    expect(failure).toContain(wrong);
  });

  it('is not hidden by what cannot be cleared away', async () => {
    const netns = () => ({
      path: '/none',
      [Symbol.asyncDispose]: () => Promise.reject(new Error('cannot clear away')),
    });
    const more = { netns, snapshot: () => Promise.reject(new Error('no snapshot')) };
    expect(await failureOf(definePlugin(right), 'DEL removes what ADD made', more)).toBe('Error: no snapshot');
    const kept = { netns, snapshot: () => [] };
    expect(await failureOf(definePlugin(right), 'an unknown command is error 4', kept)).toBe(
      'Error: cannot clear away',
    );
  });
});

describe('an executable that does not say which versions it supports', () => {
  it.each([
    ['/nowhere/plugin', /^VERSION of \/nowhere\/plugin: .*ENOENT/],
    ['/bin/true', /^VERSION of \/bin\/true: decoding version info: /],
  ])('is named: %s', (path, message) => {
    const { versions: _, ...rest } = fixture;
    expect(() => [...conformance(path, rest)]).toThrow(message);
  });
});
