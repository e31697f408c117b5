import { errorIn } from './invalid-field.ts';
import { quote } from './text.ts';

/**
 * Writes the values of a list, one behind the other. What is refused of one is told with its index.
 * @throws RangeError where it is no list
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
