// What a strategy is, and the list of ours. A strategy is pure: it sees one journaled view of one
// pair and says what it would do; it holds no state, sends nothing and knows no other pair.
import { isInverse } from '../domain/contract-value.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { EntryDecision, ExitDecision, HeldPair, PairKey, PairView } from '../domain/view.ts';
import { cashCarry } from './cash-carry.ts';
import { coinPerps } from './coin-perps.ts';
import { dollarPerps } from './dollar-perps.ts';
import type { ParamsResult, StrategyParams } from './params.ts';
import { perpPerp } from './perp-perp.ts';
import type { RollDecision, RollViews } from './roll.ts';

export interface StrategyContext {
  readonly long: Instrument;
  readonly short: Instrument;
  readonly params: StrategyParams;
  /**
   * Net edge on capital, after all costs, of the best entry that waits for capital; absent or null
   * = nothing waits. Lets an exit move capital to a better use.
   */
  readonly alternativeNetOnCapital?: number | null;
}

export interface Strategy {
  readonly name: string;
  readonly defaults: StrategyParams;
  /** Reads its part of config/strategies.yaml over its defaults. */
  parseParams(record: Readonly<Record<string, unknown>>): ParamsResult;
  /** It is shown inverse contracts too; absent = base units on both legs, always. */
  readonly coinMargined?: true;
  /** Every pair worth watching, both directions where both are possible. */
  pairs(instruments: readonly Instrument[]): readonly PairKey[];
  /** Pairs to be shown with their costs and never opened; absent = none. */
  shown?(instruments: readonly Instrument[]): readonly PairKey[];
  entry(view: PairView, context: StrategyContext): EntryDecision;
  exit(view: PairView, held: HeldPair, context: StrategyContext): ExitDecision;
  /**
   * The net edge on capital of the entry that `entry` would make, null = none: a look that only
   * compares need not size and price an order. Absent = `entry` is asked.
   */
  worth?(view: PairView, context: StrategyContext): number | null;
  /** True only where `exit` holds, as most looks do; false or absent = `exit` is asked. */
  holds?(view: PairView, held: HeldPair, context: StrategyContext): boolean;
  /** Whether one leg of a held pair should move to the offered pair's; absent = it never moves. */
  roll?(views: RollViews, qty: number, params: StrategyParams): RollDecision;
}

export const strategies: readonly Strategy[] = [perpPerp, cashCarry];
/** Never part of a default: named in the configuration by who wants their other risks. */
export const strategiesOnRequest: readonly Strategy[] = [dollarPerps, coinPerps];

export function strategyByName(name: string): Strategy | null {
  const all = [...strategies, ...strategiesOnRequest];
  return all.find((strategy) => strategy.name === name) ?? null;
}

/** The pairs that a strategy watches; inverse contracts are shown to those that ask for them. */
export function pairsOf(
  strategy: Strategy,
  instruments: readonly Instrument[],
): readonly PairKey[] {
  if (strategy.coinMargined === true) return strategy.pairs(instruments);
  return strategy.pairs(instruments.filter((instrument) => !isInverse(instrument)));
}
