import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createDirectory, createScript } from '../../test/directory.ts';
import { createNamespace } from '../../test/namespace.ts';
import { CNIError, type Result } from '../index.ts';
import { type NetworkConfList, Runtime, type RuntimeOptions } from './index.ts';

interface Call {
  readonly plugin: string;
  readonly command: string;
  readonly env: string;
  readonly conf: Record<string, unknown> & { prevResult?: Result };
}

const addresses = (address: string) => `echo '{"cniVersion":"1.1.0","ips":[{"address":"${address}"}]}'`;

/** A runtime, with plugins that are shell scripts: each records its call and then runs the given commands. */
function world(scripts: Readonly<Record<string, string>>, options: Partial<RuntimeOptions> = {}) {
  const directory = createDirectory();
  const log = join(directory, 'calls');
  for (const [name, script] of Object.entries(scripts)) {
    const env = '$CNI_CONTAINERID $CNI_NETNS $CNI_IFNAME $CNI_ARGS $CNI_PATH';
    const note = `printf '{"plugin":"${name}","command":"%s","env":"%s","conf":%s}\\n' $CNI_COMMAND "${env}" "$(cat)" >>${log}`;
    createScript(directory, name, `${note}\n${script}`);
  }
  writeFileSync(log, '');
  const calls = () => (readFileSync(log, 'utf8').match(/.+/g) ?? []).map(line => JSON.parse(line) as Call);
  return {
    directory,
    runtime: new Runtime({ pluginDirs: [directory], stderr: () => {}, ...options }),
    calls,
    /** The calls, in order. */
    order: () => calls().map(({ plugin, command }) => `${plugin} ${command}`),
    forget: () => writeFileSync(log, ''),
  };
}

const list = (types: readonly string[], more: Partial<NetworkConfList> = {}): NetworkConfList => ({
  cniVersion: '1.1.0',
  name: 'network',
  plugins: types.map(type => ({ type })),
  ...more,
});
const attachment = { containerID: 'container', netns: '/run/netns/pod', ifName: 'eth0' };
const errorOf = async (promise: Promise<unknown>) => CNIError.from(await promise.catch(error => error)).toJSON();
const only = (command: string, script: string) => `[ $CNI_COMMAND != ${command} ] || { ${script}; }`;
const first = only('ADD', addresses('10.0.0.1/24'));
const second = only('ADD', addresses('10.0.0.2/24'));
const failing = `echo '{"code":100,"msg":"broken"}'; exit 1`;

describe('ADD of a list', () => {
  it("runs every plugin with the list's name and version and the result of the one before", async () => {
    const { runtime, calls, directory } = world({ first, second });
    const args = { IgnoreUnknown: '1', K8S_POD_NAME: 'web' };
    const result = await runtime.add(list(['first', 'second']), { ...attachment, args });
    expect(result).toEqual({ cniVersion: '1.1.0', ips: [{ address: '10.0.0.2/24' }] });
    const env = `container /run/netns/pod eth0 IgnoreUnknown=1;K8S_POD_NAME=web ${directory}`;
    const conf = { cniVersion: '1.1.0', name: 'network' };
    const prevResult = { cniVersion: '1.1.0', ips: [{ address: '10.0.0.1/24' }] };
    expect(calls()).toEqual([
      { plugin: 'first', command: 'ADD', env, conf: { ...conf, type: 'first' } },
      { plugin: 'second', command: 'ADD', env, conf: { ...conf, type: 'second', prevResult } },
    ]);
  });

  it('C106 gives each plugin the capabilities that it declared and the runtime has', async () => {
    const { runtime, calls } = world({ first, second });
    const plugins = [
      { type: 'first', capabilities: { mac: true, ips: false, bandwidth: true } },
      { type: 'second', capabilities: { other: true } },
    ];
    const capabilityArgs = { mac: '02:00:00:00:00:01', ips: ['10.0.0.9/24'], unasked: 1 };
    await runtime.add(list([], { plugins }), { ...attachment, capabilityArgs });
    const [one, two] = calls();
    expect(one?.conf['runtimeConfig']).toEqual({ mac: '02:00:00:00:00:01' });
    expect('runtimeConfig' in two!.conf).toBe(false);
  });

  it('stops at the plugin that fails, throws its error as it is and caches nothing', async () => {
    const { runtime, order } = world({ first, failing, second });
    expect(await errorOf(runtime.add(list(['first', 'failing', 'second']), attachment))).toEqual({
      code: 100,
      msg: 'broken',
    });
    expect(order()).toEqual(['first ADD', 'failing ADD']);
    expect(runtime.cachedResult(list([]), attachment)).toBeUndefined();
  });

  it('reads the result of an old plugin as of its version', async () => {
    const { runtime } = world({ old: `echo '{"cniVersion":"0.2.0","ip4":{"ip":"10.0.0.1/24"}}'` });
    expect(await runtime.add(list(['old'], { cniVersion: '1.0.0' }), attachment)).toEqual({
      cniVersion: '1.0.0',
      ips: [{ address: '10.0.0.1/24' }],
    });
  });

  it('reads a result that names no version as of the list', async () => {
    const { runtime } = world({ old: `echo '{"ip4":{"ip":"10.0.0.1/24"}}'` });
    const result = await runtime.add(list(['old'], { cniVersion: '0.2.0' }), attachment);
    expect(result).toEqual({ cniVersion: '0.2.0', ip4: { ip: '10.0.0.1/24' }, dns: {} });
  });

  it('gives a plugin the name and version of the list, whatever its own configuration says', async () => {
    const { runtime, calls } = world({ first });
    const plugins = [{ type: 'first', name: 'other', cniVersion: '0.1.0' }];
    await runtime.add(list([], { plugins }), attachment);
    expect(calls()[0]?.conf).toEqual({ type: 'first', name: 'network', cniVersion: '1.1.0' });
  });

  it('C29 speaks 0.1.0 where the list names no version', async () => {
    const { runtime, calls } = world({ old: `echo '{"ip4":{"ip":"10.0.0.1/24"}}'` });
    const { cniVersion: _, ...unversioned } = list(['old']);
    const result = await runtime.add(unversioned, attachment);
    expect(result).toEqual({ cniVersion: '0.1.0', ip4: { ip: '10.0.0.1/24' }, dns: {} });
    expect(calls()[0]?.conf['cniVersion']).toBe('');
  });

  it('sets the variables whatever its own environment says', async () => {
    const env = { PATH: process.env['PATH'], CNI_COMMAND: 'DEL', CNI_IFNAME: 'other0' };
    const { runtime, calls } = world({ first }, { env });
    await runtime.add(list(['first']), attachment);
    expect(calls()[0]).toMatchObject({ command: 'ADD', env: expect.stringContaining(' eth0 ') });
  });

  it('kills a plugin that takes longer than the timeout', async () => {
    // On a busy machine a shorter time could pass before the plugin has started.
    const controller = new AbortController();
    const limit = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(controller.signal);
    onTestFinished(() => limit.mockRestore());
    const options = { timeout: 100, stderr: () => controller.abort() };
    const { runtime } = world({ slow: 'echo begun >&2; exec sleep 1000' }, options);
    expect(await errorOf(runtime.add(list(['slow']), attachment))).toEqual({
      code: 0,
      msg: 'netplugin failed: "begun\\n": signal: terminated',
    });
    expect(limit).toHaveBeenCalledWith(100);
  });

  it.each([
    [{ containerID: '%' }, 4],
    [{ containerID: '' }, 3],
    [{ ifName: 'a/b' }, 4],
  ])('refuses an invalid attachment before it runs anything: %j', async (invalid, code) => {
    const { runtime, calls } = world({ first });
    for (const command of ['add', 'check', 'del'] as const)
      expect(await errorOf(runtime[command](list(['first']), { ...attachment, ...invalid }))).toMatchObject({ code });
    expect(calls()).toEqual([]);
  });

  it('refuses an invalid network name and an empty list', async () => {
    const { runtime } = world({});
    expect(await errorOf(runtime.add(list([], { name: 'a b' }), attachment))).toMatchObject({ code: 7 });
    expect(await errorOf(runtime.add(list([]), attachment))).toMatchObject({ code: 7 });
  });

  it('names a plugin that is not there', async () => {
    const { runtime, directory } = world({});
    expect(await errorOf(runtime.add(list(['none']), attachment))).toMatchObject({
      msg: `failed to find plugin "none" in path [${directory}]`,
    });
  });
});

describe('CHECK and DEL of a list', () => {
  it('C97 give every plugin the final result, DEL in reverse order', async () => {
    const { runtime, calls, order } = world({ first, second });
    const both = list(['first', 'second']);
    const result = await runtime.add(both, attachment);
    await runtime.check(both, attachment);
    await runtime.del(both, attachment);
    expect(order().slice(2)).toEqual(['first CHECK', 'second CHECK', 'second DEL', 'first DEL']);
    for (const { conf } of calls().slice(2)) expect(conf.prevResult).toEqual(result);
  });

  it('C95 have no result after DEL', async () => {
    const { runtime, calls } = world({ first });
    await runtime.add(list(['first']), attachment);
    await runtime.del(list(['first']), attachment);
    await runtime.del(list(['first']), attachment);
    expect('prevResult' in calls().at(-1)!.conf).toBe(false);
  });

  it('keep the result when DEL fails', async () => {
    const { runtime } = world({ first: `${first}\n${only('DEL', failing)}` });
    await runtime.add(list(['first']), attachment);
    expect(await errorOf(runtime.del(list(['first']), attachment))).toMatchObject({ code: 100 });
    expect(runtime.cachedResult(list(['first']), attachment)).toBeDefined();
  });

  it('C117 below 0.4.0 are no CHECK, and a DEL without a result', async () => {
    const { runtime, calls, order } = world({ old: only('ADD', `echo '{"cniVersion":"0.3.1"}'`) });
    const old = list(['old'], { cniVersion: '0.3.1' });
    await runtime.add(old, attachment);
    expect(await errorOf(runtime.check(old, attachment))).toEqual({
      code: 1,
      msg: 'configuration version "0.3.1" does not support the CHECK command',
    });
    await runtime.del(old, attachment);
    expect(order()).toEqual(['old ADD', 'old DEL']);
    expect('prevResult' in calls()[1]!.conf).toBe(false);
  });

  it('C117 are no CHECK where the list disables it', async () => {
    const { runtime, calls } = world({ first });
    await runtime.check(list(['first'], { disableCheck: true }), attachment);
    expect(calls()).toEqual([]);
  });

  it('convert a result that was cached under another version', async () => {
    const { runtime, calls } = world({ first });
    await runtime.add(list(['first'], { cniVersion: '1.0.0' }), attachment);
    await runtime.check(list(['first'], { cniVersion: '0.4.0' }), attachment);
    expect(calls().at(-1)?.conf.prevResult).toEqual({
      cniVersion: '0.4.0',
      ips: [{ version: '4', address: '10.0.0.1/24' }],
      dns: {},
    });
  });

  it('C98 differ where the cached result cannot be read: DEL goes on without it', async () => {
    const cacheDir = createDirectory();
    const { runtime, calls } = world({ first }, { cacheDir });
    await runtime.add(list(['first']), attachment);
    const file = join(cacheDir, 'network-container-eth0');
    const cached = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...cached, result: { cniVersion: '9.9.9' } }));
    expect(await errorOf(runtime.check(list(['first']), attachment))).toMatchObject({ code: 6 });
    await runtime.del(list(['first']), attachment);
    expect('prevResult' in calls().at(-1)!.conf).toBe(false);
  });
});

describe('the cache', () => {
  it('lasts in its directory from one runtime to the next, and holds what libcni would', async () => {
    const cacheDir = join(createDirectory(), 'results');
    const { runtime, directory } = world({ first }, { cacheDir });
    await runtime.add(list(['first']), { ...attachment, args: { A: 'b' } });
    expect(readdirSync(cacheDir)).toEqual(['network-container-eth0']);
    const { config, ...kept } = JSON.parse(readFileSync(join(cacheDir, 'network-container-eth0'), 'utf8'));
    expect(JSON.parse(Buffer.from(config, 'base64').toString())).toEqual(list(['first']));
    expect(kept).toEqual({
      kind: 'cniCacheV1',
      networkName: 'network',
      containerId: 'container',
      ifName: 'eth0',
      netns: '/run/netns/pod',
      cniArgs: [['A', 'b']],
      capabilityArgs: {},
      result: { cniVersion: '1.1.0', ips: [{ address: '10.0.0.1/24' }] },
    });
    const modes = [cacheDir, join(cacheDir, 'network-container-eth0')].map(path => statSync(path).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600]);
    const next = new Runtime({ pluginDirs: [directory], cacheDir });
    expect(next.cachedResult(list([]), attachment)).toEqual({ cniVersion: '1.1.0', ips: [{ address: '10.0.0.1/24' }] });
    await next.del(list(['first']), attachment);
    expect(readdirSync(cacheDir)).toEqual([]);
  });
});

describe('GC of a list', () => {
  const stale = { ...attachment, containerID: 'stale', netns: '/run/netns/stale' };
  const filled = async (more: Partial<NetworkConfList> = {}, script = first) => {
    const made = world({ first: script });
    const conf = list(['first'], more);
    await made.runtime.add(conf, attachment);
    await made.runtime.add(conf, stale);
    await made.runtime.add(list(['first'], { name: 'other' }), stale);
    made.forget();
    return { ...made, conf };
  };

  it('C110 deletes what is cached and not valid, and then gives every plugin the list', async () => {
    const { runtime, conf, calls } = await filled();
    await runtime.gc(conf, [attachment]);
    const valid = [{ containerID: 'container', ifname: 'eth0' }];
    expect(calls()).toMatchObject([
      { command: 'DEL', env: expect.stringContaining('stale /run/netns/stale eth0'), conf: { prevResult: {} } },
      { command: 'GC', conf: { 'cni.dev/valid-attachments': valid, 'cni.dev/attachments': valid } },
    ]);
    expect(runtime.cachedResult(list(['first'], { name: 'other' }), stale)).toBeDefined();
  });

  it('C110 deletes with what the runtime said when it added', async () => {
    const { runtime, directory, calls } = world({ first });
    const conf = list([], { plugins: [{ type: 'first', capabilities: { mac: true } }] });
    const capabilityArgs = { mac: '02:00:00:00:00:01' };
    await runtime.add(conf, { ...stale, args: { K8S_POD_NAME: 'web' }, capabilityArgs });
    await runtime.gc(conf, []);
    const { command, env, conf: sent } = calls()[1]!;
    expect(command).toBe('DEL');
    expect(env).toBe(`stale /run/netns/stale eth0 K8S_POD_NAME=web ${directory}`);
    expect(sent['runtimeConfig']).toEqual(capabilityArgs);
  });

  it('C112 deletes by container and interface together', async () => {
    const { runtime, conf, calls } = await filled();
    await runtime.add(conf, { ...attachment, ifName: 'eth1' });
    await runtime.gc(conf, [attachment, stale]);
    const deleted = calls().filter(({ command }) => command === 'DEL');
    expect(deleted.map(({ env }) => env.split(' ').slice(0, 3).join(' '))).toEqual(['container /run/netns/pod eth1']);
  });

  it('C111 gives an empty list for an empty list', async () => {
    const { runtime, conf, calls, order } = await filled();
    await runtime.gc(conf, []);
    expect(order()).toEqual(['first DEL', 'first DEL', 'first GC']);
    expect(calls().at(-1)?.conf).toMatchObject({ 'cni.dev/valid-attachments': [] });
  });

  it('C111 gives no list for no list, and deletes nothing', async () => {
    const { runtime, conf, calls, order } = await filled();
    await runtime.gc(conf, undefined);
    expect(order()).toEqual(['first GC']);
    expect('cni.dev/valid-attachments' in calls()[0]!.conf).toBe(false);
  });

  it('C117 only deletes below 1.1.0', async () => {
    const { runtime, conf, order } = await filled({ cniVersion: '1.0.0' });
    await runtime.gc(conf, []);
    expect(order()).toEqual(['first DEL', 'first DEL']);
  });

  it('C117 does nothing where the list disables it', async () => {
    const { runtime, conf, calls } = await filled({ disableGC: true });
    await runtime.gc(conf, []);
    expect(calls()).toEqual([]);
  });

  it('C113 goes on past errors and reports them all', async () => {
    const { runtime, conf, order } = await filled({}, `${first}\n[ $CNI_COMMAND = ADD ] || { ${failing}; }`);
    await expect(runtime.gc(conf, [])).rejects.toThrow('broken; broken; broken');
    expect(order()).toEqual(['first DEL', 'first DEL', 'first GC']);
  });
});

describe('STATUS of a list', () => {
  it('C116 stops at the first plugin that is not available', async () => {
    const down = `echo '{"code":50,"msg":"down"}'; exit 1`;
    const { runtime, order } = world({ first, down, second });
    expect(await errorOf(runtime.status(list(['first', 'down', 'second'])))).toEqual({ code: 50, msg: 'down' });
    expect(order()).toEqual(['first STATUS', 'down STATUS']);
  });

  it('C117 asks nobody below 1.1.0', async () => {
    const { runtime, calls } = world({ first });
    await runtime.status(list(['first'], { cniVersion: '1.0.0' }));
    expect(calls()).toEqual([]);
  });
});

describe('VERSION of a plugin', () => {
  const versions = (script: string) => world({ plugin: script }).runtime.version('plugin');

  it.each([
    ['{"cniVersion":"1.1.0","supportedVersions":["0.4.0","9.8.7"]}', ['0.4.0', '9.8.7']],
    ['{"cniVersion":"0.2.0"}', ['0.1.0', '0.2.0']],
    ['{"cniVersion":"0.2.0","supportedVersions":[]}', ['0.1.0', '0.2.0']],
  ])('C40 %s is %j', async (reply, supported) => {
    expect(await versions(`echo '${reply}'`)).toEqual(supported);
  });

  it('C40 is 0.1.0 if it does not know the command', async () => {
    expect(await versions(`echo '{"code":100,"msg":"unknown CNI_COMMAND: VERSION"}'; exit 1`)).toEqual(['0.1.0']);
  });

  it('is an error where the plugin fails otherwise', async () => {
    await expect(versions(`echo '{"code":4,"msg":"unknown CNI_COMMAND: WHAT"}'; exit 1`)).rejects.toThrow('WHAT');
  });

  it.each([
    ['{{{', 'decoding version info: '],
    ['{"cniVersion":"1.0.0","supportedVersions":[]}', 'decoding version info: missing field supportedVersions'],
    ['{"supportedVersions":["1.0.0"]}', 'decoding version info: missing field cniVersion'],
    ['{"cniVersion":"1.0.0"}', 'decoding version info: missing field supportedVersions'],
  ])('C40 cannot be read from %s', async (reply, msg) => {
    expect(await errorOf(versions(`echo '${reply}'`))).toMatchObject({ code: 6, msg: expect.stringContaining(msg) });
  });

  it('C41 is asked with the newest version and dummy variables', async () => {
    const { runtime, calls } = world({ plugin: `echo '{"cniVersion":"0.2.0"}'` });
    await runtime.version('plugin');
    expect(calls()).toEqual([
      { plugin: 'plugin', command: 'VERSION', env: ' dummy dummy  dummy', conf: { cniVersion: '1.1.0' } },
    ]);
  });
});

describe('the reference plugins', () => {
  it('attach a pod of a node that is another namespace, and leave nothing behind', async () => {
    const [node, pod] = [createNamespace(), createNamespace()];
    const links = (netns: string) =>
      execFileSync('nsenter', [`--net=${netns}`, 'ip', '-brief', 'link'], { encoding: 'utf8' });
    const before = links(pod);
    const runtime = new Runtime({ pluginDirs: ['/usr/lib/cni'], exec: ['nsenter', `--net=${node}`] });
    const ipam = { type: 'host-local', dataDir: createDirectory(), subnet: '10.9.0.0/24' };
    const plugins = [
      { type: 'bridge', bridge: 'cni0', ipam },
      { type: 'tuning', capabilities: { mac: true } },
    ];
    const conf = { cniVersion: '1.0.0', name: 'lan', plugins };
    const to = { ...attachment, netns: pod, capabilityArgs: { mac: '02:00:00:00:00:07' } };
    expect(await runtime.add(conf, to)).toMatchObject({
      ips: [{ address: '10.9.0.2/24' }],
      interfaces: [{ name: 'cni0' }, {}, { name: 'eth0', mac: '02:00:00:00:00:07', sandbox: pod }],
    });
    expect(links(pod)).toContain('02:00:00:00:00:07');
    expect(links(node)).toContain('cni0');
    await runtime.check(conf, to);
    await runtime.del(conf, to);
    expect(links(pod)).toBe(before);
  });
});
