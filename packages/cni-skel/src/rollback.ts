/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/**
 * The steps that undo an ADD. It has the methods of the standard AsyncDisposableStack, which Node 22 does not have. Only
 * the skeleton runs the steps.
 */
export interface Rollback {
  /** Runs `undo` if ADD fails after this call. */
  defer(undo: () => unknown): void;
  /** Runs `undo` with `value` if ADD fails after this call; returns `value`. */
  adopt<T>(value: T, undo: (value: T) => unknown): T;
}

/** Milliseconds that a step may take. A step that hangs delays neither the other steps nor the answer for longer. */
const stepTimeout = 10_000;

export class RollbackStack implements Rollback {
  private readonly undos: (() => unknown)[] = [];
  private report: ((error: unknown) => void) | undefined;

  defer(undo: () => unknown): void {
    this.undos.push(undo);
    // The handler continued after its request had ended, so this is the only chance to run the step.
    if (this.report) void this.run(this.report);
  }

  adopt<T>(value: T, undo: (value: T) => unknown): T {
    this.defer(() => undo(value));
    return value;
  }

  /** Runs all steps, last first. A step that fails or hangs is reported and does not keep others from running. */
  async run(report: (error: unknown) => void): Promise<void> {
    this.report = report;
    for (let undo = this.undos.pop(); undo; undo = this.undos.pop()) {
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
    timer = setTimeout(() => reject(new Error(`a step has not ended within ${stepTimeout} ms`)), stepTimeout);
  });
  try {
    await Promise.race([step, late]);
  } finally {
    clearTimeout(timer);
  }
}
