// harvest: perpetuals of one asset on two venues, like farb's perp-perp, but it leaves alone what
// pays little: a pair opens only where the rates differ by at least `rateGapPerDayMin` a day. It is
// pure: one view of one pair in, a decision out; it keeps nothing and sends nothing.
import {
  carryEntry,
  carryExit,
  type EntryDecision,
  type FundingView,
  type Instrument,
  type PairKey,
  type PairView,
  type ParamsResult,
  parseParams,
  perpPerpDefaults,
  pluginContractVersion,
  type Strategy,
  type StrategyContext,
  type StrategyParams,
  type StrategyPlugin,
} from 'funding-rate-arb/plugin';

export const name = 'harvest';

interface HarvestParams extends StrategyParams {
  /** Least difference of the two rates, as a fraction per day: 0.0003 = 3 bps. */
  readonly rateGapPerDayMin: number;
}

const defaults: HarvestParams = { ...perpPerpDefaults, rateGapPerDayMin: 0.0003 };
const dayMs = 86_400_000;

export const harvest: Strategy = {
  name,
  defaults,
  parseParams: readParams,
  pairs,
  entry(view, context): EntryDecision {
    if (gapPerDay(view) < minimumOf(context)) {
      return { ok: false, code: 'edge-below-threshold', edge: null };
    }
    return carryEntry(view, context);
  },
  exit: carryExit,
};

/** Its own field first, the rest as farb's own strategies read them. */
function readParams(record: Readonly<Record<string, unknown>>): ParamsResult {
  const { rateGapPerDayMin = defaults.rateGapPerDayMin, ...rest } = record;
  if (typeof rateGapPerDayMin !== 'number' || !(rateGapPerDayMin >= 0 && rateGapPerDayMin <= 1)) {
    const message = `${String(rateGapPerDayMin)} is not a fraction from 0 to 1`;
    return { ok: false, field: 'rateGapPerDayMin', message };
  }
  const read = parseParams(rest, perpPerpDefaults);
  if (!read.ok) return read;
  const params: HarvestParams = { ...read.params, rateGapPerDayMin };
  return { ok: true, params };
}

function minimumOf({ params }: StrategyContext): number {
  const own = params as Partial<HarvestParams>; // what readParams made
  return own.rateGapPerDayMin ?? defaults.rateGapPerDayMin;
}

/** Received a day, as a fraction of the notional: the short's rate less the long's. */
function gapPerDay({ longLeg, shortLeg }: PairView): number {
  return perDay(shortLeg.funding) - perDay(longLeg.funding);
}

/** Unknown is NaN, which is below no minimum: the entry rule itself then says what is missing. */
function perDay(funding: FundingView | null): number {
  return funding === null ? Number.NaN : (funding.ratePerInterval * dayMs) / funding.intervalMs;
}

/** Both directions of every two venues that list the same contract. */
function pairs(instruments: readonly Instrument[]): readonly PairKey[] {
  const perps = instruments.filter(({ kind }) => kind === 'linear-perp');
  return perps.flatMap((long) =>
    perps
      .filter(({ venue, base, settle }) => {
        return venue !== long.venue && base === long.base && settle === long.settle;
      })
      .map((short) => ({ strategy: name, long: long.id, short: short.id })),
  );
}

export const plugin: StrategyPlugin = {
  contractVersion: pluginContractVersion,
  strategy: harvest,
};
