// When the command itself began, on the clock of `performance.now()`: a checkout may install
// packages and compile before it, and a `--for` does not count that.

/** Set by bin/farb.mjs once everything is in place. */
const readyMark = 'farb ready';

/** 0 where nothing came before: an installed package, a test. */
export function startedMs(): number {
  return performance.getEntriesByName(readyMark)[0]?.startTime ?? 0;
}
