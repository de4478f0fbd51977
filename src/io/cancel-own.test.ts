// Cancelling by installation against the local venues over sockets: ours go, everybody else's stay.
import { afterEach, expect, it } from 'vitest';
import { localEndpoints } from '../../test/conformance/local-driver.ts';
import {
  type LocalVenue,
  localKeys,
  startLocalVenue,
} from '../../test/conformance/local-testnet.ts';
import { type Decimal, fromNumber, roundToStep } from '../base/decimal.ts';
import { Catalog, type Instrument } from '../domain/instrument.ts';
import { MarketTable, slot } from '../domain/market-table.ts';
import type { ApprovedOrder } from '../domain/order.ts';
import { venueByName } from '../venues/registry.ts';
import { cancelOwn } from './cancel-own.ts';
import { systemClock } from './clock.ts';
import { createDriver } from './driver.ts';

const ours = ['fainstal00010000001l', 'fainstal00010000002s'];
const foreign = ['faothers00010000001l', 'byhand1'];
const isOurs = (id: string): boolean => id.startsWith('fainstal');
const waitMsMax = 15_000;

let venue: LocalVenue | null = null;
afterEach(async () => {
  await venue?.testnet.stop();
  venue = null;
});

it.each(['binance', 'okx', 'bybit'])('on %s only what bears our ids is cancelled', async (id) => {
  venue = await startLocalVenue(id);
  const { exchange } = venue;
  const spec = venueByName(id);
  if (spec === null) throw new Error(id);
  const endpoints = localEndpoints(spec, venue);
  await leaveResting(venue, id, [...ours, ...foreign]);
  const options = { spec, endpoints, credentials: localKeys, clock: systemClock(), isOurs };
  const quiet = (): void => undefined;
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const report = await cancelOwn({ ...options, log });
  expect({ ...report, found: [...report.found].sort() }).toEqual({
    ok: true,
    found: ours,
    left: [],
    foreign: foreign.length,
    error: null,
  });
  const open = exchange.openOrders(null).map(({ clientOrderId }) => clientOrderId);
  expect([...open].sort()).toEqual([...foreign].sort());
  expect(await cancelOwn({ ...options, log })).toMatchObject({ ok: true, found: [] });
});

it('a venue that does not answer is told as such, not taken for empty', async () => {
  venue = await startLocalVenue('binance');
  const spec = venueByName('binance');
  if (spec === null) throw new Error('binance');
  const endpoints = localEndpoints(spec, venue);
  await venue.testnet.stop();
  const quiet = (): void => undefined;
  const report = await cancelOwn({
    spec,
    endpoints,
    credentials: localKeys,
    clock: systemClock(),
    isOurs,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
  expect(report).toMatchObject({ ok: false, error: 'no server time' });
});

/** Far from the market, half on the perpetual and half on spot; the driver is gone afterwards. */
async function leaveResting(at: LocalVenue, id: string, ids: readonly string[]): Promise<void> {
  const spec = venueByName(id);
  if (spec === null) throw new Error(id);
  const catalog = new Catalog();
  const table = new MarketTable(64);
  const quiet = (): void => undefined;
  const driver = createDriver({
    spec,
    endpoints: localEndpoints(spec, at),
    credentials: localKeys,
    clock: systemClock(),
    catalog,
    table,
    symbols: ({ base, quote }) => base === 'BTC' && quote === 'USDT',
    leverage: 3,
    emit: quiet,
    onQuote: quiet,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    limits: { connectsPerSecondMax: 50 },
  });
  await driver.start();
  const listed = ['linear-perp', 'spot'].map((kind) => {
    return catalog.all().find((instrument) => instrument.kind === kind) as Instrument;
  });
  const until = async (test: () => boolean): Promise<void> => {
    const deadlineMs = performance.now() + waitMsMax;
    while (!test()) {
      if (performance.now() > deadlineMs) throw new Error('the orders do not rest');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const bid = (of: Instrument): number => table.get(catalog.indexOf(of.id), slot.bid);
  await until(() => listed.every((of) => bid(of) > 0));
  for (const [k, clientOrderId] of ids.entries()) {
    const of = listed[k % 2] as Instrument;
    const order = {
      clientOrderId,
      venue: id,
      instrument: of.id,
      side: 'buy',
      qty: roundToStep(fromNumber(1_000 / bid(of)), of.lotSize as Decimal, 'up'),
      limit: roundToStep(fromNumber(bid(of) * 0.97), of.tickSize as Decimal, 'down'),
      timeInForce: 'gtc',
      reduceOnly: false,
      purpose: 'entry',
      pairId: null,
      arrivalMid: bid(of),
    };
    driver.act({ kind: 'place-order', order: order as unknown as ApprovedOrder }); // risk's word
  }
  await until(() => at.exchange.openOrders(null).length === ids.length);
  await driver.stop();
}
