// The actions of the simulated Hyperliquid, asked by our adapter and by hand.
import { describe, expect, it } from 'vitest';
import {
  account,
  hyperliquidTestnet,
  orderOf,
  perpId,
  spotId,
  wallStartMs,
} from '../../../test/support/hyperliquid-testnet.ts';
import { decimal, zero } from '../../base/decimal.ts';
import { cloidOf } from '../../venues/hyperliquid/cloid.ts';
import { hyperliquid } from '../../venues/hyperliquid/index.ts';
import type { Packable } from '../../venues/hyperliquid/msgpack.ts';
import { addressOf, signL1Action } from '../../venues/hyperliquid/signature.ts';
import { accountOf } from './account.ts';
import { canonical, Nonces } from './auth.ts';

const dayMs = 86_400_000;
const scheduled: Packable = { type: 'scheduleCancel' };

/** An action as a client of its own sends it. */
function sent(
  action: Packable,
  over: { readonly nonce?: number; readonly secret?: string; readonly shown?: unknown } = {},
): string {
  const { nonce = wallStartMs, secret = account.secret } = over;
  const l1 = { action, nonce, vault: null, expiresAfterMs: null, network: 'mainnet' as const };
  const signature = signL1Action(l1, secret);
  return JSON.stringify({ action: over.shown ?? action, nonce, signature });
}

describe('who may act', () => {
  it('is whoever signed the very action: the signer is recovered from it', () => {
    const on = hyperliquidTestnet();
    const reply = (body: string) => JSON.parse(on.post('/exchange', body).body);
    expect(reply(sent(scheduled))).toEqual({ status: 'ok', response: { type: 'default' } });
    const other = `0x${'42'.repeat(32)}`;
    expect(reply(sent(scheduled, { nonce: wallStartMs + 1, secret: other }))).toEqual({
      status: 'err',
      response: `User or API Wallet ${addressOf(other)} does not exist.`,
    });
    // Another action under a signature, another nonce: another signer.
    const changed = { type: 'scheduleCancel', time: wallStartMs + 60_000 };
    const forged = reply(sent(scheduled, { nonce: wallStartMs + 2, shown: changed }));
    expect(forged.response).toMatch(/^User or API Wallet 0x[0-9a-f]{40} does not exist\.$/);
  });

  it('is read over the keys in the order of the venue, and figures without trailing zeros', () => {
    const mixed = { grouping: 'na', orders: [{ s: '1.50', p: '100.0', a: 0 }], type: 'order' };
    expect(JSON.stringify(canonical(mixed))).toBe(
      '{"type":"order","orders":[{"a":0,"p":"100","s":"1.5"}],"grouping":"na"}',
    );
    expect(canonical({ o: 5, a: 1 })).toEqual({ a: 1, o: 5 });
  });

  it('may use each nonce once, near the clock and above the lowest of the last hundred', () => {
    const nonces = new Nonces();
    const now = wallStartMs;
    expect(nonces.refusal(now, now)).toBeNull();
    expect(nonces.refusal(now, now)).toContain('duplicate nonce');
    expect(nonces.refusal(now - 3 * dayMs, now)).toContain('too far');
    expect(nonces.refusal(now + 2 * dayMs, now)).toContain('too far');
    expect(nonces.refusal(now - dayMs, now)).toBeNull();
    for (let k = 1; k < 99; k++) expect(nonces.refusal(now + k, now)).toBeNull();
    expect(nonces.refusal(now - 2 * dayMs, now)).toContain('too low');
    expect(nonces.refusal(now - dayMs + 1, now)).toBeNull();
  });

  it('must hurry: an action that has expired is refused, and signed again', () => {
    const on = hyperliquidTestnet();
    const order = orderOf();
    const request = on.signed(hyperliquid.requests.place(order, on.instrument(perpId)));
    on.clock.wallMs += hyperliquid.orderValidityMs + 1;
    const late = on.post('/exchange', request.body ?? '');
    expect(hyperliquid.decodeReply(request, late, on.catalog)).toMatchObject([
      { kind: 'error', code: 'TRANSIENT', reaction: 'resync-clock' },
    ]);
    expect(on.place({ clientOrderId: order.clientOrderId })).toMatchObject([{ name: 'ack' }]);
  });

  it('is an account made of the testnet keys, or the one that is given', () => {
    const { key, secret, passphrase } = account;
    expect(key).toBe(addressOf(secret));
    expect(accountOf({ key: 'k', secret: 's', passphrase: 'p' })).toEqual(account);
    expect(accountOf({ key: 'k', secret: 'other', passphrase: 'p' }).key).not.toBe(key);
    const agent = `0x${'17'.repeat(32)}`;
    const master = '0xABCDEF0123456789abcdef0123456789ABCDEF01';
    expect(accountOf({ key: master, secret: agent, passphrase })).toEqual({
      ...{ key: master.toLowerCase(), secret: agent, passphrase },
    });
  });

  it.each(['', '{}', '[]', '{"action":{},"nonce":1}', 'null'])('%s is no action: 422', (body) => {
    const on = hyperliquidTestnet();
    expect(on.post('/exchange', body).status).toBe(422);
    expect(on.post('/info', body).status).toBe(422);
  });
});

describe('orders', () => {
  it('fill, and the account shows the cash to the last digit', () => {
    const on = hyperliquidTestnet();
    expect(on.place({ limit: decimal('65100'), timeInForce: 'ioc' })).toMatchObject([
      { kind: 'control', name: 'ack' },
    ]);
    const [fill] = on.exchange.fills({});
    expect(fill).toMatchObject({ price: decimal('65010'), qty: decimal('0.5') });
    // 0.5 x 65010 x 0.045% = 14.62725
    const [cash] = hyperliquid.requests.balances().flatMap(on.call);
    expect(cash).toMatchObject({ wallet: 'perp', total: decimal('99985.37275') });
    const [held] = hyperliquid.requests.positions([]).flatMap(on.call);
    expect(held).toMatchObject({ kind: 'position', qty: decimal('0.5'), markPrice: 65_000 });
    const scope = { instruments: [], sinceMs: 0 };
    expect(hyperliquid.requests.fills(scope).flatMap(on.call)).toMatchObject([
      { fee: decimal('-14.62725'), feeAsset: 'USDC', liquidity: 'taker', forced: false },
    ]);
  });

  it('that nothing matches at once are refused, and leave nothing', () => {
    const on = hyperliquidTestnet();
    const order = { timeInForce: 'ioc', clientOrderId: 'fatestioc1' } as const;
    expect(on.place(order)).toMatchObject([{ kind: 'error', reaction: 'not-filled' }]);
    const btc = on.instrument(perpId);
    const query = hyperliquid.requests.queryOrder('fatestioc1', btc).flatMap(on.call);
    expect(query).toMatchObject([{ kind: 'order', status: 'rejected', filledQty: zero }]);
  });

  it.each([
    ['a crossing post-only', { timeInForce: 'post-only', limit: decimal('65500') }, 're-price'],
    ['too little', { qty: decimal('0.0001') }, 'below-minimum'],
    ['too much', { qty: decimal('500') }, 'funds'],
    ['far away', { limit: decimal('130000') }, 'price-band'],
    ['reducing nothing', { side: 'sell', reduceOnly: true }, 'refresh-position'],
    ['off the lot', { qty: decimal('0.500001') }, 'reload-instruments'],
    ['spot without money', { instrument: spotId, qty: decimal('2') }, 'funds'],
  ] as const)('refuse %s: %s', (_name, over, reaction) => {
    const on = hyperliquidTestnet();
    expect(on.place(over)).toMatchObject([{ kind: 'error', code: 'REJECTED', reaction }]);
    expect(on.exchange.openOrders(null)).toEqual([]);
  });

  it('with more than five figures are off the grid', () => {
    const on = hyperliquidTestnet();
    const action = {
      type: 'order',
      orders: [
        { a: 0, b: true, p: '64000.5', s: '0.5', r: false, t: { limit: { tif: 'Gtc' } } },
        { a: 0, b: true, p: '64000', s: '0.5', r: false, t: { limit: { tif: 'Gtc' } } },
        { a: 77, b: true, p: '64000', s: '0.5', r: false, t: { limit: { tif: 'Gtc' } } },
      ],
      grouping: 'na',
    };
    const { statuses } = JSON.parse(on.post('/exchange', sent(action)).body).response.data;
    expect(statuses).toMatchObject([
      { error: 'Price must be divisible by tick size. asset=0' },
      { resting: { oid: expect.any(Number) } },
      { error: 'Asset 77 does not exist' },
    ]);
  });

  it('are cancelled by client id once, and found by it', () => {
    const on = hyperliquidTestnet();
    const btc = on.instrument(perpId);
    on.place({ clientOrderId: 'fatestrest1' });
    expect(hyperliquid.requests.openOrders([]).flatMap(on.call)).toMatchObject([
      { status: 'open', clientOrderId: 'fatestrest1', limit: decimal('64000') },
    ]);
    const cancel = hyperliquid.requests.cancel('fatestrest1', btc);
    expect(on.call(cancel)).toMatchObject([{ name: 'ack' }]);
    on.clock.wallMs += 1;
    expect(on.call(cancel)).toMatchObject([{ kind: 'error', reaction: 'reconcile' }]);
    const scope = { instruments: [], sinceMs: 0 };
    expect(hyperliquid.requests.orderHistory(scope).flatMap(on.call)).toMatchObject([
      { status: 'canceled', clientOrderId: 'fatestrest1' },
    ]);
    const none = hyperliquid.requests.queryOrder('fatestnone', btc).flatMap(on.call);
    expect(none).toMatchObject([{ kind: 'error', reaction: 'reconcile' }]);
    expect(on.info({ type: 'orderStatus', user: account.key, oid: cloidOf('x') })).toEqual({
      status: 'unknownOid',
    });
  });

  it('that were acknowledged and then rejected are told by a query', () => {
    const on = hyperliquidTestnet();
    on.faults.add('ack-then-reject');
    expect(on.place({ clientOrderId: 'fatestghost' })).toMatchObject([{ name: 'ack' }]);
    const btc = on.instrument(perpId);
    const [state] = hyperliquid.requests.queryOrder('fatestghost', btc).flatMap(on.call);
    expect(state).toMatchObject({ status: 'rejected', reason: 'perpMarginRejected' });
  });

  it('of an answer that is lost are carried out, of a rate limit not', () => {
    const on = hyperliquidTestnet();
    on.faults.add('unknown-outcome');
    expect(on.place()).toMatchObject([{ code: 'UNKNOWN_OUTCOME', reaction: 'query' }]);
    expect(on.exchange.openOrders(null)).toHaveLength(1);
    on.faults.clear();
    on.faults.add('rate-limit');
    expect(on.place()).toMatchObject([{ code: 'RATE_LIMITED' }]);
    expect(on.exchange.openOrders(null)).toHaveLength(1);
  });
});

describe('the venue', () => {
  it('cancels everything at the time of the dead-man switch, and not before', () => {
    const on = hyperliquidTestnet();
    on.place();
    const at = wallStartMs + 6_000;
    const early = sent({ type: 'scheduleCancel', time: wallStartMs + 100 }, { nonce: 1 + at });
    expect(JSON.parse(on.post('/exchange', early).body).response).toContain('too early');
    on.post('/exchange', sent({ type: 'scheduleCancel', time: at }, { nonce: 2 + at }));
    on.clock.wallMs = at - 1;
    on.second();
    expect(on.exchange.openOrders(null)).toHaveLength(1);
    on.clock.wallMs = at;
    on.second();
    expect(on.exchange.openOrders(null)).toEqual([]);
    const scope = { instruments: [], sinceMs: 0 };
    expect(hyperliquid.requests.orderHistory(scope).flatMap(on.call)).toMatchObject([
      { status: 'canceled', reason: 'scheduledCancel' },
    ]);
  });

  it('sets leverage up to the maximum of the asset', () => {
    const on = hyperliquidTestnet();
    const btc = on.instrument(perpId);
    const set = (leverage: number) =>
      hyperliquid.requests.setup([{ ...btc, leverageMax: null }], { leverage }).flatMap(on.call);
    expect(set(7)).toMatchObject([{ name: 'ack' }]);
    expect(on.exchange.leverage(perpId)).toBe(7);
    expect(set(41)).toMatchObject([{ kind: 'error', code: 'REJECTED' }]);
  });

  it('shows another account nothing', () => {
    const on = hyperliquidTestnet();
    on.place({ limit: decimal('65100') });
    const user = `0x${'1'.repeat(40)}`;
    for (const type of ['openOrders', 'historicalOrders', 'userFills', 'userFunding']) {
      expect(on.info({ type, user })).toEqual([]);
    }
    expect(on.info({ type: 'clearinghouseState', user })).toMatchObject({ assetPositions: [] });
    expect(on.info({ type: 'spotClearinghouseState', user })).toEqual({ balances: [] });
  });

  it('answers 1,200 of weight a minute and no more', () => {
    const on = hyperliquidTestnet();
    const status = () => on.post('/info', '{"type":"meta"}').status;
    // Two listings of 20 were read at the start.
    for (let k = 0; k < 58; k++) expect(status()).toBe(200);
    expect(status()).toBe(429);
    on.clock.wallMs += 60_000;
    expect(status()).toBe(200);
  });
});
