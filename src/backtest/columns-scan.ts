// The two loops that every row goes through, over columns alone: no allocation, no call, one type
// of array. Between two rows at which a rate turns, what they look for is one comparison of prices.
// NaN compares false: a missing price never enters, and stops the watch over what is held.
// Arguments are positional: an object per call would be the allocation that they avoid.

/** The first row in [from, to) at which short / long lies within the two ratios; `to` = none. */
export function firstEntry(
  longs: Float64Array,
  shorts: Float64Array,
  from: number,
  to: number,
  ratioMin: number,
  ratioMax: number,
): number {
  for (let k = from; k < to; k++) {
    const long = longs[k] as number;
    const short = shorts[k] as number;
    if (short >= ratioMin * long && short <= ratioMax * long) return k;
  }
  return to;
}

/**
 * The first row in [from, to) that must be looked at while a pair is held: the ratio of the closes
 * fell below the bound, or a leg's extreme reached its liquidation price; `to` = none.
 */
export function firstToWatch(
  longs: Float64Array,
  shorts: Float64Array,
  lows: Float64Array,
  highs: Float64Array,
  from: number,
  to: number,
  ratioMin: number,
  lowMin: number,
  highMax: number,
): number {
  for (let k = from; k < to; k++) {
    const isCalm =
      (shorts[k] as number) >= ratioMin * (longs[k] as number) &&
      (lows[k] as number) > lowMin &&
      (highs[k] as number) < highMax;
    if (!isCalm) return k;
  }
  return to;
}
