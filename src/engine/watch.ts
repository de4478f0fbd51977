// From a changed quote to a journaled view: runs the hot scan, and only for pairs that pass builds
// the view that `decide` will see. Also looks at held pairs regularly. Pure and synchronous; the
// caller owns the clock and the mailbox.
import type { JournalRecord, PairSeen } from '../domain/event.ts';
import type { Clock } from '../domain/ports.ts';
import type { PairKey } from '../domain/view.ts';
import { nowSlot, PairScan, type ScanOptions } from '../strategy/scan.ts';
import { legViewOf, type MarketReader } from './legs.ts';
import type { ActiveStrategy } from './policy.ts';
import type { EngineState } from './state.ts';

export interface WatchOptions {
  readonly market: MarketReader;
  readonly strategies: readonly ActiveStrategy[];
  readonly state: EngineState;
  readonly clock: Clock;
  readonly scan: ScanOptions;
  readonly put: (input: PairSeen) => void;
}

export class PairWatch {
  private readonly options: WatchOptions;
  private scan: PairScan;
  private instruments = 0;
  /** Pairs that passed on the timer and wait for their turn; each at most once. */
  private waiting: number[] = [];

  constructor(options: WatchOptions) {
    this.options = options;
    this.scan = this.build();
  }

  get pairs(): number {
    return this.scan.pairs.length;
  }

  /** Last upper bounds of the net edge, for display: pair and bound, best first. */
  best(count: number): readonly { readonly pair: PairKey; readonly bound: number }[] {
    const { pairs, bounds } = this.scan;
    return pairs
      .map((pair, i) => ({ pair, bound: bounds[i] as number }))
      .filter(({ bound }) => !Number.isNaN(bound))
      .sort((a, b) => b.bound - a.bound)
      .slice(0, count);
  }

  /** A quote, mark or rate of this instrument changed. Returns how many views were made. */
  onQuote(index: number): number {
    if (index >= this.instruments) return 0;
    this.tellTime();
    const count = this.scan.onQuote(index);
    // Copied: a decision may change the table and scan again before the loop ends.
    if (count > 0) this.emit(this.scan.passed.slice(0, count));
    return count;
  }

  /**
   * Every pair: on a slow timer, for rates that changed while quotes stood still. Makes at most so
   * many views and returns how many wait for `more`: hundreds may pass at once, and quotes that
   * come meanwhile must have their turn.
   */
  onTimer(atMost = Number.POSITIVE_INFINITY): number {
    this.tellTime();
    const { passed } = this.scan;
    const count = this.scan.scanAll();
    if (this.waiting.length === 0 && count <= atMost) {
      this.emit(passed.slice(0, count));
      return 0;
    }
    const waits = new Set(this.waiting);
    for (let i = 0; i < count; i++) waits.add(passed[i] as number);
    this.waiting = [...waits];
    return this.more(atMost);
  }

  /** The next of those that wait, at the quotes of now; how many are left. */
  more(atMost: number): number {
    const next = this.waiting.splice(0, atMost);
    this.tellTime();
    this.emit(next);
    return this.waiting.length;
  }

  /** Follows the journal: which pairs are held, which instruments and fees are known. */
  observe(record: JournalRecord): void {
    if ('input' in record) {
      if (record.input.kind === 'instruments') this.rebuild();
      return;
    }
    const { effect } = record;
    if (effect.kind !== 'pair-created' && effect.kind !== 'pair-moved') return;
    this.markHeld(effect.pairId);
  }

  /** The catalog or the fees changed: pairs and their dense rows are laid out anew. */
  rebuild(): void {
    this.scan = this.build();
    this.waiting = []; // by their places in the scan that was
    for (const id of this.options.state.pairs.keys()) this.markHeld(id);
  }

  private build(): PairScan {
    const { market, strategies, scan } = this.options;
    this.instruments = market.catalog.size;
    return new PairScan({
      table: market.table,
      catalog: market.catalog,
      strategies,
      feeRateTaker: (index) => market.takerFeeRate(market.catalog.at(index).id),
      options: scan,
    });
  }

  private markHeld(pairId: string): void {
    const pair = this.options.state.pairs.get(pairId);
    if (pair === undefined) return;
    const key = {
      strategy: pair.strategy,
      long: pair.long.instrument,
      short: pair.short.instrument,
    };
    const index = this.scan.pairIndexOf(key);
    if (index >= 0) this.scan.setHeld(index, pair.phase === 'open' ? 1 : 0);
  }

  private tellTime(): void {
    this.scan.now[nowSlot.tsMs] = this.options.clock.venueMs();
    this.scan.now[nowSlot.wallMs] = this.options.clock.wallMs();
  }

  private emit(passed: Iterable<number>): void {
    const { market, put } = this.options;
    const { scan } = this;
    const wallMs = scan.now[nowSlot.wallMs] as number;
    const tsMs = scan.now[nowSlot.tsMs] as number;
    for (const pair of passed) {
      const key = scan.pairs[pair] as PairKey;
      const longLeg = legViewOf(market, key.long, wallMs);
      const shortLeg = legViewOf(market, key.short, wallMs);
      if (longLeg === null || shortLeg === null) continue;
      const passes = scan.passesEntry(pair);
      const { strategy, long, short } = key;
      const view = { strategy, long, short, tsMs, wallMs, longLeg, shortLeg };
      put({ kind: 'pair-seen', passes, view });
    }
  }
}
