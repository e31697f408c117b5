import { closeSync, openSync, readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createDirectory, createScript } from '../../test/directory.ts';
import { CNIError } from '../error.ts';
import { type ExecRequest, execPlugin } from './exec.ts';

const directory = createDirectory();
let count = 0;
const script = (text: string) => createScript(directory, `plugin-${++count}`, text);

const request = (more: Partial<ExecRequest> = {}): ExecRequest => ({
  stdin: new TextEncoder().encode('{"name":"n"}'),
  env: { PATH: process.env['PATH'] ?? '', CNI_COMMAND: 'ADD' },
  ...more,
});
const run = async (text: string, more?: Partial<ExecRequest>) =>
  new TextDecoder().decode(await execPlugin(script(text), request(more)));
const errorOf = async (text: string) => CNIError.from(await run(text).catch(error => error)).toJSON();

describe('a plugin that is run', () => {
  it('C120 C121 gets standard input and environment as they are', async () => {
    expect(await run('cat; echo; echo $CNI_COMMAND')).toBe('{"name":"n"}\nADD\n');
  });

  it('has its standard output returned byte for byte', async () => {
    expect(await execPlugin(script("printf '\\377\\0x'"), request())).toEqual(Buffer.from([0xff, 0, 0x78]));
  });

  it('has more output returned than a pipe holds', async () => {
    expect(await run('head -c 300000 /dev/zero | tr "\\0" x')).toHaveLength(300_000);
  });

  it('C129 has its standard error passed on as it comes, whether it succeeds or not', async () => {
    const chunks: Uint8Array[] = [];
    const stderr = (chunk: Uint8Array) => chunks.push(chunk);
    await run('echo fine >&2', { stderr });
    await run('echo broken >&2; echo \'{"code":100,"msg":"m"}\'; exit 1', { stderr }).catch(() => {});
    expect(Buffer.concat(chunks).toString()).toBe('fine\nbroken\n');
  });

  it('C134 need not read its standard input', async () => {
    const stdin = new Uint8Array(1_000_000);
    expect(await run('exec <&-; echo done', { stdin })).toBe('done\n');
  });

  it('may be run by another program', async () => {
    expect(await run('echo $VIA', { prefix: ['env', 'VIA=env'] })).toBe('env\n');
  });
});

describe('a plugin that fails', () => {
  it('C125 has its error passed on unchanged', async () => {
    const json = '{"cniVersion":"1.0.0","code":101,"msg":"banana","details":"yellow"}';
    expect(await errorOf(`echo '${json}'; exit 1`)).toEqual({ code: 101, msg: 'banana', details: 'yellow' });
  });

  it('C126 without a word is said to have', async () => {
    expect(await errorOf('exit 3')).toEqual({ code: 0, msg: 'netplugin failed with no error message: exit status 3' });
  });

  it('C126 of a signal is said to have', async () => {
    const msg = 'netplugin failed with no error message: signal: killed';
    expect(await errorOf('kill -KILL $$')).toEqual({ code: 0, msg });
  });

  it('C126 because it cannot be run is named', async () => {
    const path = `${directory}/no-such-plugin`;
    const error = CNIError.from(await execPlugin(path, request()).catch(error => error));
    expect(error.code).toBe(0);
    expect(error.msg).toContain(`netplugin failed with no error message: fork/exec ${path}: `);
    expect(error.msg).toContain('ENOENT');
  });

  it('C127 with words on standard error is quoted', async () => {
    expect(await errorOf("printf 'some stderr message' >&2; exit 1")).toEqual({
      code: 0,
      msg: 'netplugin failed: "some stderr message": exit status 1',
    });
  });

  it.each(['junk', '[]', '1', '{"code":"x"}', '{"code":-1,"msg":"m"}', '{"msg":1}'])(
    'C128 with %j on standard output is quoted',
    async text => {
      const { code, msg } = (await errorOf(`printf '%s' '${text}'; exit 1`)) as { code: number; msg: string };
      expect(code).toBe(0);
      expect(msg).toContain(`netplugin failed but error parsing its diagnostic message ${JSON.stringify(text)}: `);
    },
  );

  it('C128 with an empty error is said to have no message', async () => {
    const msg = 'netplugin failed with no error message: exit status 1';
    expect(await errorOf("echo '{}'; exit 1")).toEqual({ code: 0, msg });
  });

  it('C125 with a code and no message keeps its code', async () => {
    expect(await errorOf(`echo '{"code":7}'; exit 1`)).toEqual({ code: 7, msg: '' });
  });
});

describe('a plugin that is aborted', () => {
  it('C130 is told to end, and can answer', async () => {
    const controller = new AbortController();
    const text = `trap 'echo "{\\"code\\":11,\\"msg\\":\\"ended\\"}"; exit 1' TERM; echo ready >&2; while :; do sleep 0.01; done`;
    const error = await run(text, { signal: controller.signal, stderr: () => controller.abort() }).catch(e => e);
    expect(CNIError.from(error).toJSON()).toEqual({ code: 11, msg: 'ended' });
  });

  it('C130 is killed if it does not end', async () => {
    const controller = new AbortController();
    const text = "trap '' TERM; echo ready >&2; while :; do sleep 0.01; done";
    const error = await run(text, { signal: controller.signal, stderr: () => controller.abort() }).catch(e => e);
    expect(CNIError.from(error).msg).toMatch(/^netplugin failed: "ready\\n": signal: killed$/);
  });

  it('C130 is killed after 2 s, and not before', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const controller = new AbortController();
    let pid = 0;
    const stderr = (chunk: Uint8Array) => {
      pid = Number(Buffer.from(chunk).toString());
      controller.abort();
    };
    const text = "trap '' TERM; echo $$ >&2; while :; do sleep 0.01; done";
    const ended = run(text, { signal: controller.signal, stderr }).catch(error => error);
    while (!controller.signal.aborted) await turn();
    vi.advanceTimersByTime(1999);
    // Longer than a signal takes.
    for (let turns = 0; turns < 1000; turns++) await turn();
    expect(isRunning(pid)).toBe(true);
    vi.advanceTimersByTime(1);
    expect(CNIError.from(await ended).msg).toContain('signal: killed');
  });

  it('C130 leaves nothing behind that waits, or could kill another that has its number', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const controller = new AbortController();
    const added = vi.spyOn(controller.signal, 'addEventListener');
    const removed = vi.spyOn(controller.signal, 'removeEventListener');
    await run('echo ready >&2; exec sleep 1000', { signal: controller.signal, stderr: () => controller.abort() }).catch(
      () => {},
    );
    expect(vi.getTimerCount()).toBe(0);
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
  });

  it('C130 takes what it started with it', async () => {
    const controller = new AbortController();
    let pid = 0;
    const stderr = (chunk: Uint8Array) => {
      pid = Number(Buffer.from(chunk).toString());
      controller.abort();
    };
    await run('sleep 1000 & echo $! >&2; wait', { signal: controller.signal, stderr }).catch(() => {});
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it('C130 is not even started if that came before', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(run('exit 0', { signal })).rejects.toThrow('too late');
  });
});

describe('a plugin whose file is being written', () => {
  it('C132 is tried again', async () => {
    const path = script('echo done');
    const fd = openSync(path, 'r+');
    const answer = execPlugin(path, request());
    await turn();
    closeSync(fd);
    expect(new TextDecoder().decode(await answer)).toBe('done\n');
  });

  it('C133 is given up after six attempts, which is an error to try again later', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const path = script('exit 0');
    const fd = openSync(path, 'r+');
    onTestFinished(() => {
      vi.useRealTimers();
      closeSync(fd);
    });
    let error: unknown;
    execPlugin(path, request()).catch(thrown => {
      error = thrown;
    });
    let pauses = 0;
    while (error === undefined) {
      await turn();
      if (vi.getTimerCount() === 0) continue;
      pauses++;
      vi.advanceTimersByTime(999);
      expect(vi.getTimerCount()).toBe(1);
      vi.advanceTimersByTime(1);
    }
    expect(CNIError.from(error).toJSON()).toEqual({ code: 11, msg: `plugin ${path} is being written` });
    expect(pauses).toBe(5);
  });
});

/** There may be no parent that reaps the process. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
