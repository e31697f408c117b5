// What many runs have to say.

/** The value that a share of all values (0 to 1) does not exceed: the nearest rank, which is a value that was measured. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('of no values there is no quantile');
  const ascending = values.toSorted((a, b) => a - b);
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)]!;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/**
 * How many times `others` the `values` are: the median of the ratios within each round. What else the machine does comes
 * and goes, but hits both sides of a round alike, so this holds where the ratio of two medians does not.
 */
export function ratio(values: readonly number[], others: readonly number[]): number {
  if (values.length !== others.length)
    throw new RangeError(`${values.length} rounds cannot pair with ${others.length}`);
  return median(values.map((value, round) => value / others[round]!));
}
