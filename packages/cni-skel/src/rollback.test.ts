import { describe, expect, it, vi } from 'vitest';
import { RollbackStack } from './rollback.ts';

describe('a rollback', () => {
  it('runs what was deferred once, last first, each after the one before', async () => {
    const done: string[] = [];
    const rollback = new RollbackStack();
    rollback.defer(() => done.push('first'));
    rollback.defer(async () => {
      await null;
      done.push('second');
    });
    await rollback.run(() => {});
    await rollback.run(() => {});
    expect(done).toEqual(['second', 'first']);
  });

  it('gives an adopted value to what undoes it', async () => {
    const done: string[] = [];
    const rollback = new RollbackStack();
    expect(rollback.adopt('value', value => done.push(value))).toBe('value');
    await rollback.run(() => {});
    expect(done).toEqual(['value']);
  });

  it('C142 goes on past a step that hangs, and reports it', async () => {
    vi.useFakeTimers();
    try {
      const done: string[] = [];
      const reported: unknown[] = [];
      const rollback = new RollbackStack();
      rollback.defer(() => done.push('first'));
      rollback.defer(() => new Promise(() => {}));
      const running = rollback.run(error => reported.push(error));
      await vi.runAllTimersAsync();
      await running;
      expect(done).toEqual(['first']);
      expect(reported).toEqual([new Error('a step has not ended within 10000 ms')]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('undoes at once what is deferred after it has run', async () => {
    const done: string[] = [];
    const rollback = new RollbackStack();
    await rollback.run(() => {});
    rollback.defer(() => done.push('late'));
    expect(done).toEqual(['late']);
  });
});
