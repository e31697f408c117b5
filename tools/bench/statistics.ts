// Statistics of many runs.

/** The value that a share of all values (0 to 1) does not exceed, by the nearest-rank method: it is one of the values. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('of no values there is no quantile');
  const ascending = values.toSorted((a, b) => a - b);
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)]!;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/**
 * The ratio of `values` to `others`: the median of the ratios within each round. Other load of the machine varies, but
 * affects both sides of a round equally, so this is more reliable than the ratio of two medians.
 */
export function ratio(values: readonly number[], others: readonly number[]): number {
  if (values.length !== others.length)
    throw new RangeError(`${values.length} rounds cannot pair with ${others.length}`);
  return median(values.map((value, round) => value / others[round]!));
}
