// farb's contract suite over the adapter: the same cases that its own venues pass, in front of the
// simulated exchange that speaks Tidewater's protocol.
import { createHmac } from 'node:crypto';
import { Catalog, type HttpRequest } from 'funding-rate-arb/plugin';
import {
  bybitMajorTiers,
  type ConformanceSubject,
  describeVenue,
  type ListingTerms,
  perpListings,
  type Sample,
  spotListings,
} from 'funding-rate-arb/testing';
import { errorTable } from '../src/errors.ts';
import { tidewater } from '../src/index.ts';
import { parsed, textOf } from '../src/wire.ts';
import { tidewaterProtocol } from './protocol.ts';

const terms: ListingTerms = {
  ...{ venue: 'tidewater', wallet: 'unified', priceBand: 0.05 },
  ...{ feeRateMaker: '0.0002', feeRateTaker: '0.0005' },
};
const listings = [
  ...perpListings({
    terms,
    tiers: { major: bybitMajorTiers },
    rows: `
      symbol        base ctVal tick lot   min   max  notional hours listed cap   tiers
      BTC-USDT-PERP BTC  1     0.1  0.001 0.001 1000 5        8     -      0.005 major
      ETH-USDT-PERP ETH  1     0.01 0.01  0.01  5000 5        8     -      0.005 major`,
  }),
  ...spotListings(
    terms,
    `
      symbol        base tick lot     min    max  notional
      BTC-USDT-SPOT BTC  0.01 0.00001 0.0001 1000 5`,
  ),
];

const { requests } = tidewater;
const stream = { stream: 'public', market: null };
const account = { stream: 'private', market: null };
const scope = { instruments: [], sinceMs: 1_700_000_000_000 };
const first = (of: readonly HttpRequest[]): HttpRequest => {
  const [request] = of;
  if (request === undefined) throw new Error('no request');
  return request;
};
const sample = (name: string, from: Sample['from'], ...items: readonly object[]): Sample => {
  return { name, from, text: JSON.stringify({ items }) };
};
const [market, pair] = ['BTC-USDT-PERP', 'BTC-USDT-SPOT'];
const ts = 1_785_402_000_123;
const perp = { type: 'market', market, kind: 'perp', base: 'BTC', quote: 'USDT', tick: '0.1' };
const spot = { type: 'market', market: pair, kind: 'spot', base: 'BTC', quote: 'USDT' };
const filters = { lot: '0.001', min: '0.002', max: '1000', notional: '5', state: 'open' };
const markets: readonly object[] = [
  { ...perp, ...filters, hours: 8, leverage: 50 },
  { ...spot, ...filters, tick: '0.01', hours: 0, leverage: null },
];
const quote = { type: 'quote', market, bid: ['67010.1', '1.5'], ask: ['67010.2', '2.25'], ts };
const order = {
  ...{ type: 'order', market, id: 'farb1', order: '77', side: 'buy', qty: '0.5', filled: '0.2' },
  ...{ price: '67000.1', average: '67000.1', reduce: false, why: '', ts },
};

const subject: ConformanceSubject = {
  spec: tidewater,
  listings,
  protocol: tidewaterProtocol,
  catalog() {
    const catalog = new Catalog();
    const body = JSON.stringify({ items: markets });
    const [listing] = requests.instruments();
    if (listing === undefined) return catalog;
    for (const event of tidewater.decodeReply(listing, { status: 200, body }, catalog)) {
      if (event.kind === 'instrument') catalog.put(event.spec);
    }
    return catalog;
  },
  samples: [
    sample('markets', first(requests.instruments()), ...markets),
    sample('quote', stream, quote),
    sample('quotes', first(requests.quotes([])), quote, { type: 'quote', market: pair, bid: null }),
    sample('book', stream, {
      ...{ type: 'book', market, full: true, seq: 12, ts },
      ...{ bids: [['67010.1', '1.5']], asks: [['67010.2', '2']] },
    }),
    sample('book change', stream, {
      ...{ type: 'book', market, full: false, seq: 13, prev: 12, ts },
      ...{ bids: [['67010.1', '0']], asks: [] },
    }),
    sample('mark', stream, { type: 'mark', market, mark: '67011.5', index: '67012.25', ts }),
    sample('funding', first(requests.fundingRates([])), {
      ...{ type: 'funding', market, rate: '-0.0001', hours: 8, at: 1_785_427_200_000, ts },
    }),
    sample('fees', first(requests.feeRates([])), {
      ...{ type: 'fee', market, maker: '0.0002', taker: '0.0005' },
    }),
    sample('order', account, { ...order, state: 'partially-filled' }),
    sample('orders', first(requests.openOrders([])), { ...order, state: 'open' }),
    sample('fill', account, {
      ...{ type: 'fill', market, trade: '9', id: 'farb1', order: '77', side: 'sell' },
      ...{ price: '67000.1', qty: '0.2', fee: '6.7', asset: 'USDT', role: 'taker' },
      ...{ pnl: '1.25', forced: false, ts },
    }),
    sample('balance', account, {
      type: 'balance',
      asset: 'USDT',
      total: '1000.5',
      free: '900',
      ts,
    }),
    sample('position', account, {
      ...{ type: 'position', market, qty: '-0.2', entry: '67000.1', mark: '67011.5' },
      ...{ liquidation: '90000.5', leverage: 3, ts },
    }),
    sample('payments', first(requests.fundingPayments(scope)), {
      ...{ type: 'payment', market, no: '31', amount: '-0.37', asset: 'USDT', ts },
    }),
    sample('pong', stream, { type: 'pong' }),
    { name: 'refused', from: account, text: '{"code":"bad-key","message":"wrong proof"}' },
  ],
  unreadable: [],
  signing: [
    {
      name: 'the proof of the documentation, made with another implementation',
      actual:
        tidewater.sign(first(requests.balances()), { key: 'k', secret: 's' }, 1_785_402_000_000)
          .headers['TW-SIGN'] ?? '',
      expected: createHmac('sha256', 's')
        .update('1785402000000\nGET\n/v1/balances\n\n')
        .digest('hex'),
    },
  ],
  errors: Object.entries(errorTable).map(([code, [errorCode, reaction]]) => {
    return { code, errorCode, reaction };
  }),
  errorReply: (code, message) => ({ status: 200, body: JSON.stringify({ code, message }) }),
  sentOrder(request) {
    const body = parsed(request.body ?? '') ?? {};
    return {
      symbol: textOf(body, 'market') ?? '',
      side: body['side'] === 'sell' ? 'sell' : 'buy',
      qty: textOf(body, 'qty') ?? '',
      price: textOf(body, 'price'),
      clientOrderId: textOf(body, 'id') ?? '',
      reduceOnly: body['reduce'] === true,
    };
  },
  absentIsZero: [],
};

describeVenue(subject);
