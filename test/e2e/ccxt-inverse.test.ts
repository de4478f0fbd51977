// Coin-margined perpetuals of the local testnet, read and traded by unmodified ccxt (binancecoinm,
// okx, bybit: only their URLs are changed) and by our own adapter on the same account: both must
// agree. Margin, fees and profit are in the coin.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Decimal, decimal, toNumber } from '../../src/base/decimal.ts';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { FillEvent, FundingRateEvent } from '../../src/domain/venue-event.ts';
import { venues } from '../../src/venues/registry.ts';
import { type CcxtClient, ccxtClient } from '../conformance/ccxt-client.ts';
import { type LocalDriver, startLocalDriver } from '../conformance/local-driver.ts';
import { type LocalVenue, startLocalVenue } from '../conformance/local-testnet.ts';

const symbol = 'BTC/USD:BTC';
const startCoins = 2;
const served = [
  { id: 'binance', wallet: 'coin-futures', face: 100 },
  { id: 'okx', wallet: 'unified', face: 100 },
  { id: 'bybit', wallet: 'unified', face: 1 },
] as const;

describe.each(served.map((each) => [each.id, each] as const))(
  'inverse perpetuals of %s',
  (id, { wallet, face }) => {
    const spec = venues.find((each) => each.id === id);
    if (spec === undefined) throw new Error(`no ${id}`);
    /** 20,000 USD of face. */
    const contracts = 20_000 / face;
    let venue: LocalVenue;
    let ours: LocalDriver;
    let theirs: CcxtClient;
    let perp: Instrument;

    beforeAll(async () => {
      const coins = [{ wallet, asset: 'BTC', amount: decimal(String(startCoins)) }];
      venue = await startLocalVenue(id, { coins });
      ours = await startLocalDriver(
        spec,
        venue,
        ({ base, kind }) => base === 'BTC' && kind === 'inverse-perp',
        ['inverse'],
      );
      theirs = await ccxtClient(id, venue, 'inverse');
      perp = ours.catalog.byId(`${id}:BTC-USD-INV`) as Instrument;
    });
    afterAll(async () => {
      await theirs?.close();
      await ours?.driver.stop();
      await venue?.testnet.stop();
    });

    it('ccxt lists what we list', () => {
      const market = theirs.market(symbol);
      expect(market).toMatchObject({
        ...{ id: perp.symbol, swap: true, inverse: true, linear: false, settle: 'BTC' },
        ...{ contractSize: face, active: true },
      });
      expect(toNumber(perp.contractSize)).toBe(face);
      expect(market.precision.price).toBe(toNumber(perp.tickSize as Decimal));
      expect(market.precision.amount).toBe(toNumber(perp.lotSize as Decimal));
    });

    it('rates, settlement time, interval and history', async () => {
      const rate = await theirs.fetchFundingRate(symbol);
      const truth = venue.exchange.funding(perp.id);
      expect(rate.fundingRate).toBeCloseTo(truth?.ratePerInterval ?? Number.NaN, 7);
      expect(rate.fundingTimestamp).toBe(ours.cell(perp, 'settlesAtMs'));
      expect(ours.cell(perp, 'intervalMs')).toBe(truth?.intervalMs);
      expect(ours.cell(perp, 'mark')).toBeGreaterThan(0);
      expect(ours.cell(perp, 'index')).toBeGreaterThan(0);
      const past = await theirs.fetchFundingRateHistory(symbol, undefined, 5);
      const range = { fromMs: Date.now() - 3 * 86_400_000, toMs: Date.now() };
      const request = spec.requests.fundingHistory(perp, range);
      const reply = await fetch(`${venue.http}${request.path}?${request.query}`);
      const read = spec.decodeReply(
        request,
        { status: reply.status, body: await reply.text() },
        ours.catalog,
      ) as readonly FundingRateEvent[];
      for (const { timestamp, fundingRate } of past) {
        const same = read.find(({ settlesAtMs }) => settlesAtMs === timestamp);
        expect(same?.ratePerInterval).toBe(fundingRate);
      }
      expect(past.length).toBeGreaterThan(0);
    });

    it('a book of contracts', async () => {
      const book = await theirs.fetchOrderBook(symbol, 5);
      expect(Number(book.bids[0]?.[0])).toBeLessThan(Number(book.asks[0]?.[0]));
      expect(Number.isInteger(book.bids[0]?.[1])).toBe(true);
      const top = ours.table.books[ours.catalog.indexOf(perp.id)];
      expect(Number.isInteger(top?.bids[0]?.[1])).toBe(true);
    });

    it('ccxt places and cancels, and our stream tells it', async () => {
      await theirs.setLeverage(5, symbol);
      const bid = ours.cell(perp, 'bid');
      const from = ours.inbox.messages.length;
      const price = Number(theirs.priceToPrecision(symbol, bid * 0.97));
      const placed = await theirs.createOrder(symbol, 'limit', 'buy', contracts, price);
      const resting = await ours.next(
        'order',
        (e) => e.venueOrderId === String(placed.id) && e.status === 'open',
        from,
      );
      expect(resting).toMatchObject({ instrument: perp.id, qty: decimal(String(contracts)) });
      expect((await theirs.fetchOpenOrders(symbol)).map((order) => order.id)).toEqual([placed.id]);
      await theirs.cancelOrder(String(placed.id), symbol);
      await ours.next(
        'order',
        (e) => e.venueOrderId === String(placed.id) && e.status === 'canceled',
        from,
      );
    });

    it('a fill, the position and the balance are the same on both sides, in coin', async () => {
      const from = ours.inbox.messages.length;
      const placed = await theirs.createOrder(symbol, 'market', 'sell', contracts);
      const filled = await ours.next(
        'order',
        (e) => e.venueOrderId === String(placed.id) && e.status === 'filled',
        from,
      );
      expect(filled.filledQty).toBe(decimal(String(contracts)));
      const fills = ours.inbox.messages.filter(
        (e): e is FillEvent => e.kind === 'fill' && e.venueOrderId === String(placed.id),
      );
      const trades = await theirs.fetchMyTrades(symbol);
      expect(trades.map((trade) => trade.id).sort()).toEqual(fills.map((f) => f.fillId).sort());
      for (const trade of trades) {
        const fill = fills.find(({ fillId }) => fillId === trade.id) as FillEvent;
        expect(fill.feeAsset).toBe('BTC');
        expect(trade.fee?.cost).toBeCloseTo(-toNumber(fill.fee), 8);
        // Fee = contracts x face / price x rate, in coin: about 20,000 / 64,000 x 0.05%.
        const coin = (toNumber(fill.qty) * face) / toNumber(fill.price);
        expect(toNumber(fill.fee) / coin).toBeLessThan(-0.0004);
      }
      const requestId = `inverse ${id}`;
      ours.driver.act({ kind: 'request-snapshot', venue: id, requestId, sinceMs: 0 });
      const snapshot = await ours.next('venue-snapshot', (e) => e.requestId === requestId);
      expect(snapshot).toMatchObject({ ok: true, error: null });
      const [position] = snapshot.positions.filter(({ qty }) => qty !== 0n);
      expect(position).toMatchObject({ instrument: perp.id, qty: decimal(String(-contracts)) });
      const [read] = (await theirs.fetchPositions([symbol])).filter(
        (each) => Number(each.contracts) > 0,
      );
      expect(read).toMatchObject({ side: 'short', contracts });
      expect(read?.entryPrice).toBeCloseTo(toNumber(position?.entryPrice as Decimal), 6);
      const held = snapshot.balances.find((b) => b.asset === 'BTC' && b.wallet === wallet);
      const paid = fills.reduce((total, { fee }) => total + fee, 0n);
      expect(held?.total).toBe((decimal(String(startCoins)) + paid) as Decimal);
      const balance = await theirs.fetchBalance();
      // ccxt counts the profit of the position in OKX's total: a few dollars of spread.
      expect(balance['BTC']?.total).toBeCloseTo(toNumber(held?.total as Decimal), 2);
    });
  },
);
