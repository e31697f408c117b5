import { describe, expect, it, vi } from 'vitest';
import { recorder } from '../test/plugins.ts';
import { CNIError, definePlugin, ErrorCode } from './index.ts';
import { invoke } from './testing/invoke.ts';

const fails = (thrown: unknown) =>
  recorder({
    add: () => {
      throw thrown;
    },
  });

describe('a handler that fails', () => {
  it('C42 C44 C48 C53 is answered with its error on standard output, and exit status 1', async () => {
    const plugin = fails(new CNIError(1234, 'insufficient something', { details: 'of it' }));
    const outcome = await invoke(plugin, 'ADD', { conf: { cniVersion: '0.4.0' } });
    expect(JSON.parse(outcome.stdout)).toEqual({
      cniVersion: '0.4.0',
      code: 1234,
      msg: 'insufficient something',
      details: 'of it',
    });
    expect(outcome).toMatchObject({ exitCode: 1, stderr: '' });
  });

  it('C53 is answered under 1.1.0 while the configuration is unknown', async () => {
    const { stdout } = await recorder().invoke({ env: { CNI_COMMAND: 'ADD' }, stdin: '' });
    expect(JSON.parse(stdout)).toMatchObject({ cniVersion: '1.1.0', code: 4 });
  });

  it('C52 with another error is answered with 999', async () => {
    expect(JSON.parse((await invoke(fails(new Error('potato')), 'ADD')).stdout)).toEqual({
      cniVersion: '1.1.0',
      code: 999,
      msg: 'potato',
    });
  });

  it('C54 with no error at all is answered with 999', async () => {
    expect((await invoke(fails(undefined), 'ADD')).error?.toJSON()).toEqual({ code: 999, msg: 'undefined' });
  });

  it('C54 by rejecting is answered the same', async () => {
    const plugin = recorder({ add: () => Promise.reject(new Error('later')) });
    expect((await invoke(plugin, 'ADD')).error?.toJSON()).toEqual({ code: 999, msg: 'later' });
  });

  it('is answered with its last log lines, for runtimes drop standard error', async () => {
    const plugin = recorder({
      add({ log }) {
        for (let step = 1; step <= 6; step++) log.info(`step ${step}`);
        log.debug('unseen');
        throw new Error('broken');
      },
    });
    const { error } = await invoke(plugin, 'ADD');
    expect(error?.details).toBe('log: info: step 2 | info: step 3 | info: step 4 | info: step 5 | info: step 6');
    expect(error?.cause).toMatchObject({ code: 999, msg: 'broken', cause: new Error('broken') });
  });

  it('is answered with its own details where it has some', async () => {
    const plugin = recorder({
      add({ log }) {
        log.info('step');
        throw new CNIError(100, 'broken', { details: 'own' });
      },
    });
    expect((await invoke(plugin, 'ADD')).error?.details).toBe('own');
  });
});

describe('rollback', () => {
  const steps: string[] = [];
  const plugin = (then: () => object) =>
    definePlugin({
      name: 'steps',
      version: '1',
      async add({ rollback }) {
        steps.length = 0;
        rollback.defer(() => {
          steps.push('undo first');
        });
        const second = rollback.adopt('second', async name => {
          steps.push(`undo ${name}`);
        });
        steps.push(`did ${second}`);
        return then();
      },
      del() {},
    });
  const undone = ['did second', 'undo second', 'undo first'];

  it('C142 runs in reverse order when the handler throws', async () => {
    await invoke(
      plugin(() => {
        throw new Error('broken');
      }),
      'ADD',
    );
    expect(steps).toEqual(undone);
  });

  it('C142 runs when the result cannot be converted', async () => {
    const { error } = await invoke(
      plugin(() => ({})),
      'ADD',
      { conf: { cniVersion: '0.1.0' } },
    );
    expect(error?.code).toBe(999);
    expect(steps).toEqual(undone);
  });

  it('C56 C142 runs when the result cannot be written', async () => {
    const written: string[] = [];
    const stdout = (text: string) => {
      written.push(text);
      throw new Error('ENOSPC');
    };
    const outcome = await invoke(
      plugin(() => ({})),
      'ADD',
      { stdout },
    );
    expect(steps).toEqual(undone);
    expect(written).toHaveLength(1);
    expect(outcome).toMatchObject({ exitCode: 1, stdout: '', error: { code: 5 } });
  });

  it('C142 runs when the request is aborted', async () => {
    const controller = new AbortController();
    const late = plugin(() => {
      controller.abort('SIGTERM');
      return {};
    });
    const { error } = await invoke(late, 'ADD', { signal: controller.signal });
    expect(error?.toJSON()).toEqual({ code: 11, msg: 'ADD was aborted: SIGTERM' });
    expect(steps).toEqual(undone);
  });

  it('C142 does not run when ADD succeeds', async () => {
    expect(
      (
        await invoke(
          plugin(() => ({})),
          'ADD',
        )
      ).exitCode,
    ).toBe(0);
    expect(steps).toEqual(['did second']);
  });

  it('C142 goes on after a step that fails, and answers with the first error', async () => {
    const done: string[] = [];
    const broken = recorder({
      add({ rollback }) {
        rollback.defer(() => {
          done.push('first');
        });
        rollback.defer(() => {
          throw new Error('cannot undo');
        });
        throw new Error('broken');
      },
    });
    const { error, stderr } = await invoke(broken, 'ADD');
    expect(done).toEqual(['first']);
    expect(error?.toJSON()).toEqual({ code: 999, msg: 'broken', details: 'log: error: rollback: cannot undo' });
    expect(JSON.parse(stderr)).toMatchObject({ level: 'error', msg: 'rollback: cannot undo', plugin: 'recorder' });
  });

  it('C142 tells in the details what could not be undone, behind those that the error has', async () => {
    const broken = recorder({
      add({ rollback }) {
        for (const what of ['route', 'rule'])
          rollback.defer(() => {
            throw new Error(`the ${what} is left`);
          });
        throw new CNIError(120, 'broken', { details: 'mend it' });
      },
    });
    const { error } = await invoke(broken, 'ADD');
    expect(error?.toJSON()).toEqual({
      code: 120,
      msg: 'broken',
      details: 'mend it; rollback: the rule is left; rollback: the route is left',
    });
  });

  it('C55 of an error that cannot be written is said on standard error', async () => {
    const stdout = () => {
      throw new Error('EPIPE');
    };
    const { stderr, exitCode } = await invoke(fails(new Error('broken')), 'ADD', { stdout });
    expect(exitCode).toBe(1);
    expect(stderr).toBe('Error writing error JSON to stdout: EPIPE\n');
  });
});

describe('a request that is aborted', () => {
  it('C130 has the reason in its handler, and in its answer', async () => {
    const controller = new AbortController();
    const plugin = recorder({
      add: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('stopped')));
          controller.abort('SIGTERM');
        }),
    });
    const { error } = await invoke(plugin, 'ADD', { signal: controller.signal });
    expect(error?.toJSON()).toEqual({ code: ErrorCode.TryAgainLater, msg: 'ADD was aborted: SIGTERM' });
  });

  it('is answered with a CNIError that is the reason', async () => {
    const signal = AbortSignal.abort(new CNIError(101, 'own'));
    expect((await invoke(recorder(), 'ADD', { signal })).error?.toJSON()).toEqual({ code: 101, msg: 'own' });
  });

  it('is answered with one at once, for its handler may never end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const controller = new AbortController();
      const add = () => {
        controller.abort(new CNIError(101, 'own'));
        return new Promise<never>(() => {});
      };
      const { error } = await invoke(recorder({ add }), 'ADD', { signal: controller.signal });
      expect(error?.code).toBe(101);
    } finally {
      vi.useRealTimers();
    }
  });

  it('fails even if its handler succeeds in spite of it', async () => {
    const controller = new AbortController();
    const plugin = recorder({
      async add() {
        controller.abort('SIGTERM');
        return {};
      },
    });
    expect((await invoke(plugin, 'ADD', { signal: controller.signal })).error?.code).toBe(11);
  });

  it('is answered with error 11 after its timeout', async () => {
    const plugin = recorder({
      timeout: 10,
      add: ({ signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', reject)),
    });
    const { error } = await invoke(plugin, 'ADD');
    expect(error?.toJSON()).toEqual({ code: 11, msg: 'ADD was aborted: it took more than 10 ms' });
  });

  it('does not wait for ever for a handler that ignores it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const controller = new AbortController();
      const undone = vi.fn();
      const plugin = recorder({
        add({ rollback }) {
          rollback.defer(undone);
          return new Promise(() => {});
        },
      });
      const answer = invoke(plugin, 'ADD', { signal: controller.signal });
      await vi.advanceTimersByTimeAsync(60_000);
      controller.abort('SIGTERM');
      await vi.advanceTimersByTimeAsync(1999);
      expect(undone).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      expect((await answer).error?.code).toBe(11);
      expect(undone).toHaveBeenCalledOnce();
    } finally {
      vi.useRealTimers();
    }
  });

  it('is aborted before its timeout, too', async () => {
    const controller = new AbortController();
    const plugin = recorder({
      timeout: 60_000,
      add: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', reject);
          controller.abort('SIGTERM');
        }),
    });
    const { error } = await invoke(plugin, 'ADD', { signal: controller.signal });
    expect(error?.toJSON()).toEqual({ code: 11, msg: 'ADD was aborted: SIGTERM' });
  });

  it("says nothing of a timeout of its own where the time limit is its caller's", async () => {
    const plugin = recorder({
      add: ({ signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', reject)),
    });
    const { error } = await invoke(plugin, 'ADD', { signal: AbortSignal.timeout(5) });
    expect(error).toMatchObject({ code: 11, msg: expect.stringMatching(/^ADD was aborted: \w/) });
    expect(error?.msg).not.toContain('took more than');
  });

  it('leaves nothing behind that waits', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const controller = new AbortController();
      const { signal } = controller;
      const added = vi.spyOn(signal, 'addEventListener');
      const removed = vi.spyOn(signal, 'removeEventListener');
      const plugin = recorder({
        add({ rollback }) {
          rollback.defer(() => {});
          controller.abort('SIGTERM');
          return {};
        },
      });
      await invoke(plugin, 'ADD', { signal });
      expect(vi.getTimerCount()).toBe(0);
      expect(removed.mock.calls).toEqual(added.mock.calls);
      expect(added).toHaveBeenCalled();
    } finally {
      vi.useRealTimers();
    }
  });
});
