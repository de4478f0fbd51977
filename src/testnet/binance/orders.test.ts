// Orders of the testnet's Binance over REST, placed and read by the system's own adapter.
import { beforeEach, describe, expect, it } from 'vitest';
import { BinanceRig, orderIn, rigCredentials } from '../../../test/support/binance-rig.ts';
import { decimal } from '../../base/decimal.ts';
import { hmacSha256Hex } from '../../base/hmac.ts';
import type { Instrument } from '../../domain/instrument.ts';
import { requests } from '../../venues/binance/requests.ts';
import { sign } from '../../venues/binance/sign.ts';

let rig: BinanceRig;
beforeEach(() => {
  rig = new BinanceRig();
});

const btc = (): Instrument => rig.instrument('binance:BTC-USDT-PERP');
const pepe = (): Instrument => rig.instrument('binance:PEPE-USDT-PERP');
const spot = (): Instrument => rig.instrument('binance:BTC-USDT-SPOT');

describe('orders', () => {
  it('an IOC that takes is filled, and the fills add up to it', () => {
    const events = rig.place(btc());
    const order = orderIn(events);
    expect(order).toMatchObject({ status: 'filled', filledQty: decimal('0.01') });
    const [, fills] = requests.queryOrder(order.clientOrderId ?? '', btc());
    const list = fills === undefined ? [] : rig.ask(fills);
    expect(list).toMatchObject([{ kind: 'fill', venueOrderId: order.venueOrderId, side: 'buy' }]);
    const [position] = requests.positions([btc()]).flatMap((request) => rig.ask(request));
    expect(position).toMatchObject({ kind: 'position', qty: decimal('0.01') });
  });

  it('a spot purchase pays its fee in the coin', () => {
    const events = rig.place(spot());
    expect(events).toMatchObject([
      { kind: 'fill', feeAsset: 'BTC', fee: decimal('-0.00001'), liquidity: 'taker' },
      { kind: 'order', status: 'filled' },
    ]);
    const balances = rig.ask(requests.balances()[0] ?? requests.serverTime());
    expect(balances.find((e) => e.kind === 'balance' && e.asset === 'BTC')).toMatchObject({
      total: decimal('0.00999'),
      available: decimal('0.00999'),
    });
  });

  it('a multiplied contract is traded in contracts and read in base units', () => {
    const order = orderIn(rig.place(pepe()));
    expect(order).toMatchObject({ qty: decimal('2000000'), filledQty: decimal('2000000') });
    expect(rig.exchange.position(pepe().id).qty).toBe(decimal('2000000'));
  });

  it('a resting order is open, found, listed and canceled by its client id', () => {
    for (const of of [btc(), spot()]) {
      const order = orderIn(rig.place(of, { limit: rig.priceAt(of, 0.97), timeInForce: 'gtc' }));
      expect(order.status).toBe('open');
      const id = order.clientOrderId ?? '';
      expect(
        orderIn(rig.ask(requests.queryOrder(id, of)[0] ?? requests.serverTime())),
      ).toMatchObject({ status: 'open', clientOrderId: id });
      expect(requests.openOrders([of]).flatMap((request) => rig.ask(request))).toHaveLength(1);
      expect(orderIn(rig.ask(requests.cancel(id, of)))).toMatchObject({
        status: 'canceled',
        clientOrderId: id,
      });
      expect(rig.ask(requests.cancel(id, of))).toMatchObject([
        { kind: 'error', venueCode: '-2011', reaction: 'reconcile' },
      ]);
      const scope = { instruments: [of], sinceMs: 0 };
      expect(requests.orderHistory(scope).flatMap((request) => rig.ask(request))).toHaveLength(1);
    }
  });

  it('an unknown order does not exist', () => {
    const [query] = requests.queryOrder('nobody', btc());
    expect(query === undefined ? [] : rig.ask(query)).toMatchObject([
      { kind: 'error', venueCode: '-2013', reaction: 'reconcile' },
    ]);
  });

  it('a client id is free again once its order has ended, not before', () => {
    const limit = rig.priceAt(btc(), 0.97);
    const clientOrderId = 'fa0again';
    const resting = { limit, clientOrderId, timeInForce: 'gtc' } as const;
    rig.place(btc(), resting);
    expect(rig.place(btc(), resting)).toMatchObject([
      { venueCode: '-4116', code: 'UNKNOWN_OUTCOME', reaction: 'query' },
    ]);
    rig.ask(requests.cancel(clientOrderId, btc()));
    expect(orderIn(rig.place(btc(), resting)).status).toBe('open');
  });

  it.each([
    ['off tick', { limit: '0.03', add: true }, '-1111', 'reload-instruments'],
    ['off lot', { qty: '0.0105' }, '-1111', 'reload-instruments'],
    ['below the notional', { qty: '0.001', low: 0.99 }, '-4164', 'below-minimum'],
    ['outside the band', { low: 1.2 }, '-4016', 'price-band'],
    ['more than the margin', { qty: '900' }, '-2019', 'funds'],
    ['reducing nothing', { reduceOnly: true }, '-2022', 'refresh-position'],
  ] as const)('%s is refused with %s', (_, given, code, reaction) => {
    const of: { limit?: string; qty?: string; low?: number; reduceOnly?: boolean } = given;
    const near = rig.priceAt(btc(), of.low ?? 0.99);
    const limit = of.limit === undefined ? near : ((near + decimal(of.limit)) as typeof near);
    const events = rig.place(btc(), {
      limit,
      timeInForce: 'gtc',
      qty: decimal(of.qty ?? '0.01'),
      reduceOnly: of.reduceOnly ?? false,
    });
    expect(events).toMatchObject([{ kind: 'error', venueCode: code, reaction }]);
  });

  it('post-only that would take is refused on both markets', () => {
    for (const [of, code] of [
      [btc(), '-5022'],
      [spot(), '-2010'],
    ] as const) {
      const limit = rig.priceAt(of, 1.01);
      expect(rig.place(of, { limit, timeInForce: 'post-only' })).toMatchObject([
        { kind: 'error', venueCode: code, reaction: 're-price' },
      ]);
    }
  });

  it('a FOK that cannot fill is refused on USD-M and leaves no trace', () => {
    const limit = rig.priceAt(btc(), 0.97);
    const order = rig.draft(btc(), { limit, timeInForce: 'fok' });
    expect(rig.ask(requests.place(order, btc()))).toMatchObject([
      { venueCode: '-5021', reaction: 'not-filled' },
    ]);
    const [query] = requests.queryOrder(order.clientOrderId, btc());
    expect(query === undefined ? [] : rig.ask(query)).toMatchObject([{ venueCode: '-2013' }]);
    const history = requests.orderHistory({ instruments: [btc()], sinceMs: 0 });
    expect(history.flatMap((request) => rig.ask(request))).toEqual([]);
  });

  it('spot words its filters', () => {
    const limit = rig.priceAt(spot(), 0.97);
    const small = rig.place(spot(), { limit, timeInForce: 'gtc', qty: decimal('0.00001') });
    expect(small).toMatchObject([{ venueCode: '-1013', message: 'Filter failure: NOTIONAL' }]);
    const much = rig.place(spot(), { qty: decimal('5') });
    expect(much).toMatchObject([{ venueCode: '-2010', reaction: 'funds' }]);
  });

  it('an ACK tells nothing of the outcome', () => {
    const request = requests.place(rig.draft(btc()), btc());
    const ack = { ...request, query: request.query.replace('RESULT', 'ACK') };
    const body = JSON.parse(rig.send(sign(ack, rigCredentials, rig.now.wallMs)).body);
    expect(body).toMatchObject({ status: 'NEW', executedQty: '0' });
    expect(body).not.toHaveProperty('avgPrice');
    expect(body).not.toHaveProperty('cumQuote');
  });

  it.each([
    ['type=STOP_MARKET', -4120],
    ['type=ICEBERG', -1116],
    ['type=LIMIT', -1102],
    ['type=LIMIT&timeInForce=GTX', -1102],
    ['type=MARKET&side=UP', -1117],
    ['type=MARKET&positionSide=LONG', -4061],
    ['type=MARKET&quantity=-1', -1100],
    ['type=MARKET&quantity=0', -4003],
    ['type=MARKET&quantity=1&newClientOrderId=a%20b', -1100],
    ['type=MARKET&quantity=1&symbol=NOPE', -1121],
  ])('%s answers %i', (params, code) => {
    const given = new URLSearchParams(`symbol=BTCUSDT&side=BUY&${params}`);
    const unique = new URLSearchParams([...new Map(given)]);
    const text = `${unique}&timestamp=${rig.now.wallMs}`;
    const reply = rig.raw('POST', '/fapi/v1/order', {
      headers: { 'X-MBX-APIKEY': 'k' },
      body: `${text}&signature=${hmacSha256Hex('s', text)}`,
    });
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.body).code).toBe(code);
  });

  it('an outcome that the venue does not know is found by a query', () => {
    rig.faults.add('unknown-outcome');
    const order = rig.draft(btc());
    expect(rig.ask(requests.place(order, btc()))).toMatchObject([
      { code: 'UNKNOWN_OUTCOME', venueCode: '-1007', reaction: 'query' },
    ]);
    const [query] = requests.queryOrder(order.clientOrderId, btc());
    expect(orderIn(query === undefined ? [] : rig.ask(query)).status).toBe('filled');
  });
});
