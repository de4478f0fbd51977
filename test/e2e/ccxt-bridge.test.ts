// The ccxt bridge against the native drivers, on the same account of the same local testnet,
// through ccxt's own binance, okx and bybit: whatever both can say, they must say alike.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VenueSnapshot } from '../../src/domain/event.ts';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { FillEvent } from '../../src/domain/venue-event.ts';
import { type RunningTestnet, runTestnet } from '../../src/testnet/run.ts';
import { type CcxtRig, startCcxtRig, viaCcxt } from '../support/ccxt-rig.ts';

const served = ['binance', 'okx', 'bybit'] as const;

describe.each(served)('%s through ccxt', (venue) => {
  let testnet: RunningTestnet;
  let rig: CcxtRig;
  /** What the bridge said, under the native venue's name. */
  const plain = <T>(value: T): T =>
    JSON.parse(
      JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? `${item}n` : item))
        .replaceAll(`"${viaCcxt(venue)}"`, `"${venue}"`)
        .replaceAll(`"${viaCcxt(venue)}:`, `"${venue}:`),
    );

  beforeAll(async () => {
    testnet = await runTestnet({ venues: [venue], speed: 1 });
    rig = await startCcxtRig(testnet.describe(), venue);
  });
  afterAll(async () => {
    await rig?.stop();
    await testnet?.stop();
  });

  it('lists the same instruments with the same units and grids', () => {
    const listed = (all: readonly Instrument[]) =>
      Object.fromEntries(
        plain(all).map(
          ({ id, fundingIntervalMs, leverageMax, qtyMax, notionalMin, assetId, ...rest }) => [
            id,
            rest,
          ],
        ),
      );
    const ours = listed(rig.native.catalog.all());
    expect(Object.keys(ours).length).toBeGreaterThanOrEqual(5);
    expect(listed(rig.bridge.catalog.all())).toEqual(ours);
  });

  it('shows the same best prices, funding and marks', async () => {
    const { native, bridge } = rig;
    for (const [base, kind] of [
      ['BTC', 'linear-perp'],
      ['ETH', 'spot'],
      ['PEPE', 'linear-perp'],
    ] as const) {
      const [ours, theirs] = [native.instrument(base, kind), bridge.instrument(base, kind)];
      const same = (at: 'bid' | 'ask' | 'bidQty' | 'askQty'): boolean => {
        const ratio = bridge.cell(theirs, at) / native.cell(ours, at);
        return Math.abs(ratio - 1) < 1e-12;
      };
      await bridge.until(`the same quote of ${base} ${kind}`, () =>
        (['bid', 'ask', 'bidQty', 'askQty'] as const).every(same),
      );
      expect(bridge.table.books[bridge.catalog.indexOf(theirs.id)]?.bids.length).toBeGreaterThan(3);
      if (kind === 'spot') continue;
      await bridge.until(`the same rate of ${base}`, () =>
        (['ratePerInterval', 'settlesAtMs', 'intervalMs'] as const).every(
          (at) => bridge.cell(theirs, at) === native.cell(ours, at),
        ),
      );
      for (const at of ['mark', 'index'] as const) {
        if (at === 'index' && Number.isNaN(bridge.cell(theirs, at))) continue; // not every venue
        expect(bridge.cell(theirs, at) / native.cell(ours, at)).toBeCloseTo(1, 3);
      }
    }
  });

  it('fills IOC orders on a perpetual and spot; both accounts agree exactly', async () => {
    const { native, bridge } = rig;
    const sinceMs = Date.now() - 60_000;
    for (const kind of ['linear-perp', 'spot'] as const) {
      const order = bridge.draft(bridge.instrument('BTC', kind), 0.01);
      expect(await bridge.place(order)).toMatchObject({ outcome: 'acked', error: null });
      const ended = await bridge.next(
        'order',
        (e) => e.clientOrderId === order.clientOrderId && e.status === 'filled',
      );
      expect(ended).toMatchObject({ side: 'buy', qty: order.qty, filledQty: order.qty });
      await bridge.until('its fills', () => {
        const fills = bridge.events.flatMap((e) =>
          e.kind === 'fill' && e.clientOrderId === order.clientOrderId ? [e] : [],
        );
        const byId = new Map(fills.map((fill) => [fill.fillId, fill.qty]));
        return [...byId.values()].reduce((sum, qty) => sum + qty, 0n) === order.qty;
      });
      const query = await bridge.query(order);
      expect(query).toMatchObject({ outcome: 'found', order: { status: 'filled' } });
      expect(query.fills.reduce((sum, { qty }) => sum + qty, 0n)).toBe(order.qty);
    }
    // A partial close, so that a profit is booked; and one order of the native driver's.
    const perp = bridge.instrument('BTC', 'linear-perp');
    const lot = perp.lotSize as bigint as Instrument['qtyUnit']; // listed above
    const close = bridge.draft(perp, -0.01, { side: 'sell', qty: lot, reduceOnly: true });
    expect(await bridge.place(close)).toMatchObject({ outcome: 'acked' });
    const foreign = native.draft(native.instrument('ETH', 'linear-perp'), 0.01);
    expect(await native.place(foreign)).toMatchObject({ outcome: 'acked' });
    await native.next('fill', (e) => e.clientOrderId === foreign.clientOrderId);

    const ours = await native.snapshot(sinceMs);
    const theirs = await bridge.snapshot(sinceMs);
    expect(theirs.error).toBeNull();
    expect(account(plain(theirs))).toEqual(account(plain(ours)));
    expect(theirs.positions).toHaveLength(2);
    // What the streams told says the same as the listings, fees and profits with their signs.
    const booked = (fills: readonly FillEvent[]) =>
      new Map(
        fills.map(({ instrument, fillId, side, price, qty, fee, feeAsset, realizedPnl }) => [
          `${instrument} ${fillId}`,
          [side, price, qty, fee, feeAsset, realizedPnl ?? 0n],
        ]),
      );
    const listed = booked(theirs.fills);
    const streamed = booked(bridge.events.filter((event) => event.kind === 'fill'));
    expect(streamed.size).toBeGreaterThanOrEqual(3);
    for (const [key, fill] of streamed) expect(fill, key).toEqual(listed.get(key));
    expect(theirs.fills.length).toBeGreaterThanOrEqual(4);
  });

  it('keeps a resting order: open, found, cancelled; and tells what is gone', async () => {
    const { bridge } = rig;
    const perp = bridge.instrument('ETH', 'linear-perp');
    const order = bridge.draft(perp, -0.05, { timeInForce: 'gtc' });
    expect(await bridge.place(order)).toMatchObject({ outcome: 'acked' });
    await bridge.next(
      'order',
      (e) => e.clientOrderId === order.clientOrderId && e.status === 'open',
    );
    expect(await bridge.query(order)).toMatchObject({
      outcome: 'found',
      order: { status: 'open', clientOrderId: order.clientOrderId, filledQty: 0n },
    });
    const { openOrders } = await bridge.snapshot(Date.now() - 60_000);
    expect(openOrders.map(({ clientOrderId }) => clientOrderId)).toEqual([order.clientOrderId]);
    expect(await bridge.cancel(order)).toMatchObject({ outcome: 'acked' });
    expect(await bridge.query(order)).toMatchObject({
      outcome: 'found',
      order: { status: 'canceled' },
    });
    expect(await bridge.cancel(order)).toMatchObject({ outcome: 'gone' });
    const never = bridge.draft(perp, -0.05);
    expect(await bridge.query(never)).toMatchObject({ outcome: 'not-found', order: null });
    expect(await bridge.cancel(never)).toMatchObject({ outcome: 'gone' });
  });

  it('is refused as the venue refuses: funds, and a post-only that would cross', async () => {
    const { bridge } = rig;
    const perp = bridge.instrument('BTC', 'linear-perp');
    const lot = perp.lotSize ?? 1n;
    const tooMuch = bridge.draft(perp, 0.01, {
      qty: (lot * 100_000n) as Instrument['qtyUnit'], // a multiple of the lot
    });
    const refused = await bridge.place(tooMuch);
    expect(refused).toMatchObject({ outcome: 'rejected', error: { code: 'REJECTED' } });
    const crossing = bridge.draft(perp, 0.01, { timeInForce: 'post-only' });
    const result = await bridge.place(crossing);
    if (result.outcome === 'rejected') {
      expect(result.error).toMatchObject({ reaction: 're-price' });
    } else {
      // OKX and Bybit take it and cancel it at once.
      await bridge.next(
        'order',
        (e) => e.clientOrderId === crossing.clientOrderId && e.status === 'canceled',
      );
    }
  });
});

/** What two snapshots of one account must agree on; listings of other scope are cut to ours. */
function account(snapshot: VenueSnapshot) {
  const byKey = <T>(rows: readonly T[], keyOf: (row: T) => string) =>
    Object.fromEntries(rows.map((row) => [keyOf(row), row]).sort());
  return {
    ok: snapshot.ok,
    openOrders: snapshot.openOrders.length,
    balances: byKey(
      snapshot.balances
        .filter(({ total }) => `${total}` !== '0n')
        .map(({ wallet, asset, total }) => ({ wallet, asset, total })),
      ({ wallet, asset }) => `${wallet} ${asset}`,
    ),
    positions: byKey(
      snapshot.positions
        .filter(({ qty }) => `${qty}` !== '0n')
        .map(({ instrument, qty, entryPrice }) => ({ instrument, qty, entryPrice })),
      ({ instrument }) => `${instrument}`,
    ),
    fills: byKey(
      // OKX says 0 of spot, where there is none.
      snapshot.fills.map(({ venueTsMs, symbol, realizedPnl, ...fill }) => ({
        ...fill,
        realizedPnl: `${realizedPnl ?? '0n'}`,
      })),
      ({ instrument, fillId }) => `${instrument} ${fillId}`,
    ),
    orders: byKey(
      snapshot.orders.map(
        ({ instrument, clientOrderId, venueOrderId, status, side, qty, filledQty }) => ({
          ...{ instrument, clientOrderId, venueOrderId, status, side, qty, filledQty },
        }),
      ),
      ({ instrument, venueOrderId }) => `${instrument} ${venueOrderId}`,
    ),
  };
}
