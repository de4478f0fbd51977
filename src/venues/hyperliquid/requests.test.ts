import { describe, expect, it } from 'vitest';
import { fixtureCatalog } from '../../../test/support/hyperliquid-fixtures.ts';
import { decimal } from '../../base/decimal.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { ApprovedOrder, OrderDraft } from '../../domain/order.ts';
import type { HttpRequest } from '../../domain/venue-spec.ts';
import { cloidOf } from './cloid.ts';
import { hyperliquid } from './index.ts';
import { purposeOfPath } from './info.ts';
import type { Packable } from './msgpack.ts';
import { nonceOf } from './sign.ts';
import { addressOf, type Signature, signerOf } from './signature.ts';

const secret = '0x0123456789012345678901234567890123456789012345678901234567890123';
const key = '0xABCDEF0123456789abcdef0123456789ABCDEF01';
const credentials = { key, secret };
const wallMs = 1_700_000_000_000;
const catalog = fixtureCatalog();
const { requests } = hyperliquid;

function instrument(id: string): Instrument {
  const found = catalog.byId(`hyperliquid:${id}`);
  if (found === undefined) throw new Error(`not listed: ${id}`);
  return found;
}

function orderOf(over: Partial<OrderDraft> = {}): ApprovedOrder {
  const draft: OrderDraft = {
    clientOrderId: 'fatest00010000001l',
    venue: 'hyperliquid',
    instrument: 'hyperliquid:BTC-USDC-PERP',
    side: 'buy',
    qty: decimal('0.015'),
    limit: decimal('64000'),
    timeInForce: 'ioc',
    reduceOnly: false,
    purpose: 'entry',
    pairId: null,
    arrivalMid: 64_050,
    ...over,
  };
  return draft as ApprovedOrder; // a test stands in for risk
}

const bodyOf = (request: HttpRequest): Record<string, unknown> => JSON.parse(request.body ?? '{}');

function wireOf(order: ApprovedOrder, id = 'BTC-USDC-PERP'): unknown {
  const { action } = bodyOf(requests.place(order, instrument(id))) as {
    action: { orders: unknown[] };
  };
  return action.orders[0];
}

describe('an order', () => {
  it('names its asset by number, in the order of keys that the venue hashes', () => {
    const wire = wireOf(orderOf());
    expect(wire).toEqual({
      ...{ a: 0, b: true, p: '64000', s: '0.015', r: false, t: { limit: { tif: 'Ioc' } } },
      c: cloidOf('fatest00010000001l'),
    });
    expect(Object.keys(wire as object)).toEqual(['a', 'b', 'p', 's', 'r', 't', 'c']);
  });

  it.each([
    ['gtc', 'Gtc'],
    ['ioc', 'Ioc'],
    ['post-only', 'Alo'],
  ] as const)('%s is %s', (timeInForce, tif) => {
    expect(wireOf(orderOf({ timeInForce }))).toMatchObject({ t: { limit: { tif } } });
  });

  it('is never sent as what the venue does not have', () => {
    expect(() => wireOf(orderOf({ timeInForce: 'fok' }))).toThrow('no fill-or-kill');
    const unlisted = { ...instrument('BTC-USDC-PERP') };
    const { assetId: _dropped, ...nameless } = unlisted;
    expect(() => requests.place(orderOf(), nameless)).toThrow('asset number');
  });

  it('of kPEPE is in thousands: 5,000,000 PEPE at 0.0000085 are 5,000 at 0.0085', () => {
    const order = orderOf({ qty: decimal('5000000'), limit: decimal('0.0000085') });
    expect(wireOf(order, 'PEPE-USDC-PERP')).toMatchObject({ a: 3, p: '0.0085', s: '5000' });
  });

  it('keeps five significant figures when the price has outgrown its tick', () => {
    const order = { limit: decimal('10000.7'), instrument: 'hyperliquid:ETH-USDC-PERP' };
    expect(wireOf(orderOf(order), 'ETH-USDC-PERP')).toMatchObject({ p: '10000' });
    const sale = orderOf({ ...order, side: 'sell' });
    expect(wireOf(sale, 'ETH-USDC-PERP')).toMatchObject({ p: '10001', b: false });
  });

  it('at the market is an immediate one, at most 5% behind the price of the decision', () => {
    // 64050 x 1.05 = 67252.5, x 0.95 = 60847.5
    expect(wireOf(orderOf({ limit: null }))).toMatchObject({
      ...{ p: '67252', t: { limit: { tif: 'Ioc' } } },
    });
    expect(wireOf(orderOf({ limit: null, side: 'sell' }))).toMatchObject({ p: '60848' });
  });

  it('of spot has no reduce-only', () => {
    const order = orderOf({ reduceOnly: true, side: 'sell' });
    expect(wireOf(order)).toMatchObject({ r: true });
    expect(wireOf(order, 'BTC-USDC-SPOT')).toMatchObject({ a: 10_142, r: false });
  });

  it('is cancelled by its client id', () => {
    const request = requests.cancel('fatest00010000001l', instrument('SOL-USDC-PERP'));
    expect(bodyOf(request)).toEqual({
      action: {
        type: 'cancelByCloid',
        cancels: [{ asset: 2, cloid: cloidOf('fatest00010000001l') }],
      },
    });
  });
});

describe('a signature', () => {
  const signed = (request: HttpRequest, at = wallMs) =>
    bodyOf(hyperliquid.sign(request, credentials, at)) as {
      action: Packable;
      nonce: number;
      expiresAfter: number;
      signature: Signature;
    };

  it('covers action, nonce and expiry: the signer is recovered from what is sent', () => {
    const request = requests.place(orderOf(), instrument('BTC-USDC-PERP'));
    for (const [passphrase, network] of [
      ['', 'mainnet'],
      ['testnet', 'testnet'],
    ] as const) {
      const sent = bodyOf(hyperliquid.sign(request, { ...credentials, passphrase }, wallMs)) as {
        action: Packable;
        nonce: number;
        expiresAfter: number;
        signature: Signature;
      };
      const { action, nonce, expiresAfter, signature } = sent;
      const l1 = { action, nonce, vault: null, expiresAfterMs: expiresAfter, network };
      expect(signerOf(l1, signature)).toBe(addressOf(secret));
      expect(signerOf({ ...l1, nonce: nonce + 1 }, signature)).not.toBe(addressOf(secret));
    }
  });

  it('ends with the validity: after that "no such order" may be believed', () => {
    const { nonce, expiresAfter } = signed(requests.place(orderOf(), instrument('BTC-USDC-PERP')));
    expect(expiresAfter).toBe(wallMs + hyperliquid.orderValidityMs);
    expect(nonce).toBeGreaterThanOrEqual(wallMs);
    expect(nonce).toBeLessThan(wallMs + 4_096);
  });

  it('of two orders in one millisecond has two nonces, and another time another', () => {
    const ids = Array.from({ length: 8 }, (_, k) => `fatest0001000000${k}l`);
    const nonces = ids.map((clientOrderId) => {
      const request = requests.place(orderOf({ clientOrderId }), instrument('BTC-USDC-PERP'));
      return signed(request).nonce;
    });
    expect(new Set(nonces).size).toBe(ids.length);
    expect(nonceOf('x', wallMs + 1)).toBe(nonceOf('x', wallMs) + 1);
  });

  it('holds no key, and a secret that is none signs nothing', () => {
    const request = requests.place(orderOf(), instrument('BTC-USDC-PERP'));
    const text = JSON.stringify(hyperliquid.sign(request, credentials, wallMs));
    expect(text).not.toContain(secret.slice(2));
    const unsigned = hyperliquid.sign(request, { key, secret: 'not a key' }, wallMs);
    expect(bodyOf(unsigned)['signature']).toEqual({ r: '0x0', s: '0x0', v: 27 });
    expect(unsigned.body).not.toContain('not a key');
  });

  it('is not made for reads: they get the address of the account', () => {
    for (const request of [...requests.balances(), ...requests.openOrders([])]) {
      const sent = bodyOf(hyperliquid.sign(request, credentials, wallMs));
      expect(sent).toMatchObject({ user: key.toLowerCase() });
      expect(sent).not.toHaveProperty('signature');
    }
    const open = requests.serverTime();
    expect(open.auth).toBe('none');
    expect(bodyOf(open)).toEqual({ type: 'exchangeStatus' });
  });
});

describe('requests and streams', () => {
  it('set cross margin and a leverage that the asset allows', () => {
    const setups = requests.setup(
      [instrument('BTC-USDC-PERP'), instrument('BTC-USDC-SPOT'), instrument('PEPE-USDC-PERP')],
      { leverage: 20 },
    );
    expect(setups.map((request) => bodyOf(request)['action'])).toEqual([
      { type: 'updateLeverage', asset: 0, isCross: true, leverage: 20 },
      { type: 'updateLeverage', asset: 3, isCross: true, leverage: 10 },
    ]);
  });

  it('all count in the one budget of the address', () => {
    const all = catalog.all();
    const scope = { instruments: all, sinceMs: 1_600_000_000_000 };
    const every = [
      ...[requests.serverTime(), ...requests.instruments(), ...requests.fundingRates(all)],
      ...[...requests.quotes(all), ...requests.feeRates(all), ...requests.orderHistory(scope)],
      ...[...requests.fills(scope), ...requests.fundingPayments(scope)],
      ...[...requests.positions(all), ...requests.accountConfig()],
    ];
    for (const request of every) {
      expect([request.bucket, request.host, request.method]).toEqual(['weight', 'rest', 'POST']);
      expect(request.weight).toBeGreaterThan(0);
      expect(request.weight).toBeLessThanOrEqual(120);
    }
    expect(bodyOf(requests.fills(scope)[0] as HttpRequest)).toMatchObject({
      ...{ type: 'userFillsByTime', startTime: 1_600_000_000_000 },
    });
    expect(requests.fundingRates([instrument('BTC-USDC-SPOT')])).toEqual([]);
    expect(hyperliquid.rateLimits.readHeaders({ 'retry-after': '3' }).retryAfterMs).toBe(3_000);
    expect(hyperliquid.rateLimits.readHeaders({ 'retry-after': 'soon' }).retryAfterMs).toBeNull();
    expect(purposeOfPath('POST', '/info')).not.toBeNull();
    expect(purposeOfPath('GET', '/v5/market/time')).toBeNull();
  });

  it('a full page goes on at its last row, and never asks the same again', () => {
    const [request] = requests.fills({ instruments: [], sinceMs: 1_000 });
    const page = (times: readonly number[]) =>
      hyperliquid.nextPage(request as HttpRequest, JSON.stringify(times.map((time) => ({ time }))));
    const full = Array.from({ length: 2_000 }, (_, k) => 1_000 + k);
    expect(bodyOf(page(full) as HttpRequest)).toMatchObject({
      ...{ type: 'userFillsByTime', user: '{account}', startTime: 2_999 },
    });
    expect(page(full.slice(1))).toBeNull();
    expect(page(full.map(() => 1_000))).toBeNull();
    expect(hyperliquid.nextPage(requests.serverTime(), '[]')).toBeNull();
  });

  it('streams subscribe every coin, and the account by login, each on its own connection', () => {
    const wanted = [instrument('BTC-USDC-PERP'), instrument('BTC-USDC-SPOT')];
    const [stream] = hyperliquid.publicStreams(wanted, { depth: true });
    const types = stream?.subscribe.map((text) => JSON.parse(text).subscription);
    expect(types).toEqual([
      { type: 'bbo', coin: 'BTC' },
      { type: 'activeAssetCtx', coin: 'BTC' },
      { type: 'l2Book', coin: 'BTC' },
      { type: 'bbo', coin: '@142' },
      { type: 'l2Book', coin: '@142' },
    ]);
    const logins = hyperliquid.privateStreams([]).map((each) => {
      expect(each.subscribe).toEqual([]);
      return JSON.parse(each.login?.(credentials, wallMs) ?? '{}').subscription;
    });
    const user = key.toLowerCase();
    expect(logins).toEqual(
      ['orderUpdates', 'userEvents', 'clearinghouseState', 'spotState'].map((type) => ({
        type,
        user,
      })),
    );
    const many = Array.from({ length: 101 }, () => wanted[0] as Instrument);
    expect(hyperliquid.publicStreams(many, { depth: false })).toHaveLength(2);
  });
});
