import { describe, expect, it } from 'vitest';
import { recorder } from '../test/plugins.ts';
import { CNIError, definePlugin, type StandardSchema } from './index.ts';
import { invoke } from './testing/invoke.ts';

/** Requires a number `mtu` and accepts nothing else. */
const mtuSchema: StandardSchema<{ mtu: number }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate(value) {
      const { mtu, ...others } = value as Record<string, unknown>;
      const issues = Object.keys(others).map(key => ({ message: 'unknown key', path: [key] }));
      if (typeof mtu !== 'number') issues.push({ message: `${mtu} is not a number`, path: ['mtu'] });
      return issues.length > 0 ? { issues } : { value: { mtu: mtu as number } };
    },
  },
};

const prevResult = {
  cniVersion: '0.4.0',
  own: 'key',
  interfaces: [{ name: 'eth0', sandbox: '/ns' }],
  ips: [{ version: '4', address: '10.0.0.2/24', interface: 0 }],
};
const old = { conf: { cniVersion: '0.4.0' }, prevResult };

describe('ADD of a chained plugin', () => {
  const passing = definePlugin({ name: 'passing', version: '1', kind: 'chained', add: () => {}, del: () => {} });

  it('C85 C92 that returns nothing passes the previous result on, whole', async () => {
    expect((await invoke(passing, 'ADD', old)).result).toEqual(prevResult);
  });

  it('C92 C39 passes it on under the version of the configuration', async () => {
    const outcome = await invoke(passing, 'ADD', { ...old, conf: { cniVersion: '0.3.1' } });
    expect(outcome.result?.cniVersion).toBe('0.3.1');
  });

  it('C83 may return an address that points at no interface, as the plugins before left it', async () => {
    const plugin = definePlugin({
      name: 'p',
      version: '1',
      kind: 'chained',
      add: ({ prevResult }) => prevResult,
      del: () => {},
    });
    const dangling = { ips: [{ address: '10.0.0.2/24', interface: 7 }] };
    const { result, error } = await invoke(plugin, 'ADD', { prevResult: dangling });
    expect(error).toBeUndefined();
    expect(result).toEqual({ cniVersion: '1.1.0', ...dangling });
  });

  it('C92 returns it with changes', async () => {
    const changing = definePlugin({
      name: 'changing',
      version: '1',
      kind: 'chained',
      add: ({ prevResult }) => ({ ...prevResult, routes: [{ dst: '0.0.0.0/0' }] }),
      del: () => {},
    });
    expect((await invoke(changing, 'ADD', old)).result).toEqual({
      cniVersion: '0.4.0',
      interfaces: prevResult.interfaces,
      ips: prevResult.ips,
      routes: [{ dst: '0.0.0.0/0' }],
      dns: {},
    });
  });

  it.each([undefined, null])('C93 cannot be done without a previous result: %s', async none => {
    const { error } = await invoke(passing, 'ADD', { conf: { prevResult: none } });
    expect(error?.toJSON()).toEqual({ code: 7, msg: 'must be called as chained plugin' });
  });

  it('C89 can be done with an empty one', async () => {
    expect((await invoke(passing, 'ADD', { prevResult: {} })).result).toEqual({ cniVersion: '1.1.0' });
  });
});

describe('prevResult', () => {
  it('C90 C91 is of the newest shape in the handler', async () => {
    const plugin = recorder();
    await invoke(plugin, 'ADD', old);
    expect(plugin.calls[0]?.context['prevResult']).toEqual({
      interfaces: [{ name: 'eth0', sandbox: '/ns' }],
      ips: [{ address: '10.0.0.2/24', interface: 0 }],
    });
  });

  it.each(['ADD', 'CHECK'] as const)('C91 of another family is an error for %s', async command => {
    const { error } = await invoke(recorder(), command, { prevResult: { cniVersion: '0.2.0' } });
    expect(error?.toJSON()).toEqual({
      code: 6,
      msg: 'could not parse prevResult: result type supports [1.0.0 1.1.0] but unmarshalled CNIVersion is "0.2.0"',
    });
  });

  it.each([undefined, null])('C89 may be absent or null, which is as absent: %s', async none => {
    const plugin = recorder();
    expect((await invoke(plugin, 'ADD', { conf: { prevResult: none } })).exitCode).toBe(0);
    expect(plugin.calls[0]?.context['prevResult']).toBeUndefined();
  });

  it.each(['x', '', 0, false, []])('C89 that is no object is an error for ADD: %j', async prevResult => {
    const { error } = await invoke(recorder(), 'ADD', { conf: { prevResult } });
    const msg = `could not parse prevResult: result: ${JSON.stringify(prevResult)} is not an object`;
    expect(error?.toJSON()).toEqual({ code: 6, msg });
  });

  it('C94 must be there for CHECK', async () => {
    const { error } = await invoke(recorder(), 'CHECK');
    expect(error?.toJSON()).toEqual({ code: 7, msg: 'Required prevResult missing' });
  });

  it.each(['GC', 'STATUS'] as const)('C96 is nothing to %s', async command => {
    const plugin = recorder();
    expect((await invoke(plugin, command, { conf: { prevResult: 'x' } })).exitCode).toBe(0);
    expect('prevResult' in plugin.calls[0]!.context).toBe(false);
  });

  it('C95 may be absent for DEL', async () => {
    const plugin = recorder();
    expect((await invoke(plugin, 'DEL')).exitCode).toBe(0);
    expect(plugin.calls[0]?.context['prevResult']).toBeUndefined();
  });

  it.each([{ cniVersion: '0.2.0' }, 'x', { ips: [{}] }])('C98 may be mangled for DEL: %j', async mangled => {
    const plugin = recorder();
    const { exitCode, stderr } = await invoke(plugin, 'DEL', { conf: { prevResult: mangled } });
    expect(exitCode).toBe(0);
    expect(plugin.calls[0]?.context['prevResult']).toBeUndefined();
    expect(stderr).toContain('DEL goes on without prevResult');
  });
});

describe("the plugin's configuration", () => {
  it('is whole where no schema says what is in it', async () => {
    const called = recorder();
    await invoke(called, 'ADD', { conf: { mtu: 1500, dns: {}, 'cni.dev/x': 1 }, runtimeConfig: { mac: 'x' } });
    const conf = { cniVersion: '1.1.0', name: 'network', type: 'recorder', mtu: 1500, dns: {} };
    expect(called.calls[0]?.context['conf']).toEqual(conf);
  });

  it("has the SPEC's keys as they came, whatever a schema makes of its own", async () => {
    const makes = (value: object): StandardSchema<object> => ({
      '~standard': { version: 1, vendor: 'test', validate: () => ({ value }) },
    });
    const called = recorder({ conf: makes({ name: 'other', cniVersion: '0.1.0', mtu: 1 }) });
    await invoke(called, 'ADD');
    expect(called.calls[0]?.context['conf']).toMatchObject({ name: 'network', cniVersion: '1.1.0', mtu: 1 });
    let seen: unknown;
    const ipam = definePlugin({
      name: 'static',
      version: '1',
      kind: 'ipam',
      conf: makes({ type: 'other', mtu: 1 }),
      add({ conf }) {
        seen = conf.ipam;
        return { ips: [{ address: '10.0.0.2/24' }] };
      },
      del: () => {},
    });
    await invoke(ipam, 'ADD', { conf: { ipam: { type: 'static' } } });
    expect(seen).toEqual({ type: 'static', mtu: 1 });
  });

  const plugin = () => recorder({ conf: mtuSchema as StandardSchema<object> });

  it('C108 is validated without the keys that the SPEC defines', async () => {
    const called = plugin();
    const conf = { mtu: 1500, dns: {}, capabilities: { mac: true }, args: { x: 1 }, 'cni.dev/x': 1 };
    const { exitCode } = await invoke(called, 'ADD', { conf, runtimeConfig: {}, prevResult: {} });
    expect(exitCode).toBe(0);
    expect(called.calls[0]?.context['conf']).toEqual({
      cniVersion: '1.1.0',
      name: 'network',
      type: 'recorder',
      mtu: 1500,
      dns: {},
      args: { x: 1 },
    });
  });

  it.each(['ADD', 'CHECK', 'GC', 'STATUS'] as const)(
    'C109 that is invalid is error 7 for %s, by key',
    async command => {
      const { error } = await invoke(plugin(), command, { conf: { mtu: 'x', mut: 1 }, prevResult: {} });
      expect(error?.toJSON()).toEqual({
        code: 7,
        msg: 'network configuration: mut: unknown key; mtu: x is not a number',
      });
    },
  );

  it('C109 may be invalid as a whole', async () => {
    const issues = [{ message: 'neither master nor bridge' }, { message: 'too much', path: [] }];
    const whole: StandardSchema<object> = {
      '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) },
    };
    const { error } = await invoke(recorder({ conf: whole }), 'ADD');
    expect(error?.msg).toBe('network configuration: neither master nor bridge; too much');
  });

  it('C109 may be refused with a code of its own', async () => {
    const unsupported: StandardSchema<object> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => {
          throw new CNIError(2, 'mode: bridge');
        },
      },
    };
    expect((await invoke(recorder({ conf: unsupported }), 'ADD')).error?.code).toBe(2);
  });

  it('C147 that is invalid keeps no DEL from succeeding where ADD never did', async () => {
    const called = plugin();
    const { exitCode, stderr } = await invoke(called, 'DEL', { conf: { mtu: 'x' } });
    expect(exitCode).toBe(0);
    expect(called.calls).toEqual([]);
    expect(stderr).toContain('mtu: x is not a number');
  });

  it('C147 that is invalid fails DEL where ADD has succeeded', async () => {
    const { error } = await invoke(plugin(), 'DEL', { conf: { mtu: 'x' }, prevResult: {} });
    expect(error?.code).toBe(7);
  });

  it.each(['DEL', 'GC'] as const)(
    'C147 that is invalid fails no %s of a plugin that can do with what is valid',
    async command => {
      const salvage = () => ({ salvaged: true });
      const called = recorder({ conf: mtuSchema as StandardSchema<object>, salvage });
      const { exitCode, stderr } = await invoke(called, command, { conf: { mtu: 'x' }, prevResult: {} });
      expect(exitCode).toBe(0);
      expect(called.calls[0]?.context['conf']).toMatchObject({ name: 'network', salvaged: true });
      expect(stderr).toContain(`${command} goes by what is valid: network configuration: mtu: x is not a number`);
    },
  );

  it.each(['ADD', 'CHECK', 'STATUS'] as const)('C109 that is invalid fails %s of such a plugin too', async command => {
    const called = recorder({ conf: mtuSchema as StandardSchema<object>, salvage: () => ({}) });
    const { error } = await invoke(called, command, { conf: { mtu: 'x' }, prevResult: {} });
    expect(error?.code).toBe(7);
    expect(called.calls).toEqual([]);
  });

  it('may be validated asynchronously', async () => {
    const later: StandardSchema<object> = {
      '~standard': { version: 1, vendor: 'test', validate: async () => ({ value: { later: true } }) },
    };
    const called = recorder({ conf: later });
    await invoke(called, 'ADD');
    expect(called.calls[0]?.context['conf']).toMatchObject({ later: true });
  });

  it('of an IPAM plugin lies in ipam', async () => {
    let seen: unknown;
    const ipam = definePlugin({
      name: 'static',
      version: '1',
      kind: 'ipam',
      conf: mtuSchema,
      add({ conf }) {
        seen = conf.ipam;
        return { ips: [{ address: '10.0.0.2/24' }] };
      },
      del: () => {},
    });
    const { result } = await invoke(ipam, 'ADD', { conf: { ipam: { type: 'static', mtu: 1 }, bridge: 'br0' } });
    expect(result).toEqual({ cniVersion: '1.1.0', ips: [{ address: '10.0.0.2/24' }] });
    expect(seen).toEqual({ type: 'static', mtu: 1 });
    expect((await invoke(ipam, 'ADD')).error?.toJSON()).toEqual({ code: 7, msg: 'ipam is missing' });
  });
});

describe('the arguments', () => {
  it('C102 C106 are what the runtime sent', async () => {
    const plugin = recorder();
    const args = 'IgnoreUnknown=1;K8S_POD_NAME=web';
    await invoke(plugin, 'ADD', { args, runtimeConfig: { mac: '02:00:00:00:00:01' } });
    expect(plugin.calls[0]?.context).toMatchObject({
      args: { K8S_POD_NAME: 'web' },
      runtimeConfig: { mac: '02:00:00:00:00:01' },
      containerID: 'container',
      ifName: 'eth0',
    });
  });

  it('C101 that the schema refuses are error 4', async () => {
    const none: StandardSchema<object> = {
      '~standard': { version: 1, vendor: 'test', validate: () => ({ value: {} }) },
    };
    const plugin = definePlugin({ name: 'p', version: '1', args: none, add: () => ({}), del: () => {} });
    const { error } = await invoke(plugin, 'ADD', { args: 'X=1' });
    expect(error?.toJSON()).toEqual({ code: 4, msg: 'ARGS: unknown args ["X=1"]' });
  });
});

describe('GC', () => {
  const context = async (conf: object) => {
    const plugin = recorder();
    await invoke(plugin, 'GC', { conf });
    return plugin.calls[0]?.context as {
      validAttachments: unknown;
      isValid(attachment: { containerID: string; ifName: string }): boolean;
    };
  };
  const list = [{ containerID: 'c', ifname: 'eth0' }];

  it('C112 knows an attachment by its container and interface together', async () => {
    const { isValid } = await context({ 'cni.dev/valid-attachments': list });
    expect(isValid({ containerID: 'c', ifName: 'eth0' })).toBe(true);
    expect(isValid({ containerID: 'c', ifName: 'eth1' })).toBe(false);
    expect(isValid({ containerID: 'd', ifName: 'eth0' })).toBe(false);
  });

  it.each([[[]], [null]])('C111 holds no attachment for valid with the list %j', async none => {
    const { validAttachments, isValid } = await context({ 'cni.dev/valid-attachments': none });
    expect(validAttachments).toEqual([]);
    expect(isValid({ containerID: 'c', ifName: 'eth0' })).toBe(false);
  });

  it('C111 holds every attachment for valid without a list', async () => {
    const { validAttachments, isValid } = await context({});
    expect(validAttachments).toBeUndefined();
    expect(isValid({ containerID: 'c', ifName: 'eth0' })).toBe(true);
  });
});

describe('DEL', () => {
  it('C146 fails on a configuration that is no JSON, and without a container', async () => {
    const env = { CNI_COMMAND: 'DEL', CNI_CONTAINERID: 'c', CNI_IFNAME: 'eth0', CNI_PATH: '/opt/cni/bin' };
    expect((await recorder().invoke({ env, stdin: '{' })).error?.code).toBe(6);
    expect((await recorder().invoke({ env: { ...env, CNI_CONTAINERID: '' }, stdin: '{}' })).error?.code).toBe(4);
  });
});

describe('STATUS', () => {
  it.each([50, 51])('C116 is answered with code %i where the handler says so', async code => {
    const plugin = recorder({
      status: () => {
        throw new CNIError(code, 'the daemon is down');
      },
    });
    expect((await invoke(plugin, 'STATUS')).error?.toJSON()).toEqual({ code, msg: 'the daemon is down' });
  });
});

describe('the JSON Schema', () => {
  it('is what the library of the schema exports', () => {
    const jsonSchema = { type: 'object', properties: { mtu: { type: 'number' } } };
    const asked: object[] = [];
    const input = (options: object) => {
      asked.push(options);
      return jsonSchema;
    };
    const schema: StandardSchema<object> = { '~standard': { ...mtuSchema['~standard'], jsonSchema: { input } } };
    expect(recorder({ conf: schema }).jsonSchema).toBe(jsonSchema);
    expect(asked).toEqual([{ target: 'draft-2020-12' }]);
    expect(recorder({ conf: mtuSchema as StandardSchema<object> }).jsonSchema).toBeUndefined();
    expect(recorder().jsonSchema).toBeUndefined();
  });
});
