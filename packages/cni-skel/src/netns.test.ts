import { describe, expect, it } from 'vitest';
import { createNamespace } from '../test/namespace.ts';
import { recorder } from '../test/plugins.ts';
import { inspectNetNS as inspect } from './netns.ts';
import { nodeSystem } from './system.ts';
import { invoke } from './testing/invoke.ts';

const own = '/proc/self/ns/net';
const refusal = { code: 8, msg: "plugin's netns and netns from CNI_NETNS should not be the same" };

describe('what lies at CNI_NETNS', () => {
  it('C61 C64 is own, other, foreign or absent', () => {
    expect(inspect(nodeSystem, own)).toBe('own');
    expect(inspect(nodeSystem, '/proc/thread-self/ns/net')).toBe('own');
    expect(inspect(nodeSystem, createNamespace())).toBe('other');
    expect(inspect(nodeSystem, '/etc/passwd')).toBe('foreign');
    expect(inspect(nodeSystem, '/run/netns/none')).toBe('absent');
    expect(inspect(nodeSystem, '/etc/passwd/x')).toBe('absent');
  });
});

describe('a namespace that cannot be looked at', () => {
  const refusing = (path: string, code: string) => ({
    ...nodeSystem,
    identify(asked: string) {
      if (asked === path) throw Object.assign(new Error(`${code}: no`), { code });
      return nodeSystem.identify(asked);
    },
  });

  it('C62 is another: the plugin will see', () => {
    expect(inspect(refusing('/run/netns/pod', 'EACCES'), '/run/netns/pod')).toBe('other');
  });

  it("C63 is error 8 where it is the plugin's own", async () => {
    const plugin = recorder();
    const system = refusing('/proc/thread-self/ns/net', 'EACCES');
    const { error } = await invoke(plugin, 'ADD', { netns: own, system });
    expect(error?.toJSON()).toEqual({ code: 8, msg: "get plugin's netns failed", details: 'EACCES: no' });
    expect(plugin.calls).toEqual([]);
  });
});

describe("ADD in the plugin's own namespace", () => {
  it('C59 C63 is refused before the handler', async () => {
    const plugin = recorder();
    const { error, stdout } = await invoke(plugin, 'ADD', { netns: own });
    expect(error?.toJSON()).toEqual(refusal);
    expect(JSON.parse(stdout)).toEqual({ cniVersion: '1.1.0', ...refusal });
    expect(plugin.calls).toEqual([]);
  });

  it.each(['1', 'true', 'TrUe'])('C60 is allowed by CNI_NETNS_OVERRIDE=%s', async override => {
    const { exitCode } = await invoke(recorder(), 'ADD', { netns: own, env: { CNI_NETNS_OVERRIDE: override } });
    expect(exitCode).toBe(0);
  });

  it.each(['yes', '0', 'false', ''])('C60 is not allowed by CNI_NETNS_OVERRIDE=%s', async override => {
    const { error } = await invoke(recorder(), 'ADD', { netns: own, env: { CNI_NETNS_OVERRIDE: override } });
    expect(error?.toJSON()).toEqual(refusal);
  });
});

describe('ADD with a CNI_NETNS', () => {
  it.each(['/run/netns/none', '/etc/passwd', '/proc/self/ns/mnt'])(
    'C62 that is %s is for the plugin to judge',
    async netns => {
      const plugin = recorder();
      expect((await invoke(plugin, 'ADD', { netns })).exitCode).toBe(0);
      expect(plugin.calls[0]?.context['netns']).toBe(netns);
    },
  );
});

describe('CHECK', () => {
  it("C59 may be asked in the plugin's own namespace", async () => {
    expect((await invoke(recorder(), 'CHECK', { netns: own, prevResult: {} })).exitCode).toBe(0);
  });
});

describe('DEL', () => {
  it("C143 works in the container's namespace while there is one", async () => {
    const plugin = recorder();
    const netns = createNamespace();
    await invoke(plugin, 'DEL', { netns });
    expect(plugin.calls[0]?.context['netns']).toBe(netns);
  });

  it("C65 has no namespace to work in where CNI_NETNS is the plugin's own, and succeeds", async () => {
    const plugin = recorder();
    const { exitCode, stderr } = await invoke(plugin, 'DEL', { netns: own });
    expect(exitCode).toBe(0);
    expect(plugin.calls[0]?.context['netns']).toBeUndefined();
    expect(stderr).toContain("is not the container's any more: own");
  });

  it('C60 works there where it is told to', async () => {
    const plugin = recorder();
    await invoke(plugin, 'DEL', { netns: own, env: { CNI_NETNS_OVERRIDE: '1' } });
    expect(plugin.calls[0]?.context['netns']).toBe(own);
  });

  it.each(['', '/run/netns/none', '/etc/passwd'])('C143 has none where CNI_NETNS is %j, and succeeds', async netns => {
    const plugin = recorder();
    expect((await invoke(plugin, 'DEL', { netns })).exitCode).toBe(0);
    expect(plugin.calls[0]?.context['netns']).toBeUndefined();
  });
});
