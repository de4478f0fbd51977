import { afterEach, describe, expect, it } from 'vitest';
import { type RigOptions, type ToyRig, toyRig } from '../../test/support/toy-rig.ts';
import { control, frame, fundingOf } from '../../test/support/toy-server.ts';
import { decimal } from '../base/decimal.ts';
import type { DriverEvent } from '../domain/event.ts';
import { systemClock } from './clock.ts';

let rig: ToyRig;
afterEach(() => rig.stop());

async function started(options: RigOptions = {}): Promise<ToyRig> {
  rig = await toyRig(options);
  await rig.driver.start();
  return rig;
}

const fill = (fillId: string) => ({
  kind: 'fill',
  symbol: 'BTCP',
  fillId,
  clientOrderId: 'farb1',
  venueOrderId: '7',
  side: 'buy',
  price: '100',
  qty: '1',
  fee: '0',
  feeAsset: 'USDT',
  liquidity: 'taker',
  realizedPnl: null,
  forced: false,
});
const payment = (id: string, over: object = {}) => ({
  kind: 'funding-payment',
  symbol: 'BTCP',
  id,
  amount: '-0.5',
  asset: 'USDT',
  wallet: 'unified',
  venueTsMs: 1_000,
  ...over,
});
const balance = (total: string) => ({
  kind: 'balance',
  asset: 'USDT',
  total,
  available: null,
  wallet: 'unified',
});
const position = (qty: string) => ({
  kind: 'position',
  symbol: 'BTCP',
  qty,
  entryPrice: '100',
  markPrice: Math.random(),
  liquidationPrice: null,
  leverage: 3,
});
const snapshotEffect = {
  kind: 'request-snapshot',
  venue: 'toy',
  requestId: 'r1',
  sinceMs: 5,
} as const;
const isEvent =
  <K extends DriverEvent['kind']>(kind: K) =>
  (event: DriverEvent): event is Extract<DriverEvent, { kind: K }> =>
    event.kind === kind;

describe('the account stream', () => {
  it('passes everything on in its order', async () => {
    await started();
    const from = rig.events.length;
    rig.toy.push(
      '/private',
      frame(fill('1'), balance('5')),
      frame(fill('2')),
      frame(position('1')),
      frame(fill('3')),
    );
    await rig.next('fill', ({ fillId }) => fillId === '3');
    const names = rig.events.slice(from).map((e) => (e.kind === 'fill' ? e.fillId : e.kind));
    expect(names).toEqual(['1', 'balance', '2', 'position', '3']);
  });

  it('says down and up around every reconnect, so that a snapshot is asked for', async () => {
    await started();
    const from = rig.events.length;
    rig.toy.drop('/private');
    await rig.next('venue-status', (s) => s.channel === 'private' && s.status === 'up', from);
    const said = rig.events.slice(from).filter(isEvent('venue-status'));
    expect(said.map(({ channel, status }) => `${channel} ${status}`)).toEqual([
      'private down',
      'private up',
    ]);
  });

  it.each([
    ['reconnect-now', 'notice'],
    ['listen-key-expired', 'lk1'],
  ])('"%s" makes it come back', async (name, value) => {
    await started();
    rig.toy.push('/private', control(name, value));
    await rig.next('venue-status', (s) => s.channel === 'private' && s.detail.includes(name));
    await rig.toy.until(
      () => rig.toy.sockets.filter(({ path }) => path === '/private').length === 2,
    );
  });

  it('puts the listen key into its address, renews it, and moves when it changes', async () => {
    rig = await toyRig({ venue: { listenKey: true, listenKeyRefreshMs: 20 } });
    let key = 'first key';
    rig.toy.on('POST /listen-key', () => ({
      events: [{ kind: 'control', name: 'listen-key', value: key }],
    }));
    await rig.driver.start();
    await rig.toy.until(() => rig.toy.seen('POST /listen-key').length >= 3);
    const paths = () =>
      rig.toy.sockets.map(({ path }) => path).filter((path) => path !== '/public');
    expect(paths()).toEqual(['/private?key=first%20key']);
    key = 'second';
    await rig.toy.until(() => paths().length === 2);
    expect(paths()[1]).toBe('/private?key=second');
  });

  it('counts frames that it cannot read and lives on', async () => {
    await started({ limits: { unrecognizedLogsMax: 2 } });
    rig.toy.push('/private', '<html>', '{"events":7}', '\u0000', '');
    rig.toy.push('/private', frame(fill('1')));
    await rig.next('fill');
    expect(rig.driver.stats()).toMatchObject({ unrecognized: 4, errors: 0 });
    expect(rig.logs.filter((line) => line.startsWith('frame not recognized'))).toHaveLength(2);
  });
});

describe('funding', () => {
  const soon = (settlesAtMs: number, intervalMs: number | null = 3_600_000) => ({
    events: [
      fundingOf('BTCP', { settlesAtMs, intervalMs }),
      fundingOf('ETHP', { settlesAtMs, intervalMs }),
    ],
  });
  // 1 s of wall = 1 h of venue.
  const fast = () => {
    const wallStartMs = performance.timeOrigin + performance.now();
    const wallMs = () => performance.timeOrigin + performance.now();
    return { wallMs, venueMs: () => (wallMs() - wallStartMs) * 3_600 };
  };
  const limits = {
    settlementLagWallMs: 300,
    fundingReadGapMs: 5,
    paymentsReadGapMs: 5,
    fundingAuditEveryMs: 600_000,
  };

  it('reads rates, intervals and the ledger after a settlement, each payment once', async () => {
    const clock = fast();
    rig = await toyRig({ clock, limits });
    let intervalMs = 28_800_000;
    rig.toy.on('GET /funding', () => {
      const next = clock.venueMs() < 1_800_000 ? 1_800_000 : 9_000_000_000;
      return soon(next, intervalMs);
    });
    rig.toy.on('GET /payments', () => ({
      events: [payment('p2', { venueTsMs: 2 }), payment('p1', { venueTsMs: 1 })],
    }));
    await rig.driver.start();
    intervalMs = 3_600_000;
    await rig.next('funding-payment', ({ id }) => id === 'p2');
    await rig.until(() => rig.cell('BTCP', 'intervalMs') === 3_600_000);
    await rig.toy.until(() => rig.toy.seen('GET /payments').length >= 2);
    await rig.until(() => rig.driver.stats().fundingPaymentsSeen === 2);
    expect(rig.events.filter(isEvent('funding-payment')).map(({ id }) => id)).toEqual(['p1', 'p2']);
    const since = Number(rig.toy.seen('GET /payments')[0]?.query.get('since'));
    expect(since).toBe(1_800_000 - 3_600_000);
  });

  it('what a settlement was computed at is read after its bill, once', async () => {
    const clock = fast();
    rig = await toyRig({ clock, limits: { ...limits, fundingCheckGapMs: 5 } });
    const settledAtMs = 3_600_000;
    rig.toy.on('GET /funding', () => {
      return soon(clock.venueMs() < settledAtMs ? settledAtMs : 9_000_000_000);
    });
    rig.toy.on('GET /payments', () => {
      return { events: [payment('p1', { venueTsMs: settledAtMs + 5 })] };
    });
    const past = { settled: true, ratePerInterval: 0.0001, intervalMs: null };
    rig.toy.on('GET /funding-history', () => ({
      events: [
        fundingOf('BTCP', { ...past, settlesAtMs: 0 }),
        fundingOf('BTCP', { ...past, settlesAtMs: settledAtMs + 3, mark: 64_000.5 }),
      ],
    }));
    await rig.driver.start();
    const { rate, mark, ...settled } = await rig.next('funding-settled');
    expect(settled).toMatchObject({ settledAtMs });
    expect([rate, mark]).toEqual([decimal('0.0001'), decimal('64000.5')]);
    expect(rig.events.filter(isEvent('funding-payment'))).toHaveLength(1);
    expect(rig.events.filter(isEvent('funding-settled'))).toHaveLength(1);
  });

  it('a ledger that is late by the wall is read once more at any speed', async () => {
    const clock = fast();
    rig = await toyRig({ clock, limits });
    rig.toy.on('GET /funding', () => soon(clock.venueMs() < 1_800_000 ? 1_800_000 : 9_000_000_000));
    // Booked 200 ms after the first reading: 5 minutes of venue time are 83 ms.
    let bookedMs = Number.POSITIVE_INFINITY;
    rig.toy.on('GET /payments', () => {
      if (bookedMs === Number.POSITIVE_INFINITY) bookedMs = clock.wallMs() + 200;
      return { events: clock.wallMs() < bookedMs ? [] : [payment('p1')] };
    });
    await rig.driver.start();
    expect(await rig.next('funding-payment')).toMatchObject({ id: 'p1' });
  });

  it('a ledger that cannot be read is read again', async () => {
    const clock = fast();
    rig = await toyRig({
      clock,
      limits: { ...limits, readAttemptsMax: 1, paymentsReadVenueMs: [0] },
    });
    rig.toy.on('GET /funding', () => soon(clock.venueMs() < 1_800_000 ? 1_800_000 : 9_000_000_000));
    let calls = 0;
    rig.toy.on('GET /payments', () =>
      ++calls <= 2 ? { status: 503, text: '' } : { events: [payment('p1')] },
    );
    await rig.driver.start();
    expect(await rig.next('funding-payment')).toMatchObject({ id: 'p1' });
    expect(calls).toBe(3);
  });

  it('takes an unstated interval from the last settlement: next - last = 4 h', async () => {
    rig = await toyRig();
    const last = Date.now() - 3_600_000;
    const settled = (ago: number) =>
      fundingOf('BTCP', { settled: true, settlesAtMs: last - ago + 7 });
    rig.toy.on('GET /funding', () => soon(last + 14_400_000, null));
    rig.toy.on('GET /funding-history', ({ query }) => ({
      events: query.get('symbol') === 'BTCP' ? [settled(0), settled(28_800_000)] : [],
    }));
    await rig.driver.start();
    expect(rig.cell('BTCP', 'intervalMs')).toBe(14_400_000);
    // No history, no interval: unknown, and never a guess.
    expect(rig.cell('ETHP', 'intervalMs')).toBeNaN();
  });

  it('asks the history again only when the next settlement is not where it was due', async () => {
    const hourMs = 3_600_000;
    let nowMs = 1_800_000_000_000;
    const first = nowMs + hourMs / 2;
    rig = await toyRig({
      clock: { venueMs: () => nowMs, wallMs: systemClock().wallMs },
      limits: { fundingReadGapMs: 5, settlementLagWallMs: 0, fundingAuditEveryMs: 20 },
    });
    let nextMs = first;
    const past: number[] = [first - hourMs];
    rig.toy.on('GET /funding', () => ({
      events: [fundingOf('BTCP', { intervalMs: null, settlesAtMs: nextMs })],
    }));
    rig.toy.on('GET /funding-history', ({ query }) => ({
      events:
        query.get('symbol') === 'BTCP'
          ? past.map((settlesAtMs) => fundingOf('BTCP', { settled: true, settlesAtMs }))
          : [],
    }));
    const asked = (): number =>
      rig.toy.seen('GET /funding-history').filter(({ query }) => query.get('symbol') === 'BTCP')
        .length;
    await rig.driver.start();
    expect([rig.cell('BTCP', 'intervalMs'), asked()]).toEqual([hourMs, 1]);
    // It settles, and the next one is an hour later, as known: read again, but no history.
    const settle = async (at: number, next: number): Promise<void> => {
      past.push(at);
      nextMs = next;
      nowMs = at + 61_000;
      await rig.until(() => rig.cell('BTCP', 'settlesAtMs') === next);
      // Further readings show that ticks have passed since, so that the next one is awaited.
      const reads = rig.toy.seen('GET /funding').length;
      nowMs = at + 301_000;
      await rig.until(() => rig.toy.seen('GET /funding').length > reads + 3);
    };
    await settle(first, first + hourMs);
    expect(asked()).toBe(1);
    // It settles again, and the next one is four hours later.
    await settle(first + hourMs, first + 5 * hourMs);
    await rig.until(() => rig.cell('BTCP', 'intervalMs') === 4 * hourMs);
    expect(asked()).toBeGreaterThan(1);
  });
});

describe('a snapshot', () => {
  it('goes ahead of other reads when their share of the rate limit is used up', async () => {
    const buckets = {
      reads: { capacity: 1_000, intervalMs: 3_600_000 },
      orders: { capacity: 1_000, intervalMs: 1_000 },
    };
    await started({ venue: { buckets } });
    // 77% used: reads may take 75%, so another one would wait for an hour.
    rig.toy.on('GET /balances', () => ({ events: [balance('10')], headers: { 'x-used': '770' } }));
    rig.driver.act(snapshotEffect);
    expect(await rig.next('venue-snapshot')).toMatchObject({ ok: true, error: null });
  });

  it('holds everything, once, with the client ids of fills', async () => {
    await started();
    const order = {
      kind: 'order',
      symbol: 'BTCP',
      clientOrderId: 'farb1',
      venueOrderId: '7',
      status: 'filled',
      side: 'buy',
      qty: '1',
      filledQty: '1',
      limit: null,
      averagePrice: '100',
      reduceOnly: null,
      reason: null,
    };
    rig.toy.on('GET /orders-history', () => ({ events: [order, order] }));
    rig.toy.on('GET /fills', () => ({
      events: [
        { ...fill('1'), clientOrderId: null },
        fill('1'),
        { ...fill('2'), clientOrderId: null, venueOrderId: '7' },
      ],
    }));
    rig.toy.on('GET /payments', () => ({ events: [payment('p1')] }));
    rig.toy.on('GET /balances', () => ({ events: [balance('10')] }));
    rig.toy.on('GET /positions', () => ({ events: [position('1')] }));
    rig.driver.act(snapshotEffect);
    const snapshot = await rig.next('venue-snapshot');
    expect(snapshot).toMatchObject({ requestId: 'r1', ok: true, error: null });
    // It says from when on it lists: no farther back than its limit.
    expect(snapshot.sinceMs).toBeGreaterThan(Date.now() - 31 * 86_400_000);
    expect(snapshot.orders).toHaveLength(1);
    expect(snapshot.fills.map(({ fillId, clientOrderId }) => [fillId, clientOrderId])).toEqual([
      ['1', 'farb1'],
      ['2', 'farb1'],
    ]);
    expect(snapshot.balances).toMatchObject([{ total: 10n * 10n ** 18n }]);
    expect(snapshot.positions).toHaveLength(1);
    expect(snapshot.fundingPayments).toHaveLength(1);
    expect(rig.toy.seen('GET /fills')[0]?.query.get('since')).toBe(String(snapshot.sinceMs));
  });

  it('is read again when a fill falls between its readings', async () => {
    await started();
    let held = 1;
    let fills = 0;
    rig.toy.on('GET /positions', () => ({ events: [position(`${held}`)] }));
    rig.toy.on('GET /fills', () => {
      const answer = { events: Array.from({ length: held }, (_, i) => fill(`f${i}`)) };
      // The fill happens after its listing was read, in the first reading only.
      if (++fills === 1) held = 2;
      return answer;
    });
    rig.driver.act(snapshotEffect);
    const snapshot = await rig.next('venue-snapshot');
    expect(snapshot.ok).toBe(true);
    expect(snapshot.positions[0]?.qty).toBe(2n * 10n ** 18n);
    expect(snapshot.fills).toHaveLength(2);
  });

  it('says no when the account never stands still', async () => {
    await started({ limits: { snapshotAttemptsMax: 3 } });
    let total = 0;
    rig.toy.on('GET /balances', () => ({ events: [balance(`${++total}`)] }));
    rig.driver.act(snapshotEffect);
    expect(await rig.next('venue-snapshot')).toMatchObject({ ok: false, balances: [] });
    expect(total).toBe(4);
  });

  it('says no when any part cannot be read', async () => {
    await started();
    rig.toy.on('GET /payments', () => 'cut');
    rig.driver.act(snapshotEffect);
    expect(await rig.next('venue-snapshot')).toMatchObject({
      ok: false,
      error: expect.stringContaining('reset'),
    });
  });

  it('answers every request, and refuses those beyond the queue', async () => {
    await started({ limits: { snapshotQueueMax: 1 } });
    for (const requestId of ['a', 'b', 'c']) rig.driver.act({ ...snapshotEffect, requestId });
    await rig.next('venue-snapshot', ({ requestId }) => requestId === 'b');
    const answers = rig.events
      .filter(isEvent('venue-snapshot'))
      .map(({ requestId, ok }) => `${requestId} ${ok}`);
    expect(answers).toEqual(['c false', 'a true', 'b true']);
  });
});
