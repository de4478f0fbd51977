// The whole system in one process and in virtual time: the same engine, strategies, risk and
// execution over simulated exchanges. One seed gives one journal, byte for byte. No sockets, no
// clock of the machine, no randomness but the seed's.

import { toNumber } from '../base/decimal.ts';
import { Heap } from '../base/heap.ts';
import { Prng } from '../base/prng.ts';
import { encode } from '../domain/codec.ts';
import type { EngineInput, JournalRecord, SetTimer, VenueEffect } from '../domain/event.ts';
import { Catalog, type Instrument } from '../domain/instrument.ts';
import { MarketTable } from '../domain/market-table.ts';
import type { VenuePort } from '../domain/ports.ts';
import { EngineHost } from '../engine/host.ts';
import type { MarketReader } from '../engine/legs.ts';
import type { Policy } from '../engine/policy.ts';
import { type EngineState, emptyState, livePairs } from '../engine/state.ts';
import { PairWatch, type WatchOptions } from '../engine/watch.ts';
import type { SimExchange, SimNow } from './api.ts';
import { marksOf, showMarket } from './market-view.ts';
import { createSimPort, type Disturbance } from './port.ts';
import { marginTermsOf } from './venue-answers.ts';

/** Wall ms between market ticks, and between marks records. */
const tickMs = 100;
const marksMs = 500;
const scanMs = 1_000;
/** Rounds of the last reconciliation. */
const reconcileRoundsMax = 40;
/** Wall time at which every virtual run starts: any fixed number. */
const wallStartMs = 1_000_000;

export interface InProcessOptions {
  readonly seed: number;
  readonly startMs: number;
  /** Venue ms per wall ms. */
  readonly speed: number;
  readonly exchanges: readonly SimExchange[];
  readonly wants: (instrument: Instrument) => boolean;
  readonly policy: Policy;
  readonly scan: WatchOptions['scan'];
  /** Wall time of trading, and then of winding down. */
  readonly tradeMs: number;
  readonly windDownMs: number;
  /** What goes wrong with an effect; drawn from the run's own randomness. */
  readonly disturb?: (effect: VenueEffect, prng: Prng) => Disturbance | null;
  /** Every record as it would stand in the journal. */
  readonly onRecord: (text: string, record: JournalRecord) => void;
}

export interface InProcessRun {
  readonly state: EngineState;
  readonly records: number;
}

export function runInProcess(options: InProcessOptions): InProcessRun {
  const { exchanges, policy, seed } = options;
  const queue = new Heap<() => void>();
  const prng = new Prng(seed);
  let wallMs = wallStartMs;
  const now = (): SimNow => ({
    wallMs,
    tsMs: options.startMs + (wallMs - wallStartMs) * options.speed,
  });
  const after = (delayMs: number, action: () => void): void => queue.push(wallMs + delayMs, action);

  const catalog = new Catalog();
  const listed = exchanges.map((exchange) =>
    exchange.instruments().filter(({ instrument }) => options.wants(instrument)),
  );
  for (const list of listed) for (const { instrument } of list) catalog.put(instrument);
  const table = new MarketTable(catalog.size);
  const state = emptyState();
  let records = 0;
  const market: MarketReader = {
    catalog,
    table,
    takerFeeRate: (id) => state.feeRates.get(id)?.taker ?? Number.NaN,
  };
  const ports = new Map<string, VenuePort>();
  const timers = new Map<string, number>();
  const clock = { wallMs: () => wallMs, venueMs: () => now().tsMs };
  const arm = (effect: SetTimer): void => {
    timers.set(effect.timer, effect.dueMs);
    const due = (): void => {
      if (timers.get(effect.timer) !== effect.dueMs) return;
      timers.delete(effect.timer);
      put({ kind: 'timer', timer: effect.timer });
    };
    const dueWallMs =
      effect.clock === 'wall'
        ? effect.dueMs
        : wallStartMs + (effect.dueMs - options.startMs) / options.speed;
    queue.push(Math.max(wallMs, dueWallMs), due);
  };
  const host: EngineHost = new EngineHost({
    state,
    policy,
    market,
    clock,
    ports: {
      append(record) {
        records++;
        options.onRecord(encode(record), record);
      },
      commit() {},
      act(effect) {
        ports.get(effect.kind === 'place-order' ? effect.order.venue : effect.venue)?.act(effect);
      },
      timer(effect) {
        if (effect.kind === 'set-timer') arm(effect);
        else timers.delete(effect.timer);
      },
      alert() {},
      observe: (record) => watch.observe(record),
    },
  });
  const put = (input: EngineInput): void => host.put(input);
  const watch = new PairWatch({
    market,
    strategies: policy.strategies,
    state,
    clock,
    scan: options.scan,
    put,
  });

  put({
    kind: 'booted',
    runId: `sim-${seed}`,
    installation: 'simsim',
    epoch: 1,
    seed,
    venues: exchanges.map(({ venue }) => venue),
    configDigest: '',
  });
  for (const [i, exchange] of exchanges.entries()) {
    const latencyMs = (): number => 1 + prng.float() * 4;
    const disturb = (effect: VenueEffect) => options.disturb?.(effect, prng) ?? null;
    const port = createSimPort({ exchange, now, after, latencyMs, emit: put, disturb });
    ports.set(exchange.venue, port);
    const list = listed[i] ?? [];
    put({
      kind: 'instruments',
      venue: exchange.venue,
      instruments: list.map(({ instrument }) => instrument),
      feeRates: Object.fromEntries(
        list.map(({ instrument, feeRateTaker, feeRateMaker }) => [
          instrument.id,
          { taker: toNumber(feeRateTaker), maker: toNumber(feeRateMaker) },
        ]),
      ),
    });
    put(marginTermsOf(exchange));
    for (const channel of ['rest', 'public', 'private'] as const) {
      put({ kind: 'venue-status', venue: exchange.venue, channel, status: 'up', detail: '' });
    }
  }

  const everyMs = (periodMs: number, action: () => void): void => {
    const again = (): void => {
      action();
      after(periodMs, again);
    };
    after(0, again);
  };
  everyMs(tickMs, () => {
    for (const exchange of exchanges) exchange.advance(now());
    for (const [i, exchange] of exchanges.entries()) {
      for (const { instrument } of listed[i] ?? []) {
        showMarket({ catalog, table, exchange, instrument, wallMs });
      }
    }
    for (let index = 0; index < catalog.size; index++) watch.onQuote(index);
  });
  everyMs(marksMs, () => put(marksOf(state, catalog, table)));
  everyMs(scanMs, () => void watch.onTimer());

  const tradeUntil = wallStartMs + options.tradeMs;
  const runUntil = (endMs: number, done: () => boolean): void => {
    for (let next = queue.peekKey(); next !== null && next <= endMs; next = queue.peekKey()) {
      wallMs = Math.max(wallMs, next);
      queue.pop()?.();
      if (done()) return;
    }
    wallMs = Math.max(wallMs, endMs);
  };
  /** Until a snapshot of every venue came in after the trading and shows no difference. */
  const reconcile = (): void => {
    const before = new Map([...state.venues].map(([id, venue]) => [id, venue.snapshots]));
    const pending = (): readonly string[] =>
      [...state.venues]
        .filter(([id, v]) => v.snapshots === before.get(id) || v.differences.length > 0)
        .map(([id]) => id);
    for (let round = 0; round < reconcileRoundsMax && pending().length > 0; round++) {
      for (const venue of pending()) put({ kind: 'timer', timer: `reconcile:${venue}` });
      runUntil(wallMs + scanMs, () => false);
    }
  };
  runUntil(tradeUntil, () => false);
  put({ kind: 'operator', command: 'wind-down', by: 'simulation' });
  runUntil(tradeUntil + options.windDownMs, () => livePairs(state).length === 0);
  runUntil(wallMs + scanMs, () => false);
  reconcile();
  put(marksOf(state, catalog, table));
  host.stop();
  return { state, records };
}
