import { errorIn } from './invalid-field.ts';
import { quote } from './text.ts';

/**
 * Writes the values of a list one after another. An error about one of them has its index in its path.
 * @throws RangeError `values` is not a list.
 */
export function writeEach<T>(values: readonly T[], write: (value: T, index: number) => void): void {
  if (!Array.isArray(values)) throw new RangeError(`${quote(values)} is not a list`);
  for (let index = 0; index < values.length; index++) {
    try {
      write(values[index]!, index);
    } catch (error) {
      throw errorIn(String(index), error);
    }
  }
}
