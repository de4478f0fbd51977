// The simulated exchanges of a backtest, one per venue of the tape, each with its port and its
// margin watch. They know the tape as the venue did, at its time; see market.ts.

import { present } from '../base/assert.ts';
import { abs, type Decimal, roundToStep, times, toNumber, zero } from '../base/decimal.ts';
import type { DriverEvent, InstrumentsListed, VenueEffect } from '../domain/event.ts';
import type { InstrumentId, VenueId } from '../domain/instrument.ts';
import type { VenuePort } from '../domain/ports.ts';
import type { SimInstrument, SimNow } from '../sim/api.ts';
import { createSimExchange, type FaultableExchange } from '../sim/exchange.ts';
import { createSimPort } from '../sim/port.ts';
import { marginTermsOf } from '../sim/venue-answers.ts';
import { startBalances } from './accounts.ts';
import { type FeeTiers, TierBook, type TierChange, type TierMarket } from './fee-tiers.ts';
import { MarginWatch } from './margin-watch.ts';
import { TapeMarket } from './market.ts';
import type { Contract, Tape } from './tape.ts';

/** The venue closes a share of a position at the mark: a queue of auto-deleveraging, a sweep. */
export interface Scenario {
  readonly kind: 'adl' | 'liquidation';
  readonly atMs: number;
  readonly instrument: InstrumentId;
  /** Of what is held then, in (0, 1]. */
  readonly share: Decimal;
}

export interface TapeVenuesOptions {
  readonly tape: Tape;
  readonly startMs: number;
  readonly capitalUsd: Decimal;
  /** Of every perpetual; capped by what the contract allows. */
  readonly leverage: number;
  /** One way. */
  readonly latencyMs: number;
  /** Fees that follow the volume traded; absent = those of the tape, throughout. */
  readonly feeTiers?: FeeTiers;
  readonly now: () => SimNow;
  /** Runs the action at a time of the virtual clock. */
  readonly at: (tsMs: number, action: () => void) => void;
  readonly emit: (event: DriverEvent) => void;
}

interface Venue {
  readonly exchange: FaultableExchange;
  readonly port: VenuePort;
  readonly margin: MarginWatch;
}

export class TapeVenues {
  private readonly options: TapeVenuesOptions;
  private readonly market: TapeMarket;
  private readonly byId = new Map<VenueId, Venue>();
  private readonly tiers: TierBook;

  constructor(options: TapeVenuesOptions) {
    const { tape, now, at } = options;
    this.options = options;
    this.market = new TapeMarket(tape);
    this.tiers = new TierBook(options.feeTiers ?? {});
    const { market } = this;
    for (const [id, balances] of startBalances(tape.contracts, options)) {
      const exchange = createSimExchange({
        venue: id,
        market,
        startBalances: balances,
        startMs: options.startMs,
        rules: { fundingPrice: 'mark' }, // an index is not recorded
      });
      for (const { instrument } of exchange.instruments()) {
        if (instrument.kind === 'spot') continue;
        const most = instrument.leverageMax ?? options.leverage;
        exchange.setLeverage(instrument.id, Math.min(options.leverage, most), now());
      }
      exchange.onEvent((event) => {
        if (event.kind !== 'fill') return;
        const { instrument, price, qty, tsMs } = event.fill;
        const usd = toNumber(times(price, qty));
        this.tiers.traded(id, marketOf(exchange, instrument), { tsMs, usd });
      });
      const port = createSimPort({
        exchange,
        now,
        after: (delayMs, action) => at(now().tsMs + delayMs, action),
        latencyMs: () => options.latencyMs,
        emit: options.emit,
      });
      const own = tape.contracts.filter(({ listing }) => listing.instrument.venue === id);
      this.byId.set(id, { exchange, port, margin: new MarginWatch(exchange, own) });
    }
  }

  get ids(): readonly VenueId[] {
    return [...this.byId.keys()];
  }

  get holds(): boolean {
    for (const { margin } of this.byId.values()) if (margin.holds) return true;
    return false;
  }

  /** Perpetuals held on all venues, at entry prices. */
  get grossUsd(): number {
    let gross = 0;
    for (const { margin } of this.byId.values()) gross += margin.grossUsd;
    return gross;
  }

  listed(venue: VenueId): InstrumentsListed {
    const listed = present(this.byId.get(venue), venue).exchange.instruments();
    return {
      kind: 'instruments',
      venue,
      instruments: listed.map(({ instrument }) => instrument),
      feeRates: Object.fromEntries(
        listed.map(({ instrument, feeRateTaker, feeRateMaker }) => [
          instrument.id,
          { taker: toNumber(feeRateTaker), maker: toNumber(feeRateMaker) },
        ]),
      ),
    };
  }

  /** At a midnight: fees follow what was traded on the days before. */
  newDay(tsMs: number): readonly TierChange[] {
    const changes = this.tiers.changesAt(tsMs);
    for (const { venue, market, tier } of changes) {
      const exchange = this.byId.get(venue)?.exchange;
      for (const { instrument } of exchange?.instruments() ?? []) {
        if ((instrument.kind === 'spot') !== (market === 'spot')) continue;
        exchange?.relist(instrument.id, { feeRateMaker: tier.maker, feeRateTaker: tier.taker });
      }
    }
    return changes.filter(({ venue }) => this.byId.has(venue));
  }

  margins(venue: VenueId): DriverEvent {
    return marginTermsOf(present(this.byId.get(venue), venue).exchange);
  }

  act(effect: VenueEffect): void {
    const venue = effect.kind === 'place-order' ? effect.order.venue : effect.venue;
    this.byId.get(venue)?.port.act(effect);
  }

  /** A quarter into the bar: every order of the last decision has had its answer. */
  insideBar(k: number): void {
    const { tape, at, now } = this.options;
    for (const { exchange, margin } of this.byId.values()) {
      if (!margin.holds || !margin.mayBreach(k)) continue;
      const advance = (): void => exchange.advance(now());
      advance();
      for (const quarter of [2, 3]) {
        at(tape.fromMs + (k + quarter / 4) * tape.barMs, advance);
      }
    }
  }

  /** Settlements of what is held; venues that hold nothing are caught up when they next trade. */
  settle(): void {
    for (const { exchange, margin } of this.byId.values()) {
      if (margin.holds) exchange.advance(this.options.now());
    }
  }

  /** False = there was nothing to close. */
  play({ kind, instrument, share }: Scenario): boolean {
    const exchange = this.exchangeOf(instrument);
    const lot = exchange?.instrument(instrument)?.instrument.lotSize ?? null;
    if (exchange === undefined || lot === null) return false;
    const held = abs(exchange.position(instrument).qty);
    const qty = roundToStep(times(held, share), lot, 'down');
    if (qty === zero) return false;
    exchange.deleverage({ instrument, qty, forced: kind }, this.options.now());
    return true;
  }

  /**
   * The record of a contract ends: the venue settles what is held of a perpetual at its last price,
   * and sells coins of a spot market into its last book. Nobody asked for it: the engine sees a
   * fill that is not its own and closes the other leg.
   */
  delist({ listing }: Contract): void {
    const { id, kind } = listing.instrument;
    const exchange = this.exchangeOf(id);
    if (exchange === undefined) return;
    const now = this.options.now();
    if (kind === 'spot') sellAll(exchange, listing, now);
    else {
      const qty = abs(exchange.position(id).qty);
      if (qty !== zero) exchange.deleverage({ instrument: id, qty }, now);
    }
    exchange.relist(id, { status: 'halted' });
  }

  /** False while the bar is missing: nothing trades. */
  isTraded(id: InstrumentId): boolean {
    return this.market.mid(id, this.options.now().tsMs) > 0;
  }

  private exchangeOf(id: InstrumentId): FaultableExchange | undefined {
    return this.byId.get(id.split(':')[0] ?? '')?.exchange;
  }
}

function marketOf(exchange: FaultableExchange, id: InstrumentId): TierMarket {
  return exchange.instrument(id)?.instrument.kind === 'spot' ? 'spot' : 'perp';
}

function sellAll(exchange: FaultableExchange, { instrument }: SimInstrument, now: SimNow): void {
  const { base, wallet, lotSize, id } = instrument;
  const held = exchange.balances().find((one) => one.wallet === wallet && one.asset === base);
  if (held === undefined || lotSize === null) return;
  const qty = roundToStep(held.total, lotSize, 'down');
  if (qty <= zero) return;
  const order = { instrument: id, clientOrderId: null, side: 'sell', type: 'market' } as const;
  exchange.place({ ...order, timeInForce: 'ioc', qty, limit: null, reduceOnly: false }, now);
}
