// Cases against the simulated venue in one process: what only an exchange behind the adapter shows.
// Books are replayed with the venue's own sequencing rule, orders live their lives.
import { describe, expect, it } from 'vitest';
import { present } from '../base/assert.ts';
import { type Decimal, decimal, fromNumber, roundToStep, zero } from '../base/decimal.ts';
import { type Instrument, isPerp, marketOf } from '../domain/instrument.ts';
import type { MarginTiers } from '../domain/margin.ts';
import type { ApprovedOrder } from '../domain/order.ts';
import type {
  DepthEvent,
  ErrorEvent,
  FundingRateEvent,
  OrderEvent,
  Reaction,
} from '../domain/venue-event.ts';
import { OrderBook } from '../io/book.ts';
import { accepted, fillsOf, lastOrder, sum } from './outcomes.ts';
import { allMarkets, ProtocolRig, type RigStream } from './rig.ts';
import type { ConformanceSubject } from './subject.ts';

const ticks = 12;
const topLevels = 10;

export function venueCases(subject: ConformanceSubject): void {
  const { spec, protocol } = subject;
  const lists = subject.catalog().all();
  const kinds = (['linear-perp', 'inverse-perp', 'spot'] as const).filter((kind) =>
    lists.some((listed) => listed.kind === kind),
  );
  const perpKinds = kinds.filter(isPerp);

  describe('against the simulated venue', () => {
    const rig = (): ProtocolRig =>
      new ProtocolRig(spec, present(protocol, 'a simulated venue'), subject.listings);
    const has = (ctx: { skip(condition: boolean, why: string): void }): void =>
      ctx.skip(protocol === null, 'the venue has no simulated counterpart');

    it('lists instruments as the exchange has them, in our units', async (ctx) => {
      has(ctx);
      const on = rig();
      for (const { instrument } of on.exchange.instruments()) {
        const read = present(on.catalog.byId(instrument.id), instrument.id);
        const { tickSize, lotSize, qtyMin, qtyUnit, priceUnit, settle, wallet, status } = read;
        expect({ tickSize, lotSize, qtyMin, qtyUnit, priceUnit, settle, wallet, status }).toEqual({
          tickSize: instrument.tickSize,
          lotSize: instrument.lotSize,
          qtyMin: instrument.qtyMin,
          qtyUnit: instrument.qtyUnit,
          priceUnit: instrument.priceUnit,
          settle: instrument.settle,
          wallet: instrument.wallet,
          status: instrument.status,
        });
      }
    });

    it('reads quotes of every instrument over REST as the exchange has them', async (ctx) => {
      has(ctx);
      const on = rig();
      const listed = on.exchange.instruments().map(({ instrument }) => instrument);
      const events = spec.requests.quotes(on.catalog.all()).flatMap((request) => on.ask(request));
      for (const { id } of listed) {
        const quote = events.find((e) => e.kind === 'quote' && e.instrument === id);
        const { bid, ask, bidQty, askQty } = on.exchange.quote(id);
        expect(quote).toMatchObject({ bid, ask });
        const { bidQty: b, askQty: a } = quote as { bidQty: number; askQty: number }; // a quote
        expect(b / bidQty).toBeCloseTo(1, 9);
        expect(a / askQty).toBeCloseTo(1, 9);
      }
    });

    it('knows rate, time and interval of every perpetual, and never guesses one', async (ctx) => {
      has(ctx);
      const on = rig();
      const perps = on.catalog.all().filter(({ kind }) => isPerp(kind));
      const events = spec.requests
        .fundingRates(perps)
        .flatMap((request) => on.ask(request))
        .filter((e): e is FundingRateEvent => e.kind === 'funding-rate');
      for (const { id } of perps) {
        const truth = present(on.exchange.funding(id), id);
        const joined = events.filter(({ instrument }) => instrument === id);
        const said = <K extends keyof FundingRateEvent>(name: K) =>
          joined.map((event) => event[name]).find((value) => value !== null) ?? null;
        expect(said('settlesAtMs')).toBe(truth.settlesAtMs);
        expect(said('ratePerInterval')).toBeCloseTo(truth.ratePerInterval, 7);
        // Not said is for the driver to infer from past settlements: never a default.
        expect([truth.intervalMs, null]).toContain(said('intervalMs'));
        expect(joined.every(({ settled, nextRate }) => !settled && nextRate === null)).toBe(true);
      }
    });

    it('reads the margin tiers that the exchange margins by', (ctx) => {
      ctx.skip(spec.requests.marginTiers === undefined, 'the adapter reads none');
      has(ctx);
      const on = rig();
      const perps = on.catalog.all().filter(({ kind }) => isPerp(kind));
      const requests = spec.requests.marginTiers?.(perps) ?? [];
      const tables = new Map<string | null, MarginTiers>();
      for (const event of requests.flatMap((request) => on.ask(request))) {
        if (event.kind === 'margin-tiers') tables.set(event.instrument, event.table);
      }
      for (const { id } of perps) {
        const truth = present(on.exchange.instrument(id), id).marginTiers;
        const { unit, tiers } = present(tables.get(id), `tiers of ${id}`);
        expect(unit).toBe(truth.unit);
        expect(tiers).toHaveLength(truth.tiers.length);
        for (const [k, { sizeMax, ...terms }] of truth.tiers.entries()) {
          const { sizeMax: said, ...saidTerms } = present(tiers[k], 'a tier');
          expect(saidTerms).toEqual(terms);
          // Where a venue says floors alone the last tier has no end.
          if (k < tiers.length - 1) expect(said).toBe(sizeMax);
          else expect(said >= sizeMax).toBe(true);
        }
      }
    });

    it.each(kinds)(
      'replays a book of %s in sequence; a lost frame is noticed at once',
      async (kind) => {
        if (protocol === null) return;
        const on = rig();
        const of = on.one('BTC', kind);
        const { book, lost } = await replay(on, of, null);
        expect(lost).toBe(null);
        const truth = on.exchange.book(of.id, topLevels);
        for (const side of ['bids', 'asks'] as const) {
          const levels = book?.[side].slice(0, topLevels) ?? [];
          expect(levels.map(([price]) => price)).toEqual(truth[side].map(([price]) => price));
          // Contracts become base units: the last place may differ.
          for (const [i, [, qty]] of levels.entries()) {
            expect(qty / (truth[side][i]?.[1] ?? 0)).toBeCloseTo(1, 12);
          }
        }
        for (const dropped of [2, 5, 8]) {
          const again = await replay(rig(), of, dropped);
          // The very next delta shows the hole: nothing is served from a book with one.
          expect(again.lost, `delta ${dropped} lost`).toBe(dropped + 1);
        }
      },
    );

    it('an order rests, is found, is cancelled, and is gone to a second cancel', async (ctx) => {
      has(ctx);
      for (const kind of kinds) {
        const on = rig();
        const of = on.one('BTC', kind);
        const stream = await openPrivate(on, of);
        const order = on.draft(of, -0.02, { timeInForce: 'gtc' });
        accepted(on.place(order));
        on.pass();
        expect(lastOrder(await on.take(stream), order)).toMatchObject({
          ...{ status: 'open', side: 'buy', qty: order.qty, filledQty: zero, limit: order.limit },
          instrument: of.id,
        });
        const listed = spec.requests.openOrders([of]).flatMap((request) => on.ask(request));
        expect(lastOrder(listed, order)).toMatchObject({ status: 'open', qty: order.qty });
        expect(found(on, order, of)).toMatchObject({ status: 'open' });
        accepted(on.ask(spec.requests.cancel(order.clientOrderId, of)));
        on.pass();
        expect(lastOrder(await on.take(stream), order)).toMatchObject({ status: 'canceled' });
        expect(found(on, order, of)).toMatchObject({ status: 'canceled', filledQty: zero });
        const again = on.ask(spec.requests.cancel(order.clientOrderId, of));
        expect(again).toMatchObject([{ kind: 'error', reaction: 'reconcile' }]);
      }
    });

    it('an order fills: fee, order, position, balance, on stream and in listings', async (ctx) => {
      has(ctx);
      for (const kind of kinds) {
        const on = rig();
        const of = on.one('BTC', kind);
        const stream = await openPrivate(on, of);
        const order = on.draft(of, 0.01);
        accepted(on.place(order));
        on.pass();
        const said = await on.take(stream);
        const fills = fillsOf(said, order);
        expect(sum(fills.map(({ qty }) => qty))).toBe(order.qty);
        expect(fills.every(({ fee, liquidity }) => fee < 0n && liquidity === 'taker')).toBe(true);
        expect(lastOrder(said, order)).toMatchObject({ status: 'filled', filledQty: order.qty });
        expect(said.some((event) => event.kind === 'balance')).toBe(true);
        if (kind !== 'spot') {
          const position = said.filter((event) => event.kind === 'position').at(-1);
          expect(position).toMatchObject({ instrument: of.id, qty: order.qty });
          const held = spec.requests.positions([of]).flatMap((request) => on.ask(request));
          const rows = held.filter((e) => e.kind === 'position' && e.instrument === of.id);
          expect(rows).toMatchObject([{ qty: order.qty }]);
        }
        const scope = { instruments: [of], sinceMs: on.exchange.quote(of.id).tsMs - 3_600_000 };
        const listed = spec.requests.fills(scope).flatMap((request) => on.ask(request));
        const truth = on.exchange.fills({ instrument: of.id });
        const ids = listed.flatMap((e) => (e.kind === 'fill' ? [e.fillId] : []));
        expect([...new Set(ids)].sort()).toEqual(fills.map(({ fillId }) => fillId).sort());
        expect(fills.map(({ price }) => price)).toEqual(truth.map(({ price }) => price));
        expect(fills.map(({ fee }) => -fee)).toEqual(truth.map(({ feePaid }) => feePaid));
        const balances = spec.requests.balances(allMarkets).flatMap((request) => on.ask(request));
        for (const { asset, wallet, total } of on.exchange.balances()) {
          const row = balances.find(
            (e) => e.kind === 'balance' && e.asset === asset && e.wallet === wallet,
          );
          if (total !== zero) expect(row).toMatchObject({ total });
        }
      }
    });

    it('a part that filled stays with an order that ended', async (ctx) => {
      has(ctx);
      const on = rig();
      const of = on.one('BTC', 'linear-perp');
      const stream = await openPrivate(on, of);
      const { askQty, ask } = on.exchange.quote(of.id);
      const lot = present(of.lotSize, 'lot');
      const order = on.draft(of, 0, {
        qty: roundToStep(fromNumber(askQty * 1.01), lot, 'up'),
        limit: fromNumber(ask),
      });
      const said = [...on.place(order)];
      on.pass();
      said.push(...(await on.take(stream)));
      const filled = sum(fillsOf(said, order).map(({ qty }) => qty));
      const last = lastOrder(said, order);
      expect(['canceled', 'expired']).toContain(last.status);
      expect(filled > zero && filled < order.qty).toBe(true);
      expect(last.filledQty).toBe(filled);
    });

    it('a crossing post-only order does not fill, and the reason is told', async (ctx) => {
      has(ctx);
      for (const kind of kinds) {
        const on = rig();
        const of = on.one('BTC', kind);
        const stream = await openPrivate(on, of);
        const order = on.draft(of, 0.01, { timeInForce: 'post-only' });
        const said = [...on.place(order)];
        on.pass();
        said.push(...(await on.take(stream)));
        expect(fillsOf(said, order)).toEqual([]);
        const refused = said.some((e) => e.kind === 'error' && e.reaction === 're-price');
        const ended = said.some(
          (e) => e.kind === 'order' && e.status === 'canceled' && e.reason !== null,
        );
        expect(refused || ended).toBe(true);
      }
    });

    it.each<[what: string, reactions: readonly Reaction[]]>([
      ['more than the money', ['funds']],
      ['below the minimum', ['below-minimum', 'reload-instruments']],
      ['off the tick', ['reload-instruments', 'price-band', 'report']],
      ['far from the market', ['price-band', 'reload-instruments']],
      ['reducing nothing', ['refresh-position']],
      ['a client id again', ['query']],
    ])('refuses %s: %s', (what, reactions) => {
      if (protocol === null) return;
      const on = rig();
      const of = on.one('BTC', 'linear-perp');
      const tick = present(of.tickSize, 'tick');
      const limit = present(on.draft(of, 0.001).limit, 'limit');
      const resting = on.draft(of, -0.02, { timeInForce: 'gtc' });
      if (what === 'a client id again') accepted(on.place(resting));
      const order: ApprovedOrder = {
        'more than the money': on.draft(of, 0.001, { qty: decimal('90') }),
        'below the minimum': on.draft(of, 0.001, {
          qty: (present(of.lotSize, 'lot') / 10n) as Decimal,
        }),
        'off the tick': on.draft(of, 0, { limit: (limit + tick / 2n) as Decimal }),
        'far from the market': on.draft(of, 0.9),
        'reducing nothing': on.draft(of, -0.01, { side: 'sell', reduceOnly: true }),
        'a client id again': on.draft(of, -0.02, {
          ...{ clientOrderId: resting.clientOrderId, timeInForce: 'gtc' },
        }),
      }[what] as ApprovedOrder; // every row has one
      const said = on.place(order);
      expect(said).toHaveLength(1);
      const error = said[0] as ErrorEvent;
      expect(error).toMatchObject({ kind: 'error', clientOrderId: order.clientOrderId });
      expect(error.code).not.toBe('TRANSIENT');
      expect(reactions).toContain(error.reaction);
    });

    it('no such order: reconcile, never silence', async (ctx) => {
      has(ctx);
      const on = rig();
      const of = on.one('BTC', 'linear-perp');
      const [query] = spec.requests.queryOrder('fanothing1', of);
      const said = on.ask(present(query, 'a query'));
      expect(said).toMatchObject([{ kind: 'error', code: 'REJECTED', reaction: 'reconcile' }]);
    });

    it('without an outcome it is unknown; the order is found by its client id', async (ctx) => {
      has(ctx);
      const on = rig();
      const of = on.one('BTC', 'linear-perp');
      const order = on.draft(of, -0.02, { timeInForce: 'gtc' });
      on.faults.add('unknown-outcome');
      const said = on.place(order);
      on.faults.clear();
      expect(said).toMatchObject([{ kind: 'error', code: 'UNKNOWN_OUTCOME', reaction: 'query' }]);
      expect(found(on, order, of)).toMatchObject({ status: 'open' });
    });

    it('a skewed clock and a rate limit are told as such', async (ctx) => {
      has(ctx);
      const on = rig();
      const of = on.one('BTC', 'linear-perp');
      on.faults.add('clock-skew');
      expect(on.place(on.draft(of, 0))).toMatchObject([{ reaction: 'resync-clock' }]);
      on.faults.clear();
      on.faults.add('rate-limit').add('rate-limited');
      expect(on.place(on.draft(of, 0))).toMatchObject([{ code: 'RATE_LIMITED' }]);
    });

    it.each(perpKinds)('funding of %s is paid: + received, once, to its wallet', async (kind) => {
      if (protocol === null) return;
      const on = rig();
      const of = on.one('BTC', kind);
      accepted(on.place(on.draft(of, 0.01)));
      const { settlesAtMs } = present(on.exchange.funding(of.id), 'funding');
      const scope = { instruments: [of], sinceMs: settlesAtMs - 3_600_000 };
      on.pass(settlesAtMs - on.exchange.quote(of.id).tsMs + 60_000);
      const said = spec.requests.fundingPayments(scope).flatMap((request) => on.ask(request));
      const truth = on.exchange.fundingPayments({ instrument: of.id });
      expect(truth.length).toBeGreaterThan(0);
      const read = new Map(said.flatMap((e) => (e.kind === 'funding-payment' ? [[e.id, e]] : [])));
      expect([...read.values()]).toMatchObject(
        truth.map(({ amount, asset, wallet }) => ({ amount, asset, wallet, instrument: of.id })),
      );
    });
  });

  async function openPrivate(on: ProtocolRig, of: Instrument): Promise<RigStream> {
    const [stream, ...more] = spec.privateStreams([of]);
    expect(more).toEqual([]);
    const opened = on.open(present(stream, 'a private stream'));
    await on.take(opened);
    return opened;
  }

  function found(on: ProtocolRig, order: ApprovedOrder, of: Instrument): OrderEvent {
    const said = spec.requests
      .queryOrder(order.clientOrderId, of)
      .flatMap((request) => on.ask(request));
    return lastOrder(said, order);
  }

  /**
   * The book of the frames of some ticks; `lost` is the delta at which the rule asked for a new
   * one.
   */
  async function replay(
    on: ProtocolRig,
    of: Instrument,
    drop: number | null,
  ): Promise<{ readonly book: OrderBook | null; readonly lost: number | null }> {
    const streams = spec.publicStreams([of], { depth: true }).map((stream) => on.open(stream));
    const book = new OrderBook(1_000);
    const state: { lastSeq: string | null; fresh: boolean } = { lastSeq: null, fresh: true };
    let deltas = 0;
    const adopt = (event: DepthEvent): void => {
      book.replace(event.bids, event.asks);
      state.lastSeq = event.seq;
      state.fresh = true;
    };
    const snapshot = spec.requests.depth(of);
    if (snapshot !== null) {
      for (const event of on.ask(snapshot)) if (event.kind === 'depth') adopt(event);
      expect(state.lastSeq).not.toBeNull();
    }
    for (let i = 0; i < ticks; i++) {
      on.pass();
      const said = await Promise.all(streams.map((stream) => on.take(stream)));
      for (const event of said.flat()) {
        if (event.kind !== 'depth' || event.instrument !== of.id) continue;
        const verdict = spec.bookVerdict(event, state, marketOf(of.kind));
        if (event.snapshot) {
          expect(verdict).toBe('apply');
          adopt(event);
          continue;
        }
        deltas++;
        if (deltas === drop) continue;
        if (verdict === 'resync') return { book: null, lost: deltas };
        if (verdict === 'drop') continue;
        book.apply(event.bids, event.asks);
        state.lastSeq = event.seq;
        state.fresh = false;
      }
    }
    expect(deltas).toBeGreaterThanOrEqual(ticks - 2);
    return { book, lost: null };
  }
}
