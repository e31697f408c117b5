import { describe, expect, it } from 'vitest';
import { createDirectory, createScript } from '../../test/directory.ts';
import { CNIError, definePlugin, type Exec, type ExecRequest, type PluginDefinition, type Result } from '../index.ts';
import { invoke } from '../testing/invoke.ts';

interface Run extends ExecRequest {
  readonly path: string;
}

/** Records what is run, answers ADD with `stdout`, and fails the commands in `failing` with code 100. */
function fakeExec(stdout = '{"ips":[{"address":"10.0.0.2/24"}]}', failing: readonly string[] = []) {
  const runs: Run[] = [];
  const exec: Exec = {
    findInPath: type => `/bin/${type}`,
    async execPlugin(path, request) {
      runs.push({ path, ...request });
      const command = request.env['CNI_COMMAND'] ?? '';
      if (failing.includes(command)) throw new CNIError(100, `${command} of ${path} failed`);
      return new TextEncoder().encode(command === 'ADD' ? stdout : 'ignored');
    },
  };
  const commands = () => runs.map(({ path, env }) => `${path} ${env['CNI_COMMAND']}`);
  return { exec, runs, commands };
}

type Definition = PluginDefinition<object, object, 'interface'>;

const delegating = (more: Partial<Definition> = {}) =>
  definePlugin<object, object>({
    name: 'delegating',
    version: '1',
    delegates: ({ ipam }) => (ipam ? [ipam.type] : []),
    add: ({ delegate, conf }) => delegate(conf.ipam?.type ?? '').add(),
    del() {},
    ...more,
  });
const conf = { ipam: { type: 'host-local' } };

describe('a delegated ADD', () => {
  it('C120 C131 is run with our environment', async () => {
    const { exec, runs } = fakeExec();
    const env = { TRACEPARENT: '00-1-2-03', PATH: '/bin', UNSET: undefined };
    await invoke(delegating(), 'ADD', { conf, exec, env, args: 'K8S_POD_NAME=web' });
    expect(runs[0]?.env).toEqual({
      CNI_COMMAND: 'ADD',
      CNI_CONTAINERID: 'container',
      CNI_NETNS: '/run/netns/none',
      CNI_IFNAME: 'eth0',
      CNI_ARGS: 'K8S_POD_NAME=web',
      CNI_PATH: '/opt/cni/bin',
      TRACEPARENT: '00-1-2-03',
      PATH: '/bin',
    });
  });

  it('C120 is run as ADD by another command too', async () => {
    const { exec, commands } = fakeExec();
    const plugin = delegating({
      async check({ delegate }) {
        await delegate('host-local').add();
      },
      delegates: () => [],
    });
    await invoke(plugin, 'CHECK', { conf, exec, prevResult: {} });
    expect(commands()).toEqual(['/bin/host-local ADD']);
  });

  it('C122 leaves our own environment alone', async () => {
    const before = { ...process.env };
    await invoke(delegating(), 'ADD', { conf, exec: fakeExec().exec });
    expect({ ...process.env }).toEqual(before);
  });

  it('C121 gets the configuration byte for byte', async () => {
    const { exec, runs } = fakeExec();
    const stdin = '{"name":"n",  "cniVersion":"1.1.0","ipam":{"type":"x"},"big":9007199254740993}';
    const env = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'c', CNI_NETNS: '/x', CNI_IFNAME: 'e', CNI_PATH: '/p' };
    await delegating().invoke({ env, stdin, exec });
    expect(new TextDecoder().decode(runs[0]?.stdin)).toBe(stdin);
  });

  it('C121 gets another configuration where its author passes one', async () => {
    const { exec, runs } = fakeExec();
    const plugin = delegating({ add: ({ delegate }) => delegate('bridge', { name: 'other' }).add() });
    await invoke(plugin, 'ADD', { exec });
    expect(new TextDecoder().decode(runs[0]?.stdin)).toBe('{"name":"other"}');
  });

  const received = async (stdout: string, cniVersion = '1.1.0') => {
    let result: Result | undefined;
    const plugin = delegating({
      async add({ delegate }) {
        result = await delegate('x').add();
        return { ips: [{ address: '9.9.9.9/32' }] };
      },
    });
    const { error } = await invoke(plugin, 'ADD', { conf: { cniVersion }, exec: fakeExec(stdout).exec });
    return error?.toJSON() ?? result;
  };

  it.each(['', '"cniVersion":"",', '"cniVersion":1,'])(
    "C123 returns a result of the configuration's version where it has %j",
    async version => {
      expect(await received(`{${version}"ip4":{"ip":"10.0.0.2/24"}}`, '0.2.0')).toEqual({
        ips: [{ address: '10.0.0.2/24' }],
      });
    },
  );

  it('C123 may return a result of another version', async () => {
    expect(await received('{"cniVersion":"0.2.0","ip4":{"ip":"10.0.0.2/24"}}')).toEqual({
      ips: [{ address: '10.0.0.2/24' }],
    });
  });

  it('C123 may return null for an empty result', async () => {
    expect(await received('null')).toEqual({});
  });

  it('C123 must return something', async () => {
    expect(await received('')).toEqual({
      code: 999,
      msg: 'failed to unmarshal raw result: unexpected end of JSON input',
    });
  });

  it.each(['junk', '[]', '{"ips":[null]}', '{"cniVersion":"constructor"}'])('C123 may not return %s', async stdout => {
    expect(await received(stdout)).toMatchObject({ code: expect.any(Number) });
  });

  it('C135 that fails is undone, and fails ours with its own error', async () => {
    const { exec, commands } = fakeExec('', ['ADD']);
    const { error } = await invoke(delegating(), 'ADD', { conf, exec });
    expect(error?.toJSON()).toEqual({ code: 100, msg: 'ADD of /bin/host-local failed' });
    expect(commands()).toEqual(['/bin/host-local ADD', '/bin/host-local DEL']);
  });

  it('C135 that fails and cannot be undone fails ours with its own error', async () => {
    const { exec } = fakeExec('', ['ADD', 'DEL']);
    const { error, stderr } = await invoke(delegating(), 'ADD', { conf, exec });
    expect(error?.msg).toBe('ADD of /bin/host-local failed');
    expect(stderr).toContain('DEL of /bin/host-local failed');
  });

  it('C135 whose result is no result is undone', async () => {
    const { exec, commands } = fakeExec('junk');
    await invoke(delegating(), 'ADD', { conf, exec });
    expect(commands()).toEqual(['/bin/host-local ADD', '/bin/host-local DEL']);
  });

  it('C135 C142 is undone when ours fails later, even because we were aborted', async () => {
    const { exec, runs, commands } = fakeExec();
    const controller = new AbortController();
    const plugin = delegating({
      async add({ delegate }) {
        const result = await delegate('host-local').add();
        controller.abort('SIGTERM');
        return result;
      },
    });
    const { error } = await invoke(plugin, 'ADD', { exec, signal: controller.signal });
    expect(error?.code).toBe(11);
    expect(commands()).toEqual(['/bin/host-local ADD', '/bin/host-local DEL']);
    expect(runs[1]?.signal?.aborted ?? false).toBe(false);
  });

  it('C135 C142 is undone when we crash before it has ended', async () => {
    const { exec, runs, commands } = fakeExec();
    const controller = new AbortController();
    let runsByItsEnd = 0;
    const slow: Exec = {
      ...exec,
      async execPlugin(path, request) {
        const stdout = exec.execPlugin(path, request);
        if (request.env['CNI_COMMAND'] !== 'ADD') return stdout;
        controller.abort(new CNIError(999, 'crashed'));
        await new Promise(resolve => setTimeout(resolve, 10));
        runsByItsEnd = runs.length;
        return stdout;
      },
    };
    const { error } = await invoke(delegating(), 'ADD', { conf, exec: slow, signal: controller.signal });
    expect(error?.msg).toBe('crashed');
    expect(commands()).toEqual(['/bin/host-local ADD', '/bin/host-local DEL']);
    expect(runsByItsEnd).toBe(1);
  });

  it('C119 to a plugin that is not there says where it was looked for', async () => {
    const { error } = await invoke(delegating(), 'ADD', { conf, path: '/a:/b' });
    expect(error?.toJSON()).toEqual({ code: 999, msg: 'failed to find plugin "host-local" in path [/a /b]' });
  });

  it('C129 passes on what comes in pieces as if it came whole', async () => {
    const { exec } = fakeExec();
    const speaking: Exec = {
      ...exec,
      execPlugin(path, request) {
        for (const byte of new TextEncoder().encode('é')) request.stderr?.(Uint8Array.of(byte));
        return exec.execPlugin(path, request);
      },
    };
    expect((await invoke(delegating(), 'ADD', { conf, exec: speaking })).stderr).toBe('é');
  });

  it('C129 passes on what the plugin says on standard error', async () => {
    const path = createDirectory();
    createScript(path, 'host-local', 'echo allocating é >&2; echo "{}"');
    const { stderr, exitCode } = await invoke(delegating(), 'ADD', { conf, path });
    expect({ stderr, exitCode }).toEqual({ stderr: 'allocating é\n', exitCode: 0 });
  });
});

describe('a command with delegates', () => {
  const never = {
    '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'no' }] }) },
  } as const;
  const handled: string[] = [];
  const plugin = (fail = false) => {
    const handle = (command: string) => () => {
      handled.push(command);
      if (fail) throw new CNIError(101, `our ${command} failed`);
    };
    return delegating({ del: handle('DEL'), check: handle('CHECK'), gc: handle('GC'), status: handle('STATUS') });
  };

  it.each(['DEL', 'CHECK', 'GC', 'STATUS'] as const)('C136 C114 passes %s on beside its own handler', async command => {
    handled.length = 0;
    const { exec, commands } = fakeExec();
    expect((await invoke(plugin(), command, { conf, exec, prevResult: {} })).exitCode).toBe(0);
    expect(handled).toEqual([command]);
    expect(commands()).toEqual([`/bin/host-local ${command}`]);
  });

  it.each(['DEL', 'CHECK', 'GC', 'STATUS'] as const)('C130 ends a delegate of %s with the request', async command => {
    const { exec } = fakeExec();
    const controller = new AbortController();
    let ended: boolean | undefined;
    const slow: Exec = {
      ...exec,
      execPlugin(path, request) {
        controller.abort('SIGTERM');
        ended = request.signal?.aborted;
        return exec.execPlugin(path, request);
      },
    };
    await invoke(plugin(), command, { conf, exec: slow, prevResult: {}, signal: controller.signal });
    expect(ended).toBe(true);
  });

  it.each(['DEL', 'CHECK', 'GC', 'STATUS'] as const)('C124 reads nothing of what %s prints', async command => {
    const path = createDirectory();
    createScript(path, 'host-local', `echo '{"cniVersion":"7.0.0","ips":1'`);
    const outcome = await invoke(plugin(), command, { conf, path, prevResult: {} });
    expect(outcome).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  it.each(['CHECK', 'GC', 'STATUS'] as const)('C136 passes %s on even without a handler of its own', async command => {
    const { exec, commands } = fakeExec();
    await invoke(delegating(), command, { conf, exec, prevResult: {} });
    expect(commands()).toEqual([`/bin/host-local ${command}`]);
  });

  it.each(['DEL', 'CHECK', 'GC', 'STATUS'] as const)(
    "C136 C116 fails with the delegate's error for %s",
    async command => {
      const { exec } = fakeExec('', [command]);
      const { error } = await invoke(plugin(), command, { conf, exec, prevResult: {} });
      expect(error?.toJSON()).toEqual({ code: 100, msg: `${command} of /bin/host-local failed` });
    },
  );

  it.each(['DEL', 'GC'] as const)('C113 C136 goes on with %s past errors, and reports them all', async command => {
    const { exec, commands } = fakeExec('', [command]);
    const twice = delegating({
      delegates: () => ['one', 'two'],
      [command.toLowerCase()]: () => {
        throw new CNIError(101, 'ours failed');
      },
    });
    const { error } = await invoke(twice, command, { exec });
    expect(commands()).toEqual([`/bin/one ${command}`, `/bin/two ${command}`]);
    expect(error?.toJSON()).toEqual({
      code: 101,
      msg: `ours failed; ${command} of /bin/one failed; ${command} of /bin/two failed`,
    });
    expect(error?.cause).toHaveProperty('errors.length', 3);
  });

  it.each(['DEL', 'GC'] as const)('C136 fails with the error of %s as it is, where there is one', async command => {
    const only = new CNIError(102, 'busy', { details: 'by another' });
    const handler = () => {
      throw only;
    };
    const { exec } = fakeExec();
    const { error } = await invoke(delegating({ [command.toLowerCase()]: handler }), command, { conf, exec });
    expect(error).toBe(only);
  });

  it.each(['CHECK', 'STATUS'] as const)('C136 ends %s with the first error', async command => {
    const { exec, commands } = fakeExec();
    const { error } = await invoke(plugin(true), command, { conf, exec, prevResult: {} });
    expect(error?.msg).toBe(`our ${command} failed`);
    expect(commands()).toEqual([]);
  });

  it('C137 takes the device away before it releases addresses', async () => {
    const { exec, commands } = fakeExec();
    let released: string[] | undefined;
    const plugin = delegating({
      del() {
        released = commands();
      },
    });
    await invoke(plugin, 'DEL', { conf, exec });
    expect(released).toEqual([]);
    expect(commands()).toEqual(['/bin/host-local DEL']);
  });

  it('C137 takes it away after it has released addresses where its author does so', async () => {
    const { exec, commands } = fakeExec();
    const order: string[] = [];
    const plugin = delegating({
      async del({ delegate }) {
        await delegate('host-local').del();
        order.push(...commands(), 'device');
      },
    });
    await invoke(plugin, 'DEL', { conf, exec });
    expect([...order, ...commands().slice(1)]).toEqual(['/bin/host-local DEL', 'device', '/bin/host-local DEL']);
  });

  it('C147 releases addresses even if its own keys are invalid', async () => {
    const { exec, commands } = fakeExec();
    const { exitCode } = await invoke(delegating({ conf: never }), 'DEL', { conf, exec });
    expect(exitCode).toBe(0);
    expect(commands()).toEqual(['/bin/host-local DEL']);
  });

  const missing = { ipam: { type: 'host-lokal' } };
  const found = 'failed to find plugin "host-lokal" in path [/opt/cni/none]';
  const path = '/opt/cni/none';

  it('C147 succeeds with DEL although a delegate is not there, where no ADD can have succeeded', async () => {
    handled.length = 0;
    const { exitCode, stderr } = await invoke(plugin(), 'DEL', { conf: missing, path });
    expect({ exitCode, handled }).toEqual({ exitCode: 0, handled: ['DEL'] });
    expect(JSON.parse(stderr)).toMatchObject({ level: 'warn', msg: `ADD cannot have made anything: ${found}` });
    const nameless = await invoke(delegating({ conf: never }), 'DEL', { conf: { ipam: { type: '' } }, path });
    expect(nameless.exitCode).toBe(0);
  });

  it.each([{ prevResult: {} }, { conf: { ...missing, cniVersion: '0.3.1' } }])(
    'C147 fails with DEL where a delegate is not there and ADD may have succeeded: %j',
    async more => {
      const { error } = await invoke(plugin(), 'DEL', { conf: missing, path, ...more });
      expect(error?.toJSON()).toEqual({ code: 999, msg: found });
    },
  );

  it('C147 fails with DEL where a delegate fails otherwise', async () => {
    const { exec } = fakeExec('', ['DEL']);
    expect((await invoke(plugin(), 'DEL', { conf, exec })).error?.code).toBe(100);
  });

  it('C147 asks nobody to release addresses where it never delegates', async () => {
    const { exec, commands } = fakeExec();
    const { name, version, add, del } = { name: 'own', version: '1', add: () => ({}), del() {} };
    const undelegating = definePlugin({ name, version, conf: never, add, del });
    expect((await invoke(undelegating, 'DEL', { conf, exec })).exitCode).toBe(0);
    expect(commands()).toEqual([]);
  });
});
