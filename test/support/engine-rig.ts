// Test support: the engine alone, fed by hand: a state, `step` with the default policy, and short
// ways to say what two venues say. Every step checks the invariants.
import { decimal, zero } from '../../src/base/decimal.ts';
import type {
  Booted,
  Effect,
  EngineInput,
  InstrumentsListed,
  VenueSnapshot,
} from '../../src/domain/event.ts';
import { type Instrument, isPerp } from '../../src/domain/instrument.ts';
import type { OrderState } from '../../src/domain/order-state.ts';
import type { BalanceEvent, FillEvent, OrderEvent } from '../../src/domain/venue-event.ts';
import type { EdgeBreakdown, LegView, OpenIntent } from '../../src/domain/view.ts';
import { evolve } from '../../src/engine/evolve.ts';
import { checkInvariants } from '../../src/engine/invariants.ts';
import type { Policy } from '../../src/engine/policy.ts';
import { type EngineState, emptyState } from '../../src/engine/state.ts';
import { step } from '../../src/engine/step.ts';
import { testPolicy } from './in-process-run.ts';

export const binancePerp = perpOf('binance', 'futures');
export const okxPerp = perpOf('okx', 'unified');
export const binanceSpot: Instrument = {
  ...binancePerp,
  id: 'binance:BTC-USDT-SPOT',
  kind: 'spot',
  wallet: 'spot',
  notionalMin: decimal('5'),
  lotSize: decimal('0.00001'),
};

function perpOf(venue: string, wallet: string): Instrument {
  return {
    id: `${venue}:BTC-USDT-PERP`,
    venue,
    symbol: 'BTCUSDT',
    kind: 'linear-perp',
    base: 'BTC',
    quote: 'USDT',
    settle: 'USDT',
    wallet,
    contractSize: decimal('1'),
    qtyUnit: decimal('1'),
    priceUnit: decimal('1'),
    tickSize: decimal('0.1'),
    lotSize: decimal('0.001'),
    qtyMin: null,
    qtyMax: null,
    notionalMin: null,
    status: 'trading',
    fundingIntervalMs: null,
    leverageMax: null,
  };
}

export class EngineRig {
  readonly state: EngineState = emptyState();
  readonly policy: Policy;
  wallMs = 1_000_000;
  private trades = 0;
  private epoch = 0;

  constructor(changes: Partial<Policy> = {}) {
    this.policy = { ...testPolicy, ...changes };
  }

  /** Booted, both venues up, their opening balances booked, a mark of each perpetual. */
  static running(changes: Partial<Policy> = {}): EngineRig {
    const rig = new EngineRig(changes);
    rig.boot();
    rig.connect();
    rig.marks(50_000);
    return rig;
  }

  /** One input through `step`; what the engine decided. */
  put(input: EngineInput, legs: readonly LegView[] = []): readonly Effect[] {
    const { state, wallMs } = this;
    this.wallMs += 10;
    const event = { seq: state.seq + 1, tsMs: wallMs, wallMs, input, legs };
    const effects = step(state, event, this.policy).map(({ effect }) => effect);
    checkInvariants(state);
    if (input.kind === 'instruments') this.margin(input);
    return effects;
  }

  /** What is listed is margined 3 times, by a venue that lists no tiers. */
  private margin({ venue, instruments }: InstrumentsListed): void {
    const perps = instruments.filter(({ kind }) => isPerp(kind));
    const terms = perps.map(({ id }) => [id, { leverage: 3, tiers: null }] as const);
    this.put({ kind: 'margin-terms', venue, terms: Object.fromEntries(terms) });
  }

  /** A decision of somebody else, folded as it is. */
  fold(effect: Effect): void {
    const { state, wallMs } = this;
    evolve(state, { seq: state.seq + 1, tsMs: wallMs, wallMs, effect });
  }

  boot(changes: Partial<Booted> = {}): readonly Effect[] {
    this.epoch++;
    return this.put({
      kind: 'booted',
      runId: `abcdef-${this.epoch}`,
      installation: 'abcdef',
      epoch: this.epoch,
      seed: null,
      venues: ['binance', 'okx'],
      configDigest: '',
      ...changes,
    });
  }

  connect({ okxUsdt = '100000' }: { readonly okxUsdt?: string } = {}): void {
    for (const venue of ['binance', 'okx']) {
      const instruments = venue === 'binance' ? [binancePerp, binanceSpot] : [okxPerp];
      this.put({ kind: 'instruments', venue, instruments, feeRates: {} });
      for (const channel of ['rest', 'public', 'private'] as const) {
        this.status(venue, channel, 'up');
      }
      const cash = decimal(venue === 'okx' ? okxUsdt : '100000');
      const opening = [balance(venue, venue === 'okx' ? 'unified' : 'futures', cash)];
      const opened = this.state.venues.get(venue)?.opened === true;
      this.snapshot(venue, opened ? {} : { balances: opening });
    }
  }

  status(
    venue: string,
    channel: 'rest' | 'public' | 'private',
    status: 'up' | 'down',
  ): readonly Effect[] {
    return this.put({ kind: 'venue-status', venue, channel, status, detail: '' });
  }

  /** The venue's account as our books have it, but for what is given. */
  snapshot(venue: string, changes: Partial<VenueSnapshot> = {}): readonly Effect[] {
    const wallet = venue === 'binance' ? 'futures' : 'unified';
    const cash = this.state.ledger.balances.get(`cash/${venue}/${wallet}|USDT`);
    return this.put(
      {
        kind: 'venue-snapshot',
        venue,
        requestId: this.state.venues.get(venue)?.awaiting ?? 'none',
        ok: true,
        sinceMs: 0,
        openOrders: [],
        orders: [],
        fills: [],
        fundingPayments: [],
        balances: [balance(venue, wallet, cash ?? decimal('100000'))],
        positions: [...this.state.positions].flatMap(([id, { qty }]) => {
          const instrument = this.state.instruments.get(id);
          if (instrument?.venue !== venue || instrument.kind === 'spot') return [];
          return [position(instrument, qty)];
        }),
        error: null,
        ...changes,
      },
      [quote(binancePerp), quote(okxPerp)],
    );
  }

  marks(price: number): readonly Effect[] {
    const instruments = [binancePerp.id, okxPerp.id, binanceSpot.id];
    return this.put({
      kind: 'marks',
      marks: instruments.map((instrument) => ({ instrument, price, ageMs: 0 })),
    });
  }

  timer(timer: string): readonly Effect[] {
    const due = this.state.timers.get(timer);
    if (due !== undefined) this.wallMs = Math.max(this.wallMs, due.dueMs);
    return this.put({ kind: 'timer', timer }, [quote(binancePerp), quote(okxPerp)]);
  }

  /** A pair with both entry orders sent, long binance and short okx. */
  open(qty = '0.1', pairId = 'p1-1'): { readonly long: string; readonly short: string } {
    this.fold({ kind: 'pair-created', pairId, intent: intent(qty) });
    const long = `faabcdef0001${pairId.replace(/\W/g, '').padStart(7, '0')}l`;
    const short = long.replace(/l$/, 's');
    for (const [id, instrument, side] of [
      [long, binancePerp, 'buy'],
      [short, okxPerp, 'sell'],
    ] as const) {
      const order = {
        clientOrderId: id,
        venue: instrument.venue,
        instrument: instrument.id,
        side,
        qty: decimal(qty),
        limit: decimal('50000'),
        timeInForce: 'ioc',
        reduceOnly: false,
        purpose: 'entry',
        pairId,
        arrivalMid: 50_000,
      } as const;
      // A test's approval.
      this.fold({ kind: 'place-order', order: order as unknown as OrderState['order'] });
    }
    return { long, short };
  }

  /** A pair that is open: both legs filled. */
  opened(qty = '0.1'): { readonly long: string; readonly short: string } {
    const ids = this.open(qty);
    this.fill(ids.long);
    this.fill(ids.short);
    return ids;
  }

  /** A fill of an order of ours, all of it unless given. */
  fill(clientOrderId: string, changes: Partial<FillEvent> = {}): readonly Effect[] {
    return this.put(this.fillOf(clientOrderId, changes), [quote(binancePerp), quote(okxPerp)]);
  }

  fillOf(clientOrderId: string, changes: Partial<FillEvent> = {}): FillEvent {
    const known = this.state.orders.get(clientOrderId)?.order;
    return {
      kind: 'fill',
      venue: known?.venue ?? 'binance',
      symbol: 'BTCUSDT',
      instrument: known?.instrument ?? binancePerp.id,
      venueTsMs: this.wallMs,
      fillId: `${++this.trades}`,
      clientOrderId,
      venueOrderId: null,
      side: known?.side ?? 'buy',
      price: decimal('50000'),
      qty: known?.qty ?? decimal('0.1'),
      fee: zero,
      feeAsset: 'USDT',
      liquidity: 'taker',
      realizedPnl: zero,
      forced: false,
      ...changes,
    };
  }

  /** What the venue says of an order of ours. */
  order(clientOrderId: string, changes: Partial<OrderEvent> = {}): readonly Effect[] {
    const known = this.state.orders.get(clientOrderId)?.order;
    return this.put(
      {
        kind: 'order',
        venue: known?.venue ?? 'binance',
        symbol: 'BTCUSDT',
        instrument: known?.instrument ?? null,
        venueTsMs: this.wallMs,
        clientOrderId,
        venueOrderId: null,
        status: 'canceled',
        side: known?.side ?? 'buy',
        qty: known?.qty ?? zero,
        filledQty: zero,
        limit: null,
        averagePrice: null,
        reduceOnly: null,
        reason: null,
        ...changes,
      },
      [quote(binancePerp), quote(okxPerp)],
    );
  }
}

/** Orders among the effects. */
export function ordersIn(effects: readonly Effect[]) {
  return effects.flatMap((effect) => (effect.kind === 'place-order' ? [effect.order] : []));
}

export function alertsIn(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) => (effect.kind === 'alert' ? [effect.code] : []));
}

export function quote(instrument: Instrument, changes: Partial<LegView> = {}): LegView {
  return {
    instrument: instrument.id,
    venue: instrument.venue,
    kind: instrument.kind,
    bid: 49_999,
    bidQty: 10,
    ask: 50_001,
    askQty: 10,
    bids: [],
    asks: [],
    mark: 50_000,
    index: 50_000,
    funding: null,
    feeRateTaker: 0.0005,
    quoteAgeMs: 10,
    fundingAgeMs: 10,
    ...changes,
  };
}

export function intent(qty: string, changes: Partial<OpenIntent> = {}): OpenIntent {
  return {
    kind: 'open',
    key: { strategy: 'perp-perp', long: binancePerp.id, short: okxPerp.id },
    qty: decimal(qty),
    longQty: null,
    longLimit: 50_000,
    shortLimit: 50_000,
    edge: {} as EdgeBreakdown, // read by nobody here
    ...changes,
  };
}

export function balance(venue: string, wallet: string, total: BalanceEvent['total']): BalanceEvent {
  return {
    kind: 'balance',
    venue,
    symbol: null,
    instrument: null,
    venueTsMs: 1,
    asset: 'USDT',
    total,
    available: null,
    wallet,
  };
}

export function position(instrument: Instrument, qty: BalanceEvent['total']) {
  return {
    kind: 'position',
    venue: instrument.venue,
    symbol: instrument.symbol,
    instrument: instrument.id,
    venueTsMs: 1,
    qty,
    entryPrice: decimal('50000'),
    markPrice: 50_000,
    liquidationPrice: null,
    leverage: 3,
  } as const;
}
