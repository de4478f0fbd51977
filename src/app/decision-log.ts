// What a run decided about pairs, from its records, and how two runs over one market compare: the
// same pair and action at the same venue time, and what each paid in slippage for it.
import type { RunAgreement } from '../api/run-agreement.ts';
import { formatDecimal, fromNumber } from '../base/decimal.ts';
import { isoUtc } from '../base/time.ts';
import type { JournalRecord } from '../domain/event.ts';
import type { Pair } from '../domain/pair.ts';
import { type EngineState, pairOfOrder } from '../engine/state.ts';

export type PairAction = 'open' | 'close' | 'roll' | 'rebalance';

export interface PairDecision {
  /** Strategy, long and short leg. */
  readonly pair: string;
  readonly action: PairAction;
  readonly tsMs: number;
  readonly reason: string;
  /** Of the fills that followed from it: + = paid. USD. */
  slippageUsd: number;
  filledUsd: number;
}

const actions: Readonly<Record<string, PairAction>> = {
  closing: 'close',
  rolling: 'roll',
  rebalancing: 'rebalance',
};

export class DecisionLog {
  readonly decisions: PairDecision[] = [];
  private readonly latest = new Map<string, PairDecision>();
  private slippageUsd = 0;
  private turnoverUsd = 0;

  /** After the record was folded into the state. */
  observe(record: JournalRecord, state: EngineState): void {
    if ('input' in record) {
      this.takeFills(record.input, state);
      return;
    }
    const { effect } = record;
    if (effect.kind === 'pair-created') {
      this.add(state.pairs.get(effect.pairId), 'open', 'entry', state.tsMs);
    } else if (effect.kind === 'pair-moved') {
      const action = actions[effect.phase];
      if (action === undefined) return;
      this.add(state.pairs.get(effect.pairId), action, effect.reason, state.tsMs);
    }
  }

  private add(pair: Pair | undefined, action: PairAction, reason: string, tsMs: number): void {
    if (pair === undefined) return;
    const name = `${pair.strategy} ${pair.long.instrument}>${pair.short.instrument}`;
    const decision = { pair: name, action, tsMs, reason, slippageUsd: 0, filledUsd: 0 };
    this.latest.set(pair.id, decision);
    this.decisions.push(decision);
  }

  /** What the counters moved by is what the fills in this record cost. */
  private takeFills(
    input: Extract<JournalRecord, { input: unknown }>['input'],
    state: EngineState,
  ): void {
    const { slippageUsd, turnoverUsd } = state.counters;
    const slipped = slippageUsd - this.slippageUsd;
    const filled = turnoverUsd - this.turnoverUsd;
    this.slippageUsd = slippageUsd;
    this.turnoverUsd = turnoverUsd;
    if (filled === 0 || !('clientOrderId' in input) || input.clientOrderId === null) return;
    const pair = pairOfOrder(state, input.clientOrderId);
    const decision = pair === undefined ? undefined : this.latest.get(pair.id);
    if (decision === undefined) return;
    decision.slippageUsd += slipped;
    decision.filledUsd += filled;
  }
}

/**
 * Each decision of one run beside the nearest one of the other for the same pair and action, at
 * most `toleranceMs` of venue time away; what has none is `missing` (in the backtest) or `extra`.
 */
export function agreementOf(
  live: readonly PairDecision[],
  backtest: readonly PairDecision[],
  toleranceMs: number,
): RunAgreement {
  const left = new Set(backtest);
  const same: RunAgreement['same'] = [];
  const missing: RunAgreement['missing'] = [];
  for (const decision of live) {
    let best: PairDecision | null = null;
    for (const other of left) {
      if (other.pair !== decision.pair || other.action !== decision.action) continue;
      const awayMs = Math.abs(other.tsMs - decision.tsMs);
      if (awayMs > toleranceMs) continue;
      if (best === null || awayMs < Math.abs(best.tsMs - decision.tsMs)) best = other;
    }
    if (best === null) {
      missing.push(shown(decision));
      continue;
    }
    left.delete(best);
    same.push({
      ...shown(decision),
      laterMs: Math.round(best.tsMs - decision.tsMs),
      slippage: { live: usd(decision.slippageUsd), backtest: usd(best.slippageUsd) },
      slippageBps: { live: bpsOf(decision), backtest: bpsOf(best) },
    });
  }
  const extra = [...left].map(shown);
  const total = (of: readonly PairDecision[]): number =>
    of.reduce((sum, { slippageUsd }) => sum + slippageUsd, 0);
  return {
    agrees: missing.length === 0 && extra.length === 0,
    toleranceMs: Math.round(toleranceMs),
    same,
    missing,
    extra,
    slippage: {
      live: usd(total(live)),
      backtest: usd(total(backtest)),
      difference: usd(total(backtest) - total(live)),
    },
  };
}

function shown({ pair, action, tsMs, reason }: PairDecision): RunAgreement['missing'][number] {
  return { pair, action, at: isoUtc(tsMs), reason };
}

function bpsOf({ slippageUsd, filledUsd }: PairDecision): number | null {
  return filledUsd > 0 ? Math.round((slippageUsd / filledUsd) * 1e6) / 100 : null;
}

function usd(value: number): string {
  return formatDecimal(fromNumber(Number(value.toFixed(8))));
}
