// The pitfalls that live in the adapters: how payloads are read and requests are written.
import { describe, expect, it } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { type Decimal, decimal, formatDecimal, plus, zero } from '../../src/base/decimal.ts';
import { hourMs } from '../../src/base/time.ts';
import { qtyFromVenue } from '../../src/domain/instrument.ts';
import type { FillEvent, FundingRateEvent, VenueEvent } from '../../src/domain/venue-event.ts';
import type { VenueSpec } from '../../src/domain/venue-spec.ts';
import { intervalOf } from '../../src/io/driver-market.ts';
import { linearPerpsByAsset } from '../../src/strategy/assets.ts';
import { commonLot, spotBuyQty } from '../../src/strategy/sizing.ts';
import { draftOf } from '../../src/testing/drafts.ts';
import { ProtocolRig } from '../../src/testing/rig.ts';
import { binance } from '../../src/venues/binance/index.ts';
import { bybit } from '../../src/venues/bybit/index.ts';
import { okx } from '../../src/venues/okx/index.ts';
import { exampleCatalog, fixture as ofBinance, requestOf } from '../support/binance-fixtures.ts';
import { fixtureCatalog, fixture as ofBybit, requestTo } from '../support/bybit-fixtures.ts';
import { okxCatalog, okxFixture, okxRequest } from '../support/okx-fixtures.ts';
import { pitfall } from './pitfalls.ts';
import { binanceSubject } from './subjects/binance.ts';
import { bybitSubject } from './subjects/bybit.ts';
import { okxSubject } from './subjects/okx.ts';

const subjects = [binanceSubject, okxSubject, bybitSubject] as const;
const rigOf = (subject: (typeof subjects)[number]): ProtocolRig =>
  new ProtocolRig(subject.spec, present(subject.protocol, 'a protocol'));
const each = subjects.map((subject) => [subject.spec.id, subject] as const);

const frame = (spec: VenueSpec, text: string, catalog = exampleCatalog()): readonly VenueEvent[] =>
  spec.decode(new TextEncoder().encode(text), { stream: 's', market: 'linear' }, catalog);
const ratesIn = (events: readonly VenueEvent[]): readonly FundingRateEvent[] =>
  events.filter((event): event is FundingRateEvent => event.kind === 'funding-rate');
const fillsIn = (events: readonly VenueEvent[]): readonly FillEvent[] =>
  events.filter((event): event is FillEvent => event.kind === 'fill');

describe('pitfalls of the adapters', () => {
  it(pitfall(2, 'adapter'), () => {
    const on = rigOf(binanceSubject);
    const of = on.one('BTC', 'linear-perp');
    const said = ratesIn(binance.requests.fundingRates([of]).flatMap((r) => on.ask(r)));
    const mine = said.filter(({ instrument }) => instrument === of.id);
    expect(mine.every(({ intervalMs }) => intervalMs === null)).toBe(true);
    const next = present(mine.find((e) => e.settlesAtMs !== null)?.settlesAtMs, 'a settlement');
    const nowMs = on.exchange.quote(of.id).tsMs;
    const range = { fromMs: nowMs - 48 * hourMs, toMs: nowMs };
    const history = ratesIn(on.ask(binance.requests.fundingHistory(of, range)));
    expect(history.at(-1)).toMatchObject({ intervalMs: 8 * hourMs, settled: true });
    const last = present(history.at(-1)?.settlesAtMs, 'the last settlement');
    expect(intervalOf(last, next, nowMs)).toBe(on.exchange.funding(of.id)?.intervalMs);
  });

  it(pitfall(3, 'adapter'), () => {
    const [mark, rate] = frame(
      binance,
      ofBinance('usdm-mark-price')
        .replace(/"r":"[^"]*"/, '"r":""')
        .replace(/"i":"[^"]*"/, '"i":""'),
    );
    expect(mark).toMatchObject({ kind: 'mark-price', index: null });
    expect(rate).toMatchObject({ kind: 'funding-rate', ratePerInterval: null });
    for (const event of ratesIn(frame(okx, okxFixture('frame-funding-rate'), okxCatalog()))) {
      expect(event.nextRate).toBeNull();
    }
    const ticker = ofBybit('ws-tickers-linear-snapshot');
    const blank = ticker
      .replace(/"fundingRate":"[^"]*"/, '"fundingRate":""')
      .replace(/"indexPrice":"[^"]*"/, '"indexPrice":""');
    const said = frame(bybit, blank, fixtureCatalog());
    expect(ratesIn(said)).toMatchObject([{ ratePerInterval: null }]);
    expect(said.find(({ kind }) => kind === 'mark-price')).toMatchObject({ index: null });
  });

  it(pitfall(4, 'adapter'), () => {
    // One payment of 1.25 received: the execution list prints the fee -1.25, the ledger +1.25.
    const execution = ofBybit('ws-execution-funding').replace(
      /"execFee":"[^"]*"/,
      '"execFee":"-1.25"',
    );
    const ledger = ofBybit('rest-transaction-log').replaceAll(
      /"funding":"[^"]+"/g,
      '"funding":"1.25"',
    );
    const request = requestTo('GET /v5/account/transaction-log');
    const booked = bybit.decodeReply(request, { status: 200, body: ledger }, fixtureCatalog());
    const amounts = [...frame(bybit, execution, fixtureCatalog()), ...booked].flatMap((event) =>
      event.kind === 'funding-payment' ? [formatDecimal(event.amount)] : [],
    );
    expect(new Set(amounts)).toEqual(new Set(['1.25']));
    expect(amounts.length).toBeGreaterThanOrEqual(2);
    // Only one of the two is ever asked for: their ids differ.
    const scope = { instruments: fixtureCatalog().all(), sinceMs: 0 };
    const paths = bybit.requests.fundingPayments(scope).map(({ path }) => path);
    expect(new Set(paths)).toEqual(new Set(['/v5/execution/list']));
  });

  it.each(each)(`${pitfall(5, 'adapter')} %s`, (_id, { spec, catalog }) => {
    const of = present(
      catalog()
        .all()
        .find((i) => i.kind === 'linear-perp'),
      'a perpetual',
    );
    const place = spec.requests.place(draftOf(of), of);
    for (const status of [0, 500, 502, 503, 504]) {
      const said = spec.decodeReply(place, { status, body: '<html>' }, catalog());
      expect(said).toMatchObject([{ code: 'UNKNOWN_OUTCOME', reaction: 'query' }]);
    }
  });

  it(pitfall(6, 'adapter'), () => {
    // The venue takes the id again once its order filled, so only the client can keep it unique.
    const on = rigOf(binanceSubject);
    const of = on.one('BTC', 'linear-perp');
    const order = on.draft(of, 0.01);
    for (const _again of [1, 2]) {
      expect(on.place(order).some((event) => event.kind === 'error')).toBe(false);
    }
    expect(on.exchange.position(of.id).qty).toBe(plus(order.qty, order.qty));
    // While it is open the id is refused, and the answer asks for a query, not for another send.
    const resting = on.draft(of, -0.02, { timeInForce: 'gtc' });
    on.place(resting);
    expect(on.place(resting)).toMatchObject([{ code: 'UNKNOWN_OUTCOME', reaction: 'query' }]);
  });

  it(pitfall(7, 'adapter'), async () => {
    const on = rigOf(bybitSubject);
    const of = on.one('BTC', 'linear-perp');
    const stream = on.open(present(bybit.privateStreams([of])[0], 'a private stream'));
    on.faults.add('ack-then-reject');
    const order = on.draft(of, 0.01);
    expect(on.place(order)).toMatchObject([{ kind: 'control', name: 'ack' }]);
    on.pass();
    const told = (await on.take(stream)).filter((event) => event.kind === 'order');
    expect(told).toMatchObject([{ clientOrderId: order.clientOrderId, status: 'rejected' }]);
    const query = bybit.requests.queryOrder(order.clientOrderId, of).flatMap((r) => on.ask(r));
    expect(query.filter((event) => event.kind === 'order' && event.status === 'open')).toEqual([]);
  });

  it(pitfall(8, 'adapter'), () => {
    const okxReply = okx.decodeReply(
      okxRequest('POST /api/v5/trade/batch-orders'),
      { status: 200, body: okxFixture('reply-place-batch-partial') },
      okxCatalog(),
    );
    expect(okxReply.map(({ kind }) => kind)).toEqual(['control', 'error']);
    const bybitReply = bybit.decodeReply(
      requestTo('POST /v5/order/create-batch'),
      { status: 200, body: ofBybit('rest-create-batch') },
      fixtureCatalog(),
    );
    expect(new Set(bybitReply.map(({ kind }) => kind))).toEqual(new Set(['control', 'error']));
    const refusal = '{"code":-2022,"msg":"ReduceOnly Order is rejected."}';
    const body = `[${ofBinance('usdm-order')},${refusal}]`;
    const line = requestOf('POST /fapi/v1/batchOrders');
    const binanceReply = binance.decodeReply(line, { status: 200, body }, exampleCatalog());
    expect(binanceReply.map(({ kind }) => kind)).toEqual(['order', 'error']);
  });

  it(pitfall(12, 'adapter'), () => {
    const text = okxFixture('frame-books-update').replace(/"checksum":-?\d+/, '"checksum":0');
    const [event] = frame(okx, text, okxCatalog());
    if (event?.kind !== 'depth') throw new Error('no depth');
    const book = { lastSeq: event.prevSeq, fresh: false };
    expect(okx.bookVerdict(event, book, 'linear')).toBe('apply');
  });

  it(pitfall(15, 'adapter'), () => {
    // Whatever one delta leaves out is unknown: nothing in it is 0 in its place.
    for (const name of ['ws-tickers-linear-delta', 'ws-tickers-linear-delta-mark']) {
      const text = ofBybit(name);
      expect(text).not.toContain('fundingRate"');
      for (const rate of ratesIn(frame(bybit, text, fixtureCatalog()))) {
        expect(rate.ratePerInterval).toBeNull();
      }
    }
  });

  it(pitfall(16, 'adapter'), () => {
    const binanceDated = frame(binance, ofBinance('usdm-mark-price-dated'));
    expect(binanceDated.map(({ kind }) => kind)).toEqual(['mark-price']);
    expect(ratesIn(frame(bybit, ofBybit('ws-tickers-dated'), fixtureCatalog()))).toEqual([]);
    for (const catalog of [exampleCatalog(), fixtureCatalog(), okxCatalog()]) {
      const paired = [...linearPerpsByAsset(catalog.all()).values()].flat();
      expect(paired.length).toBeGreaterThan(0);
      expect(paired.every(({ kind }) => kind === 'linear-perp')).toBe(true);
    }
    const dated = [...exampleCatalog().all(), ...fixtureCatalog().all()].filter(({ kind }) =>
      kind.endsWith('dated'),
    );
    expect(dated.length).toBeGreaterThan(0);
  });

  it(pitfall(17, 'adapter'), () => {
    const swap = present(okxCatalog().byId('okx:BTC-USDT-PERP'), 'the swap');
    // 1.5 contracts x ctVal 0.01 x ctMult 1 = 0.015 BTC, and back.
    expect(qtyFromVenue(swap, decimal('1.5'))).toBe(decimal('0.015'));
    const order = draftOf(swap, { qty: decimal('0.015') });
    expect(okxSubject.sentOrder(okx.requests.place(order, swap)).qty).toBe('1.5');
    const [position] = okx
      .decode(
        new TextEncoder().encode(okxFixture('frame-positions')),
        { stream: 'p', market: null },
        okxCatalog(),
      )
      .filter((event) => event.kind === 'position');
    const contracts = /"pos":"(-?[\d.]+)"/.exec(okxFixture('frame-positions'))?.[1] ?? '';
    expect(position).toMatchObject({ qty: qtyFromVenue(swap, decimal(contracts)) });
    // Lots of 0.02 and 0.03 meet at 0.06.
    const lot = (text: string) => ({ ...swap, lotSize: decimal(text) });
    expect(commonLot(lot('0.02'), lot('0.03'))).toBe(decimal('0.06'));
  });

  it.each(each)(`${pitfall(18, 'adapter')} %s`, async (id, subject) => {
    const on = rigOf(subject);
    const of = on.one('BTC', 'spot');
    const streams = subject.spec.privateStreams([of]).map((stream) => on.open(stream));
    const coins = (): Decimal => {
      const held = on.exchange
        .balances()
        .filter((b) => b.wallet === of.wallet && b.asset === 'BTC');
      return held[0]?.total ?? zero;
    };
    const before = coins();
    const order = on.draft(of, 0.01);
    const said = [...on.place(order)];
    on.pass();
    for (const stream of streams) said.push(...(await on.take(stream)));
    const fills = new Map(fillsIn(said).map((fill) => [fill.fillId, fill]));
    let net: Decimal = zero;
    for (const { qty, fee, feeAsset } of fills.values()) {
      expect([id, feeAsset]).toEqual([id, 'BTC']);
      net = plus(net, plus(qty, fee));
    }
    expect(plus(before, net)).toBe(coins());
    expect(net < order.qty).toBe(true);
    // To be left with 1, buy 1 / (1 - 0.1%) on the lot grid; what is over is dust below one lot.
    const [qty, feeRate, lotSize] = [decimal('1'), decimal('0.001'), decimal('0.001')];
    expect(spotBuyQty({ qty, feeRate, lotSize })).toBe(decimal('1.002'));
  });

  it(pitfall(19, 'adapter'), () => {
    // The early copy has neither fee nor profit: it must not win against the full report.
    expect(frame(binance, ofBinance('usdm-trade-lite'))).toMatchObject([{ kind: 'control' }]);
    const report = frame(binance, ofBinance('usdm-order-trade-update'));
    expect(fillsIn(report)).toHaveLength(1);
    expect(fillsIn(report)[0]?.fee).not.toBe(zero);
  });

  it(pitfall(20, 'adapter'), () => {
    const forced = [
      ...frame(binance, ofBinance('usdm-order-adl')),
      ...frame(binance, ofBinance('usdm-order-liquidation')),
      ...frame(okx, okxFixture('frame-orders-adl'), okxCatalog()),
      ...frame(bybit, ofBybit('ws-execution-forced'), fixtureCatalog()),
    ];
    const fills = fillsIn(forced);
    expect(new Set(fills.map(({ venue }) => venue))).toEqual(new Set(['binance', 'okx', 'bybit']));
    expect(fills.every((fill) => fill.forced && fill.qty > zero)).toBe(true);
    for (const prefix of ['autoclose-', 'adl_autoclose', 'settlement_autoclose-']) {
      const text = ofBinance('usdm-order-trade-update').replace(/"c":"[^"]*"/, `"c":"${prefix}1"`);
      expect(fillsIn(frame(binance, text))).toMatchObject([{ forced: true }]);
    }
  });

  it.each(each)(`${pitfall(21, 'adapter')} %s`, async (_id, subject) => {
    const on = rigOf(subject);
    const of = on.one('BTC', 'linear-perp');
    const streams = subject.spec.privateStreams([of]).map((stream) => on.open(stream));
    const held = on.draft(of, 0.01);
    on.place(held);
    for (const stream of streams) await on.take(stream);
    const twice = plus(held.qty, held.qty);
    const reduce = on.draft(of, -0.02, { side: 'sell', qty: twice, reduceOnly: true });
    const said = [...on.place(reduce)];
    on.pass();
    for (const stream of streams) said.push(...(await on.take(stream)));
    const fills = new Map(
      fillsIn(said)
        .filter(({ clientOrderId }) => clientOrderId === reduce.clientOrderId)
        .map((fill) => [fill.fillId, fill.qty]),
    );
    expect([...fills.values()].reduce<Decimal>(plus, zero)).toBe(held.qty);
    const last = said.filter((event) => event.kind === 'order').at(-1);
    expect(last).toMatchObject({ filledQty: held.qty });
    expect(['filled', 'canceled', 'expired']).toContain((last as { status: string }).status);
    expect(on.exchange.position(of.id).qty).toBe(zero);
  });

  it.each(each)(`${pitfall(22, 'adapter')} %s`, (_id, subject) => {
    // A cancelled order that filled in part keeps its part: the state alone would lose it.
    const on = rigOf(subject);
    const of = on.one('BTC', 'linear-perp');
    const { ask, askQty } = on.exchange.quote(of.id);
    const lot = present(of.lotSize, 'lot');
    const order = on.draft(of, 0, {
      qty: ((decimal(String(askQty)) / lot + 5n) * lot) as Decimal, // brand: on the lot grid
      limit: decimal(String(ask)),
    });
    on.place(order);
    on.pass();
    const found = subject.spec.requests
      .queryOrder(order.clientOrderId, of)
      .flatMap((request) => on.ask(request))
      .find((event) => event.kind === 'order');
    if (found?.kind !== 'order') throw new Error('not found');
    expect(['canceled', 'expired']).toContain(found.status);
    expect(found.filledQty > zero && found.filledQty < order.qty).toBe(true);
  });

  it.each(each)(`${pitfall(23, 'adapter')} %s`, (_id, { spec, ...subject }) => {
    const on = rigOf({ spec, ...subject });
    const of = on.one('BTC', 'linear-perp');
    for (const _again of [1, 2]) {
      const said = spec.requests.setup([of], { leverage: 3 }).flatMap((request) => on.ask(request));
      expect(said.filter(({ kind }) => kind === 'error')).toEqual([]);
      expect(said.every(({ kind }) => kind === 'control')).toBe(true);
    }
    const setup = present(spec.requests.setup([of], { leverage: 3 })[0], 'a setup request');
    const codes = subject.errors.filter(({ reaction }) => reaction === 'unchanged');
    for (const { code } of codes) {
      const said = spec.decodeReply(setup, subject.errorReply(code, 'no change'), on.catalog);
      expect(said).toMatchObject([{ kind: 'control', name: 'unchanged' }]);
    }
  });

  it(pitfall(25, 'adapter'), () => {
    const order = ofBinance('usdm-order-new').replace('"X":"NEW"', '"X":"HIBERNATING"');
    expect(frame(binance, order)).toMatchObject([{ kind: 'order', status: 'unknown' }]);
    const created = ofBybit('ws-order').replace(/"orderStatus":"\w+"/, '"orderStatus":"Dreaming"');
    expect(frame(bybit, created, fixtureCatalog())[0]).toMatchObject({ status: 'unknown' });
    const live = okxFixture('frame-orders-live').replace('"state":"live"', '"state":"dreaming"');
    expect(frame(okx, live, okxCatalog())[0]).toMatchObject({ status: 'unknown' });
    for (const { spec, samples } of subjects) {
      const listing = samples.filter(({ name }) => /exchange-info|instruments/.test(name));
      for (const { text, from } of listing) {
        if (!('purpose' in from)) continue;
        for (const state of ['rebase', 'Rebase', 'SOMETHING_NEW']) {
          const changed = text.replaceAll(
            /"(status|state|contractStatus)":\s*"[^"]*"/g,
            `"$1":"${state}"`,
          );
          const said = spec.decodeReply(from, { status: 200, body: changed }, exampleCatalog());
          const statuses = said.flatMap((e) => (e.kind === 'instrument' ? [e.spec.status] : []));
          expect(statuses.length).toBeGreaterThan(0);
          expect(statuses).not.toContain('trading');
        }
        const page = spec.decodeReply(from, { status: 200, body: '<html>' }, exampleCatalog());
        expect(page).toMatchObject([{ kind: 'error' }]);
      }
    }
  });

  it(pitfall(26, 'adapter'), () => {
    const bybitSpot = present(
      fixtureCatalog()
        .all()
        .find((i) => i.kind === 'spot'),
      'spot',
    );
    const okxSpot = present(
      okxCatalog()
        .all()
        .find((i) => i.kind === 'spot'),
      'spot',
    );
    const binanceSpot = present(
      exampleCatalog()
        .all()
        .find((i) => i.kind === 'spot'),
      'spot',
    );
    for (const side of ['buy', 'sell'] as const) {
      for (const limit of [null, decimal('100')]) {
        const change = { side, limit };
        const sent = JSON.parse(
          bybit.requests.place(draftOf(bybitSpot, change), bybitSpot).body ?? '',
        );
        expect(sent).toMatchObject({ isLeverage: 0 });
        const cash = JSON.parse(okx.requests.place(draftOf(okxSpot, change), okxSpot).body ?? '');
        expect(cash).toMatchObject({ tdMode: 'cash' });
        const plain = binance.requests.place(draftOf(binanceSpot, change), binanceSpot);
        expect(plain.path).toBe('/api/v3/order');
        expect(plain.query).not.toContain('sideEffectType');
      }
    }
  });
});
