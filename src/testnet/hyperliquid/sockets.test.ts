// The socket of the simulated Hyperliquid: what each subscription says, and when.
import { describe, expect, it } from 'vitest';
import {
  account,
  hyperliquidTestnet,
  perpId,
  settle,
} from '../../../test/support/hyperliquid-testnet.ts';
import { decimal } from '../../base/decimal.ts';
import { hourMs } from '../../base/time.ts';
import { hyperliquid } from '../../venues/hyperliquid/index.ts';

const user = account.key;

describe('market channels', () => {
  it('answer a subscription, then send the state at once and what changes', () => {
    const on = hyperliquidTestnet({ price: (tsMs) => 65_000 + (tsMs % 100_000) / 1_000 });
    const client = on.open();
    for (const type of ['bbo', 'l2Book', 'activeAssetCtx']) client.subscribe({ type, coin: 'BTC' });
    expect(client.takeFrames().map(({ channel }) => channel)).toEqual([
      ...['subscriptionResponse', 'bbo', 'subscriptionResponse', 'l2Book'],
      ...['subscriptionResponse', 'activeAssetCtx'],
    ]);
    on.tick(1_000);
    const events = client.take();
    const { bid, ask } = on.exchange.quote(perpId);
    expect(events).toMatchObject([
      { kind: 'quote', instrument: perpId, bid, ask },
      { kind: 'depth', snapshot: true },
      { kind: 'mark-price', index: on.exchange.index(perpId) },
      { kind: 'funding-rate', intervalMs: hourMs },
    ]);
    on.tick(0, 100);
    expect(client.take()).toEqual([]);
  });

  it('send a book at most twice a second, and the best prices again after three', () => {
    const on = hyperliquidTestnet();
    const client = on.open();
    client.subscribe({ type: 'l2Book', coin: 'BTC' });
    client.subscribe({ type: 'bbo', coin: 'BTC' });
    on.tick(1_000, 600);
    client.takeFrames();
    on.tick(1_000, 400);
    expect(client.takeFrames()).toEqual([]);
    on.tick(1_000, 100);
    expect(client.takeFrames().map(({ channel }) => channel)).toEqual(['l2Book']);
    on.tick(1_000, 2_600);
    expect(client.takeFrames().map(({ channel }) => channel)).toEqual(['l2Book', 'bbo']);
  });

  it('refuse what there is not, and what is subscribed already', () => {
    const on = hyperliquidTestnet();
    const client = on.open();
    client.subscribe({ type: 'bbo', coin: 'NOPE' });
    client.subscribe({ type: 'nope' });
    client.subscribe({ type: 'orderUpdates', user: 'me' });
    client.say('{');
    expect(client.take()).toMatchObject(Array.from({ length: 4 }, () => ({ kind: 'error' })));
    client.subscribe({ type: 'trades', coin: 'BTC' });
    client.subscribe({ type: 'trades', coin: 'BTC' });
    expect(client.take()).toMatchObject([{ name: 'subscribed' }, { name: 'subscribed' }]);
    const subscription = { type: 'trades', coin: 'BTC' };
    client.say({ method: 'unsubscribe', subscription });
    client.say({ method: 'unsubscribe', subscription });
    expect(client.take()).toMatchObject([{ name: 'unsubscribed' }, { name: 'unsubscribed' }]);
  });

  it('end with silence, and a ping is answered', () => {
    const on = hyperliquidTestnet();
    const [quiet, alive] = [on.open(), on.open()];
    on.clock.wallMs += 59_000;
    alive.say({ method: 'ping' });
    expect(alive.take()).toMatchObject([{ name: 'pong' }]);
    on.clock.wallMs += 2_000;
    on.second();
    expect([quiet.closedWith(), alive.closedWith()]).toEqual([1000, null]);
    expect(on.hasSocketAt('/v5/private')).toBe(false);
  });
});

describe('account channels', () => {
  const opened = (on: ReturnType<typeof hyperliquidTestnet>) => {
    const client = on.open();
    for (const { login } of hyperliquid.privateStreams([])) {
      client.say(login?.(account, on.clock.wallMs) ?? '');
    }
    client.take();
    return client;
  };

  it('tell a fill, its order, the position and the cash', async () => {
    const on = hyperliquidTestnet();
    const client = opened(on);
    on.place({ clientOrderId: 'fatestfill', limit: decimal('65100') });
    expect(client.take()).toEqual([]); // the answer goes first
    await settle();
    const events = client.take();
    expect(events.map(({ kind }) => kind)).toEqual([
      ...['fill', 'order', 'balance', 'position', 'balance'],
    ]);
    expect(events).toMatchObject([
      { clientOrderId: 'fatestfill', qty: decimal('0.5') },
      { clientOrderId: 'fatestfill', status: 'filled' },
      { wallet: 'perp' },
      { instrument: perpId, qty: decimal('0.5') },
      { wallet: 'spot' },
    ]);
  });

  it('tell an order that rests and its cancel; one that never rested only its end', async () => {
    const on = hyperliquidTestnet();
    const client = opened(on);
    on.place({ clientOrderId: 'fatestrest' });
    await settle();
    on.call(hyperliquid.requests.cancel('fatestrest', on.instrument(perpId)));
    await settle();
    on.place({ timeInForce: 'ioc' });
    await settle();
    const orders = client.take().flatMap((e) => (e.kind === 'order' ? [e.status] : []));
    expect(orders).toEqual(['open', 'canceled', 'rejected']);
  });

  it('tell funding on the oracle price at the hour, the same as the ledger', async () => {
    const on = hyperliquidTestnet({ intervalMs: () => hourMs, rate: () => 0.0001 });
    const client = opened(on);
    on.place({ limit: decimal('65100') });
    await settle();
    client.take();
    on.tick(hourMs);
    await settle();
    const [paid] = client.take().filter(({ kind }) => kind === 'funding-payment');
    // Long 0.5 at 65,000 and 0.01%: 3.25 paid.
    expect(paid).toMatchObject({ amount: decimal('-3.25'), asset: 'USDC', instrument: perpId });
    const scope = { instruments: [], sinceMs: 0 };
    const ledger = hyperliquid.requests.fundingPayments(scope).flatMap(on.call);
    expect(ledger).toEqual([paid]);
  });

  it('begin with history where the venue does, marked as a snapshot', () => {
    const on = hyperliquidTestnet();
    on.place({ limit: decimal('65100') });
    const client = on.open();
    client.subscribe({ type: 'userFills', user });
    client.subscribe({ type: 'userFundings', user: `0x${'1'.repeat(40)}` });
    const [, fills, , fundings] = client.takeFrames();
    expect(fills?.data).toMatchObject({
      isSnapshot: true,
      fills: [{ coin: 'BTC', dir: 'Open Long' }],
    });
    expect(fundings?.data).toMatchObject({ isSnapshot: true, fundings: [] });
  });

  it('carry actions and reads of their own', () => {
    const on = hyperliquidTestnet();
    const client = on.open();
    client.say({
      ...{ method: 'post', id: 7 },
      request: { type: 'info', payload: { type: 'l2Book', coin: 'BTC' } },
    });
    expect(client.take()).toMatchObject([{ kind: 'depth', instrument: perpId }]);
    client.say({ method: 'post', id: 8, request: { type: 'action', payload: { action: {} } } });
    expect(client.take()).toMatchObject([{ kind: 'error', code: 'BAD_PAYLOAD' }]);
  });
});
