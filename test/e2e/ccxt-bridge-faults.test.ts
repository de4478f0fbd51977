// The ccxt bridge where answers are lost, and where funding is paid: unknown outcomes stay unknown
// until the venue is asked, and payments have our sign on every venue.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../src/domain/event.ts';
import { type LoadCcxt, loadCcxt } from '../../src/io/ccxt/api.ts';
import { type RunningTestnet, runTestnet } from '../../src/testnet/run.ts';
import { type CcxtRig, type Side, startCcxtRig } from '../support/ccxt-rig.ts';

const always = { fromWallMs: 0, toWallMs: 1e9, method: 'POST' };
const faults = [
  { ...always, name: 'ack-lost', venue: 'binance', path: '/fapi/v1/order' },
  { ...always, name: 'http-503', venue: 'okx', path: '/trade/batch-orders' },
  { ...always, name: 'timeout', venue: 'bybit', path: '/order/create' },
];

describe('a placement whose answer is lost', () => {
  let testnet: RunningTestnet;
  const dir = mkdtempSync(join(tmpdir(), 'farb-ccxt-'));
  const rigs: CcxtRig[] = [];
  beforeAll(async () => {
    const faultsFile = join(dir, 'faults.json');
    writeFileSync(faultsFile, JSON.stringify(faults));
    testnet = await runTestnet({ speed: 1, faultsFile });
  });
  afterAll(async () => {
    await Promise.all(rigs.map((rig) => rig.stop()));
    await testnet?.stop();
    rmSync(dir, { recursive: true });
  });

  it.each([
    ['binance', 'found', 'filled'],
    ['okx', 'not-found', null],
    ['bybit', 'not-found', null],
  ] as const)('is unknown on %s, and the query says %s', async (venue, outcome, status) => {
    const rig = await startCcxtRig(testnet.describe(), venue, { placeTimeoutMs: 1_500 });
    rigs.push(rig);
    const { bridge } = rig;
    const order = bridge.draft(bridge.instrument('BTC', 'linear-perp'), 0.01);
    expect(await bridge.place(order)).toMatchObject({
      outcome: 'unknown',
      error: { code: 'UNKNOWN_OUTCOME', reaction: 'query' },
    });
    const answer = await bridge.query(order);
    expect(answer).toMatchObject({ outcome, order: status === null ? null : { status } });
    expect(answer.fills.reduce((sum, { qty }) => sum + qty, 0n)).toBe(status ? order.qty : 0n);
  });

  it('ends the start with one line when the key is wrong and tells no secret', async () => {
    const wrong = { ...testnet.describe(), secret: 'not-the-secret' };
    const failed = startCcxtRig(wrong, 'okx');
    await expect(failed).rejects.toThrow(/the API key was refused/);
    await expect(failed).rejects.not.toThrow(/not-the-secret/);
  });
});

describe('funding through ccxt', () => {
  let testnet: RunningTestnet;
  beforeAll(async () => {
    testnet = await runTestnet({ speed: 3_600 });
  });
  afterAll(() => testnet?.stop());

  it.each(['binance', 'okx', 'bybit'])('is booked alike on %s', async (venue) => {
    const rig = await startCcxtRig(testnet.describe(), venue);
    try {
      const { native, bridge } = rig;
      const order = bridge.draft(bridge.instrument('BTC', 'linear-perp'), 0.02);
      expect(await bridge.place(order)).toMatchObject({ outcome: 'acked' });
      await bridge.until('a payment on both sides', () => {
        const [ours, theirs] = [paymentsOf(native), paymentsOf(bridge)];
        return ours.length > 0 && theirs.includes(ours[0] as string);
      });
    } finally {
      await rig.stop();
    }
  });
});

function paymentsOf(side: Side): readonly string[] {
  return side.events.flatMap((event: DriverEvent) =>
    event.kind === 'funding-payment'
      ? [`${event.symbol} ${event.venueTsMs} ${event.amount} ${event.asset} ${event.wallet}`]
      : [],
  );
}

describe('a venue with the least that trading needs', () => {
  let testnet: RunningTestnet;
  const rigs: CcxtRig[] = [];
  beforeAll(async () => {
    testnet = await runTestnet({ venues: ['okx'], speed: 1 });
  });
  afterAll(async () => {
    await Promise.all(rigs.map((rig) => rig.stop()));
    await testnet?.stop();
  });

  /** ccxt's okx under a name that nothing is known about, without these methods. */
  const without =
    (...methods: readonly string[]): LoadCcxt =>
    async () => {
      const ccxt = await loadCcxt();
      const okx = ccxt.classOf('okx');
      if (okx === null) throw new Error('ccxt has no okx');
      const { has } = new okx({});
      class Poor extends okx {
        override readonly has = {
          ...has,
          ...Object.fromEntries(methods.map((method) => [method, false])),
        };
      }
      return { ...ccxt, classOf: (id) => (id === 'poor' ? Poor : null) };
    };

  it('trades without streams and queries by id: books are polled, orders listed', async () => {
    const load = without('watchOrderBook', 'watchOrders', 'watchMyTrades', 'fetchOrder');
    const rig = await startCcxtRig(testnet.describe(), 'okx', { exchangeId: 'poor', load });
    rigs.push(rig);
    const { bridge } = rig;
    const perp = bridge.instrument('BTC', 'linear-perp');
    const order = bridge.draft(perp, 0.01);
    expect(await bridge.place(order)).toMatchObject({ outcome: 'acked' });
    const ours = (e: { readonly clientOrderId: string | null }) =>
      e.clientOrderId === order.clientOrderId;
    await bridge.next('order', (e) => ours(e) && e.status === 'filled');
    const fill = await bridge.next('fill', ours);
    expect(fill.fee < 0n).toBe(true);
    const resting = bridge.draft(perp, -0.05, { timeInForce: 'gtc' });
    expect(await bridge.place(resting)).toMatchObject({ outcome: 'acked' });
    await bridge.next('order', (e) => e.clientOrderId === resting.clientOrderId);
    expect(await bridge.cancel(resting)).toMatchObject({ outcome: 'acked' });
    expect(await bridge.query(resting)).toMatchObject({
      outcome: 'found',
      order: { status: 'canceled' },
    });
    const never = bridge.draft(perp, 0.01);
    expect(await bridge.query(never)).toMatchObject({ outcome: 'not-found' });
    expect(await bridge.cancel(never)).toMatchObject({ outcome: 'gone' });
  });

  it('is refused for trading when it cannot list its own fills', async () => {
    const load = without('fetchMyTrades');
    const started = startCcxtRig(testnet.describe(), 'okx', { exchangeId: 'poor', load });
    await expect(started).rejects.toThrow(
      /ccxt cannot trade on poor: own fills: own fills cannot be listed.*Leave its key empty/,
    );
  });

  it('is told to be unknown to ccxt, with what is near', async () => {
    const started = startCcxtRig(testnet.describe(), 'okx', { exchangeId: 'gat' });
    await expect(started).rejects.toThrow(/ccxt [\d.]+ knows no venue "gat". Near: gate/);
  });

  it('says how to install ccxt where it is missing', async () => {
    const missing = Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' });
    const load = () => loadCcxt(() => Promise.reject(missing));
    const started = startCcxtRig(testnet.describe(), 'okx', { load });
    await expect(started).rejects.toThrow(/driver ccxt: the package ccxt is not installed/);
  });
});
