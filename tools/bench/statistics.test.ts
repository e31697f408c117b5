import { expect, it } from 'vitest';
import { median, quantile, ratio } from './statistics.ts';

const hundred = Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) + 1);

it('finds the value that 95 of 100 do not exceed', () => {
  expect(quantile(hundred, 0.95)).toBe(95);
});

it('finds the middle of values in any order', () => {
  expect(median([10, 9, 100])).toBe(10);
});

it('names a value that was measured, also where the middle lies between two', () => {
  expect(median([1, 2, 8, 9])).toBe(2);
});

it('takes the least and the greatest value for the ends', () => {
  expect([quantile(hundred, 0), quantile(hundred, 1)]).toEqual([1, 100]);
});

it('leaves the values in the order in which they came', () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});

it('compares round by round, so that rounds that were slow for both do not count', () => {
  expect(ratio([2, 20, 200, 4, 6], [1, 10, 100, 2, 3])).toBe(2);
});

it('compares nothing without values, or with a round that only one side ran', () => {
  expect(() => median([])).toThrow(RangeError);
  expect(() => ratio([1, 2], [1])).toThrow('2 rounds cannot pair with 1');
});
