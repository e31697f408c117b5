import { describe, expect, it } from 'vitest';
import { recorder } from '../test/plugins.ts';
import { definePlugin } from './index.ts';
import { invoke } from './testing/invoke.ts';
import { allVersions, type CNIVersion } from './version.ts';

const env = {
  CNI_COMMAND: 'ADD',
  CNI_CONTAINERID: 'some-container-id',
  CNI_NETNS: '/some/netns/path',
  CNI_IFNAME: 'eth0',
  CNI_ARGS: 'some;extra;args',
  CNI_PATH: '/some/cni/path',
};
const conf = { name: 'skel-test', some: 'config', cniVersion: '1.1.0' };
const stdin = JSON.stringify(conf);
const minimal = { name: 'minimal', version: '1', add: () => ({}), del: () => {} };

describe('a request', () => {
  it.each(['ADD', 'DEL', 'CHECK', 'GC', 'STATUS'])('reaches the handler of %s, once, and no other', async command => {
    const plugin = recorder();
    const { exitCode } = await plugin.invoke({
      env: { ...env, CNI_COMMAND: command },
      stdin: JSON.stringify({ ...conf, prevResult: {} }),
    });
    expect(exitCode).toBe(0);
    expect(plugin.calls.map(call => call.command)).toEqual([command]);
  });

  it('C13 reaches the handler as it came, its configuration byte for byte', async () => {
    const plugin = recorder();
    const text = ' {"name":"n","cniVersion":"1.1.0","big":9007199254740993}\n';
    await plugin.invoke({ env: { ...env, CNI_NETNS_OVERRIDE: 'yes' }, stdin: text });
    expect(plugin.calls[0]?.context['cmdArgs']).toEqual({
      command: 'ADD',
      containerID: 'some-container-id',
      netns: '/some/netns/path',
      ifName: 'eth0',
      args: 'some;extra;args',
      path: '/some/cni/path',
      netnsOverride: 'yes',
      stdinData: new TextEncoder().encode(text),
    });
  });

  it('C6 without a command is answered with words about the plugin', async () => {
    const untouched = () => {
      throw new Error('standard input was read');
    };
    const plugin = recorder({ supportedVersions: ['0.4.0', '1.0.0'] });
    expect(await plugin.invoke({ env: { CNI_CONTAINERID: '%' }, stdin: untouched })).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'CNI plugin recorder v1.2.3\nCNI protocol versions supported: 0.4.0, 1.0.0\n',
    });
    expect(plugin.about).toBe('CNI plugin recorder v1.2.3\nCNI protocol versions supported: 0.4.0, 1.0.0');
  });

  it('C4 C5 that lacks a variable names it', async () => {
    const { error, exitCode } = await recorder().invoke({ env: { CNI_COMMAND: 'GC' }, stdin });
    expect(exitCode).toBe(1);
    expect(error?.toJSON()).toEqual({ code: 4, msg: 'required env variables [CNI_PATH] missing' });
  });

  it.each(['NOPE', 'add', 'constructor', '__proto__'])('C9 for %s is for nothing there is', async command => {
    const plugin = recorder();
    const { error } = await plugin.invoke({ env: { ...env, CNI_COMMAND: command }, stdin });
    expect(error?.toJSON()).toEqual({ code: 4, msg: `unknown CNI_COMMAND: ${command}` });
    expect(plugin.calls).toEqual([]);
  });

  it.each([
    ['{', 6],
    ['{}', 7],
    ['{"name":"n","cniVersion":1}', 4],
  ])('C9 for nothing there is has its configuration looked at first: %s', async (text, code) => {
    const { error } = await recorder().invoke({ env: { ...env, CNI_COMMAND: 'NOPE' }, stdin: text });
    expect(error?.code).toBe(code);
  });

  it('C10 C36 C37 for VERSION reads no standard input and needs nothing else', async () => {
    const untouched = () => {
      throw new Error('standard input was read');
    };
    const plugin = recorder({ supportedVersions: ['9.8.7', '10.0.0'] as unknown as [CNIVersion] });
    const outcome = await plugin.invoke({ env: { CNI_COMMAND: 'VERSION' }, stdin: untouched });
    expect(outcome).toEqual({
      exitCode: 0,
      stdout: '{"cniVersion":"1.1.0","supportedVersions":["9.8.7","10.0.0"]}\n',
      stderr: '',
    });
    expect(plugin.calls).toEqual([]);
  });

  it('C38 for VERSION that cannot be answered is error 5', async () => {
    const stdout = () => {
      throw new Error('EPIPE');
    };
    const { error, exitCode } = await recorder().invoke({ env: { CNI_COMMAND: 'VERSION' }, stdin, stdout });
    expect(exitCode).toBe(1);
    expect(error?.code).toBe(5);
  });

  it('C27 whose standard input cannot be read is error 5', async () => {
    const plugin = recorder();
    const banana = () => {
      throw new Error('banana');
    };
    const { error } = await plugin.invoke({ env, stdin: banana });
    expect(error?.toJSON()).toEqual({ code: 5, msg: 'error reading from stdin: banana' });
    expect(plugin.calls).toEqual([]);
  });

  it('C11 fails at the first gate: variables, then configuration, then version, then namespace, then keys', async () => {
    const own = { ...env, CNI_NETNS: '/proc/self/ns/net' };
    const plugin = recorder({ supportedVersions: ['1.0.0'] });
    const codes = [
      await plugin.invoke({ env: { ...own, CNI_IFNAME: '..' }, stdin: '{' }),
      await plugin.invoke({ env: own, stdin: '{' }),
      await plugin.invoke({ env: own, stdin: '{"name":"/","cniVersion":1}' }),
      await plugin.invoke({ env: own, stdin: '{"name":"n","cniVersion":1}' }),
      await plugin.invoke({ env: own, stdin: '{"name":"n","cniVersion":"0.1.0"}' }),
      await plugin.invoke({ env: own, stdin: '{"name":"n","cniVersion":"1.0.0","ipam":1}' }),
      await plugin.invoke({ env, stdin: '{"name":"n","cniVersion":"1.0.0","ipam":1}' }),
    ].map(outcome => outcome.error?.code);
    expect(codes).toEqual([4, 6, 7, 6, 1, 8, 7]);
    expect(plugin.calls).toEqual([]);
  });

  it('C29 without a version is of 0.1.0', async () => {
    const noVersion = { env, stdin: '{"name":"n"}' };
    expect((await recorder().invoke(noVersion)).result?.cniVersion).toBe('0.1.0');
    const { error } = await recorder({ supportedVersions: ['1.0.0'] }).invoke(noVersion);
    expect(error?.toJSON()).toEqual({
      code: 1,
      msg: 'incompatible CNI versions',
      details: 'config is "0.1.0", plugin supports ["1.0.0"]',
    });
  });
});

describe('the answer', () => {
  it.each(allVersions)('C39 C43 to ADD under %s is the result as that version prints it', async cniVersion => {
    const { exitCode, stdout, result } = await invoke(recorder(), 'ADD', { conf: { cniVersion } });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual(result);
    expect(result?.cniVersion).toBe(cniVersion);
    expect(JSON.stringify(result)).toContain('"10.0.0.2/24"');
  });

  it.each(['DEL', 'CHECK', 'GC', 'STATUS'] as const)('C43 to %s is nothing', async command => {
    const outcome = await invoke(recorder(), command, { prevResult: {} });
    expect(outcome).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  it.each(['CHECK', 'GC', 'STATUS'] as const)('C12 to %s is success where the plugin has no handler', async command => {
    expect(await invoke(definePlugin(minimal), command)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  it.each(['add', 'del'])('C12 is none of a plugin without %s: it cannot be defined', handler => {
    const { [handler]: _, ...others } = minimal as Record<string, unknown>;
    expect(() => definePlugin(others as unknown as typeof minimal)).toThrow(
      new TypeError(`plugin minimal: ${handler} is no function`),
    );
  });

  it.each([
    [{ kind: 'chain' }, 'kind: chain is not one of interface, chained, ipam'],
    [{ conf: { type: 'object' } }, 'conf is no Standard Schema'],
    [{ args: () => ({}) }, 'args is no Standard Schema'],
  ])('is none of a plugin with %o: it cannot be defined', (wrong, problem) => {
    expect(() => definePlugin({ ...minimal, ...wrong } as never)).toThrow(new TypeError(`plugin minimal: ${problem}`));
  });

  it('C12 obeys the versions even where the plugin has no handler', async () => {
    const { error } = await invoke(definePlugin(minimal), 'STATUS', { conf: { cniVersion: '1.0.0' } });
    expect(error?.msg).toBe('config version does not allow STATUS');
  });

  it('C12 to ADD is an error where the handler returns nothing', async () => {
    const plugin = recorder({ add: () => undefined as never });
    const { error } = await invoke(plugin, 'ADD');
    expect(error?.toJSON()).toEqual({ code: 999, msg: 'plugin recorder returned no result' });
    // Only a chained plugin may return the result of the plugins before it by returning nothing.
    expect((await invoke(plugin, 'ADD', { prevResult: {} })).error).toMatchObject({ code: 999 });
  });

  it('C46 is four spaces deep and ends in a newline', async () => {
    const { stdout } = await invoke(recorder(), 'ADD');
    expect(stdout).toBe(
      '{\n    "cniVersion": "1.1.0",\n    "ips": [\n        {\n            "address": "10.0.0.2/24"\n        }\n    ]\n}\n',
    );
  });

  it('C76 to ADD under 0.2.0 is an error where the result has no address', async () => {
    const { error } = await invoke(recorder({ add: () => ({}) }), 'ADD', { conf: { cniVersion: '0.2.0' } });
    expect(error?.toJSON()).toEqual({ code: 999, msg: 'cannot convert: no valid IP addresses' });
  });

  it.each(['ADD', 'DEL'] as const)('C30 to %s under a version that only looks like one is an error', async command => {
    for (const cniVersion of ['1.1', '1.1.0 ', 'abc', '1.2.3.4']) {
      const { error } = await invoke(recorder(), command, { conf: { cniVersion } });
      expect(error).toMatchObject({ code: 1, msg: 'incompatible CNI versions' });
    }
  });

  it('C130 to a request that was aborted before is an error, and no handler runs', async () => {
    let ran = false;
    const add = () => {
      ran = true;
      return {};
    };
    const signal = AbortSignal.abort(new Error('too late'));
    const { error } = await invoke(recorder({ add }), 'ADD', { signal });
    expect(error?.toJSON()).toEqual({ code: 11, msg: 'ADD was aborted: too late' });
    expect(ran).toBe(false);
  });

  it('C66 to ADD under a version that the plugin invented is an error', async () => {
    const plugin = recorder({ supportedVersions: ['9.8.7'] as unknown as [CNIVersion] });
    const { error } = await invoke(plugin, 'ADD', { conf: { cniVersion: '9.8.7' } });
    expect(error?.toJSON()).toEqual({ code: 999, msg: 'no converter for CNI result version 1.1.0 to 9.8.7' });
  });

  it('C83 is an error where an address points at an interface that is not there', async () => {
    const add = () => ({ interfaces: [{ name: 'e' }], ips: [{ address: '10.0.0.1/8', interface: 1 }] });
    const { error } = await invoke(recorder({ add }), 'ADD');
    expect(error?.msg).toBe('ips[0].interface: there is no interfaces[1]');
    const none = () => ({ ips: [{ address: '10.0.0.1/8' }, { address: '10.0.0.2/8', interface: 0 }] });
    expect((await invoke(recorder({ add: none }), 'ADD')).error?.msg).toBe(
      'ips[1].interface: there is no interfaces[0]',
    );
  });
});
