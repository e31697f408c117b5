/** A value, or a promise of one. */
export type Awaitable<T> = T | Promise<T>;

/**
 * What undoes an ADD step by step. The same methods as the platform's AsyncDisposableStack, which Node 22 lacks; the
 * skeleton alone disposes it.
 */
export interface Rollback {
  /** Runs `undo` if ADD fails from here on. */
  defer(undo: () => unknown): void;
  /** As {@link defer}, with the value to undo; returns the value. */
  adopt<T>(value: T, undo: (value: T) => unknown): T;
}

/** How long a step may take, in milliseconds: one that hangs keeps neither the others nor the answer waiting. */
const patience = 10_000;

export class RollbackStack implements Rollback {
  readonly #undos: (() => unknown)[] = [];
  #report: ((error: unknown) => void) | undefined;

  defer(undo: () => unknown): void {
    this.#undos.push(undo);
    // A handler that went on after its request had ended: nobody will come back for this.
    if (this.#report) void this.run(this.#report);
  }

  adopt<T>(value: T, undo: (value: T) => unknown): T {
    this.defer(() => undo(value));
    return value;
  }

  /** Undoes everything, last first. A step that fails or hangs is reported and keeps none of the others from running. */
  async run(report: (error: unknown) => void): Promise<void> {
    this.#report = report;
    for (let undo = this.#undos.pop(); undo; undo = this.#undos.pop()) {
      try {
        await inTime(undo());
      } catch (error) {
        report(error);
      }
    }
  }
}

async function inTime(step: unknown): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`a step has not ended within ${patience} ms`)), patience);
  });
  try {
    await Promise.race([step, late]);
  } finally {
    clearTimeout(timer);
  }
}
