// The round trips of a run, from the journal's records: what each pair traded, paid and received.
// It reads the engine's state and never writes to it. Signs: + = earned.
import { type Decimal, toNumber } from '../base/decimal.ts';
import type { JournalRecord } from '../domain/event.ts';
import type { Leg, Pair } from '../domain/pair.ts';
import type { FillEvent } from '../domain/venue-event.ts';
import { usdPriceOf } from '../engine/portfolio.ts';
import type { EngineState } from '../engine/state.ts';

export interface RoundTrip {
  readonly pairId: string;
  readonly strategy: string;
  readonly long: string;
  readonly short: string;
  readonly openedAtMs: number;
  /** Null = still open at the end. */
  readonly closedAtMs: number | null;
  /** Base units of the larger leg at its largest. */
  readonly qty: number;
  readonly notionalUsd: number;
  readonly edgeExpected: number;
  readonly fundingUsd: number;
  /** Both legs' cash of buys and sells, what is still held valued at its last mark. */
  readonly priceUsd: number;
  readonly feesUsd: number;
  readonly netUsd: number;
  readonly closeReason: string | null;
  readonly legBreaks: number;
  /** Fills that the venue forced: liquidation, auto-deleveraging, delisting. */
  readonly forcedFills: number;
}

interface LegBook {
  qty: Decimal;
  qtyMax: number;
  cashUsd: number;
}

interface Open {
  readonly pair: Pair;
  readonly long: LegBook;
  readonly short: LegBook;
  feesUsd: number;
  tradedUsd: number;
  notionalUsd: number;
  forcedFills: number;
}

export class TradeBook {
  /** Pairs whose life is not over: anything may be held for them. */
  get openPairs(): number {
    return this.open.size;
  }

  readonly closed: RoundTrip[] = [];
  fills = 0;
  private readonly state: EngineState;
  private readonly open = new Map<string, Open>();

  constructor(state: EngineState) {
    this.state = state;
  }

  /** After the record was folded. */
  observe(record: JournalRecord): void {
    if ('input' in record) {
      if (record.input.kind === 'fill') this.takeFill(record.input);
      return;
    }
    const { effect } = record;
    if (effect.kind === 'pair-created') {
      const pair = this.state.pairs.get(effect.pairId);
      if (pair === undefined) return;
      const leg = (from: Leg): LegBook => ({ qty: from.qty, qtyMax: 0, cashUsd: 0 });
      this.open.set(pair.id, {
        pair,
        long: leg(pair.long),
        short: leg(pair.short),
        feesUsd: 0,
        tradedUsd: 0,
        notionalUsd: 0,
        forcedFills: 0,
      });
    } else if (effect.kind === 'pair-moved' && effect.phase === 'closed') {
      const entry = this.open.get(effect.pairId);
      if (entry === undefined) return;
      this.open.delete(effect.pairId);
      if (entry.tradedUsd > 0) this.closed.push(this.tripOf(entry, true));
    }
  }

  /** All that traded, in the order of their opening. */
  roundTrips(): readonly RoundTrip[] {
    const unfinished = [...this.open.values()]
      .filter(({ tradedUsd }) => tradedUsd > 0)
      .map((entry) => this.tripOf(entry, false));
    return [...this.closed, ...unfinished].sort((a, b) => a.openedAtMs - b.openedAtMs);
  }

  /** Whatever the fill changed in the legs of live pairs is theirs: also what a venue forced. */
  private takeFill(fill: FillEvent): void {
    this.fills++;
    const price = toNumber(fill.price);
    const feeUnit =
      fill.feeAsset === null ? 0 : (usdPriceOf(this.state, fill.feeAsset, fill.venue) ?? price);
    const feesUsd = toNumber(fill.fee) * feeUnit;
    const filled = toNumber(fill.qty);
    for (const entry of this.open.values()) {
      for (const name of ['long', 'short'] as const) {
        const leg = entry.pair[name];
        if (leg.instrument !== fill.instrument) continue;
        const book = entry[name];
        const change = toNumber((leg.qty - book.qty) as Decimal); // brand: a difference
        if (change === 0) continue;
        book.qty = leg.qty;
        book.qtyMax = Math.max(book.qtyMax, Math.abs(toNumber(leg.qty)));
        const share = Math.min(1, Math.abs(change) / filled);
        // A spot buy's fee leaves the bought quantity: all of it was paid for, its fee is a fee.
        const isBaseFee = leg.openSide === 'buy' && change > 0 && Math.abs(change) < filled;
        const traded = isBaseFee ? filled : Math.abs(change);
        book.cashUsd -= Math.sign(change) * traded * price;
        if (isBaseFee) book.cashUsd += (filled - Math.abs(change)) * price;
        entry.feesUsd += isBaseFee ? feesUsd : feesUsd * share;
        entry.tradedUsd += traded * price;
        entry.notionalUsd = Math.max(entry.notionalUsd, book.qtyMax * price);
        if (fill.forced) entry.forcedFills++;
      }
    }
  }

  private tripOf(entry: Open, isClosed: boolean): RoundTrip {
    const { pair, long, short, feesUsd } = entry;
    let priceUsd = long.cashUsd + short.cashUsd;
    for (const leg of [pair.long, pair.short]) {
      if (leg.qty === 0n) continue;
      priceUsd += toNumber(leg.qty) * (this.state.marks.get(leg.instrument)?.price ?? 0);
    }
    return {
      pairId: pair.id,
      strategy: pair.strategy,
      long: pair.long.instrument,
      short: pair.short.instrument,
      openedAtMs: pair.openedTsMs ?? pair.createdTsMs,
      closedAtMs: isClosed ? this.state.tsMs : null,
      qty: Math.max(long.qtyMax, short.qtyMax),
      notionalUsd: entry.notionalUsd,
      edgeExpected: pair.edge.net,
      fundingUsd: pair.fundingUsd,
      priceUsd,
      feesUsd,
      netUsd: pair.fundingUsd + priceUsd + feesUsd,
      closeReason: isClosed ? pair.closeReason : null,
      legBreaks: pair.legBreaks,
      forcedFills: entry.forcedFills,
    };
  }
}
