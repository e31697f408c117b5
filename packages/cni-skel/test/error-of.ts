import { CNIError } from '../src/error.ts';

/** The CNIError that `run` throws, as it is printed. */
export function errorOf(run: () => unknown): object {
  try {
    run();
  } catch (error) {
    if (error instanceof CNIError) return error.toJSON();
    throw error;
  }
  throw new Error('nothing was thrown');
}
