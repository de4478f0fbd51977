// A running system: recovers, connects the venues, turns the engine's loop, winds down and
// accounts. Nothing here decides about trading; it only carries inputs to the host and effects to
// the drivers.

import type { AlertView, Command, RunSummary, SystemPort, SystemStatus } from '../api/contract.ts';
import { present } from '../base/assert.ts';
import type { Alert, DriverEvent, EngineInput, VenueEffect } from '../domain/event.ts';
import { Catalog } from '../domain/instrument.ts';
import { MarketTable, slot } from '../domain/market-table.ts';
import type { Clock } from '../domain/ports.ts';
import { EngineHost } from '../engine/host.ts';
import type { MarketReader } from '../engine/legs.ts';
import type { EngineState } from '../engine/state.ts';
import { PairWatch } from '../engine/watch.ts';
import type { DriverLog, VenueDriver } from '../io/driver-types.ts';
import { openJournal } from '../store/journal.ts';
import type { StateDir } from '../store/state-dir.ts';
import { defaultScanOptions } from '../strategy/scan.ts';
import { createCheckpointer, foldedRecordsMax } from './checkpoint.ts';
import { type BrokenVenue, policyOf, type VenueSetup } from './compose.ts';
import type { Config } from './config.ts';
import { Conflater } from './conflate.ts';
import { driverOf } from './drivers.ts';
import type { Failpoint } from './failpoint.ts';
import { Latency } from './latency.ts';
import { marksEveryMs, marksOf, scanEveryMs } from './marks.ts';
import { Outbox } from './outbox.ts';
import { createPaperDriver } from './paper-driver.ts';
import { watchProcess } from './process-watch.ts';
import { recover } from './recover.ts';
import { type Rehearsals, startRehearsals } from './rehearsals.ts';
import { statusOf } from './status.ts';
import { summaryOf } from './summary.ts';
import { createTimers } from './timers.ts';
import { bringUp, type VenuesUp } from './venues-up.ts';
import { windDown } from './wind-down.ts';

/** Instruments over all venues that the market table has room for. */
export const instrumentsMax = 4_096;
const memoryEveryMs = 500;
/** Pairs that are looked at in one turn of the event loop, of those that passed on the timer. */
const looksPerTurn = 4;
/** Alerts kept for the status view. */
const alertsShownMax = 50;

export interface SystemOptions {
  readonly config: Config;
  readonly mode: 'testnet' | 'paper' | 'live';
  readonly setups: readonly VenueSetup[];
  readonly clock: Clock;
  readonly stateDir: StateDir;
  readonly seed: number | null;
  readonly marketHash: string | null;
  readonly log: DriverLog;
  readonly failpoint: Failpoint | null;
  /** A flatten: goes on without a venue that refuses us. */
  readonly onlyToClose: boolean;
  /** Venues that belong to the configuration and have no set-up. */
  readonly absent: readonly BrokenVenue[];
}

export interface RunningSystem extends SystemPort {
  readonly state: EngineState;
  readonly catalog: Catalog;
  readonly table: MarketTable;
  /** Best upper bounds of the net edge now, for display. */
  best(count: number): ReturnType<PairWatch['best']>;
  /** Closes what is open, reconciles, stops; the books of the run. Idempotent. */
  stop(options: { readonly windDownMs: number }): Promise<RunSummary>;
  /** Rejects when the engine failed: an assertion or the journal. */
  readonly failed: Promise<never>;
}

export async function startSystem(options: SystemOptions): Promise<RunningSystem> {
  const { config, clock, stateDir, log, setups, failpoint } = options;
  const recovered = recover(stateDir.journalPath);
  if (recovered.tornBytes > 0) {
    log.warn({ bytes: recovered.tornBytes }, 'a torn last journal record was cut off');
  }
  for (const reason of recovered.passedOver) log.warn({ reason }, 'a snapshot was not used');
  const { state } = recovered;
  const startedWallMs = clock.wallMs();
  const startedTsMs = clock.venueMs();
  const catalog = new Catalog();
  for (const instrument of state.instruments.values()) catalog.put(instrument);
  const table = new MarketTable(instrumentsMax);
  const latency = new Latency();
  const processWatch = watchProcess();
  const alerts: AlertView[] = [];
  let rssMbMax = rssMb();
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => {}); // whoever runs the system awaits it; before that it must not be unhandled

  const journal = openJournal({
    path: stateDir.journalPath,
    tail: recovered.tail,
    durability: config.main.journal.durability,
    onError: fail,
    onDown: () => tellJournalStatus(),
    onUp: () => tellJournalStatus(),
    onSegmentClosed: (lastSeq) => checkpointer.segmentClosed(lastSeq),
  });
  const checkpointer = createCheckpointer({
    path: stateDir.journalPath,
    compaction: config.main.journal.compaction,
    onFailed: (reason) => log.warn({ reason }, 'no snapshot was made: the next boot folds more'),
  });
  if (recovered.records > foldedRecordsMax) checkpointer.segmentClosed(recovered.tail.lastSeq);
  const market: MarketReader = {
    catalog,
    table,
    takerFeeRate: (id) => state.feeRates.get(id)?.taker ?? Number.NaN,
    borrowRatePerHour: (venue, asset) => state.borrowRates.get(`${venue}|${asset}`),
  };
  const drivers = new Map<string, VenueDriver>();
  const outbox = new Outbox(drivers, (effect) => {
    if (effect.kind === 'place-order') latency.orderLeft(clock.wallMs());
    failpoint?.afterSend();
  });
  const guarded = (input: EngineInput): void => {
    try {
      host.put(input);
    } catch (thrown) {
      host.stop();
      fail(thrown);
    }
  };
  const tell = (alert: Omit<Alert, 'kind'>): void => {
    alerts.push({ ...alert, tsMs: state.tsMs, wallMs: state.wallMs });
    if (alerts.length > alertsShownMax) alerts.shift();
    const level =
      alert.severity === 'info' ? 'info' : alert.severity === 'warning' ? 'warn' : 'error';
    log[level]({ code: alert.code }, alert.message);
  };
  /** A store that is down lets nothing be opened; what closes goes to the emergency segment. */
  const tellJournalStatus = (): void => {
    const { downBecause } = journal;
    if (state.storesDown.has('journal') === (downBecause !== null)) return;
    if (downBecause === null) {
      tell({ severity: 'info', code: 'journal-up', message: 'the journal can be written again' });
    } else {
      const message = `the journal cannot be written (${downBecause.message}): closing only`;
      tell({ severity: 'critical', code: 'journal-down', message });
    }
    guarded({ kind: 'store-status', store: 'journal', up: downBecause === null });
  };
  const timers = createTimers(clock, (timer) => guarded({ kind: 'timer', timer }));
  const policy = policyOf(config, setups);
  const host: EngineHost = new EngineHost({
    state,
    policy,
    market,
    clock,
    ports: {
      append(record) {
        failpoint?.beforeAppend(record);
        journal.append(record);
      },
      commit() {
        journal.commit();
        failpoint?.afterAppend();
      },
      act: (effect: VenueEffect) => outbox.add(effect),
      flush: () => outbox.flush(),
      timer: (effect) => outbox.afterwards(() => timers.apply(effect)),
      alert: (alert) => outbox.afterwards(() => tell(alert)),
      observe: (record) => {
        // An input may be without effects: then nothing is flushed.
        if ('input' in record) watch.observe(record);
        else outbox.afterwards(() => watch.observe(record));
      },
    },
  });
  const watch = new PairWatch({
    market,
    strategies: policy.strategies,
    state,
    clock,
    scan: defaultScanOptions,
    put: guarded,
  });
  let looks = 0;
  const evaluate = (index: number): void => {
    looks++;
    latency.tickStarts(table.get(index, slot.quoteWallMs), clock.wallMs());
    watch.onQuote(index);
    latency.decided(clock.wallMs());
  };
  const conflater = new Conflater(evaluate, instrumentsMax);
  const onQuote = (index: number): void => {
    conflater.changed(index, table.get(index, slot.quoteWallMs));
  };
  const make = (venue: string): VenueDriver => {
    const setup = present(
      setups.find(({ id }) => id === venue),
      venue,
    );
    const { credentials } = setup;
    const emit = (event: DriverEvent): void => guarded(event);
    const hooks = { clock, catalog, table, emit, onQuote, log };
    const { epoch } = stateDir;
    const paper = { state, epoch, usdtPerVenue: config.main.paper.usdtPerVenue };
    const driver =
      options.mode === 'paper'
        ? createPaperDriver(setup, hooks, paper)
        : driverOf(setup, { ...hooks, credentials });
    drivers.set(venue, driver);
    return driver;
  };

  guarded({
    kind: 'booted',
    runId: `${stateDir.installation}-${stateDir.epoch}`,
    installation: stateDir.installation,
    epoch: stateDir.epoch,
    seed: options.seed,
    venues: [...setups.map(({ id }) => id), ...options.absent.map(({ venue }) => venue)],
    configDigest: config.digest,
    ...(stateDir.fromVenuesAlone === true ? { fromVenuesAlone: true } : {}),
  });
  const onDown = (venue: string, detail: string): void => {
    guarded({ kind: 'venue-status', venue, channel: 'rest', status: 'down', detail });
  };
  for (const { venue, reason } of options.absent) onDown(venue, reason);
  tellJournalStatus();
  /** Of what passed on the timer, some at a time: frames that came have their turn between. */
  const lookOn = (left: number): void => {
    if (left > 0) setImmediate(() => lookOn(watch.more(looksPerTurn)));
  };
  const every = [
    setInterval(() => guarded(marksOf(state, catalog, table, clock)), marksEveryMs),
    setInterval(() => lookOn(watch.onTimer(looksPerTurn)), scanEveryMs),
    setInterval(() => {
      rssMbMax = Math.max(rssMbMax, rssMb());
    }, memoryEveryMs),
  ];

  const status = (): SystemStatus =>
    statusOf({
      state,
      market: { catalog, table },
      drivers: [...drivers.values()],
      mode: options.mode,
      clock,
      startedWallMs,
      startedTsMs,
      journal,
      latency,
      quotesConflated: conflater.conflated,
      process: processWatch.view(),
      rssMb: rssMb(),
      alerts,
    });
  const command = (name: Command, by: string): void =>
    guarded({ kind: 'operator', command: name, by });

  let stopping: Promise<RunSummary> | null = null;
  const stop = async (windDownMs: number): Promise<RunSummary> => {
    await windDown({ state, clock, put: guarded, windDownMs });
    guarded(marksOf(state, catalog, table, clock));
    host.stop();
    rehearsals.stop();
    processWatch.stop();
    for (const handle of every) clearInterval(handle);
    timers.stop();
    venuesUp.stop();
    await Promise.all([...drivers.values()].map((driver) => driver.stop()));
    journal.close();
    await checkpointer.stop();
    return summaryOf({
      state,
      clock,
      startedWallMs,
      startedTsMs,
      journalPath: stateDir.journalPath,
      marketHash: options.marketHash,
      latency,
      rssMbMax: Math.max(rssMbMax, rssMb()),
      nakedDeltaMs: policy.execution.nakedDeltaMsMax,
    });
  };

  let venuesUp: VenuesUp;
  try {
    venuesUp = await bringUp({
      venues: setups.map(({ id }) => id),
      make,
      onlyToClose: options.onlyToClose,
      onDown,
      onRefused: fail,
    });
  } catch (thrown) {
    host.stop();
    processWatch.stop();
    for (const handle of every) clearInterval(handle);
    timers.stop();
    await Promise.allSettled([...drivers.values()].map((driver) => driver.stop()));
    journal.close();
    await checkpointer.stop();
    throw thrown;
  }
  const rehearsals: Rehearsals = startRehearsals(config.main.execution.rehearsal, {
    ...{ policy, market, clock, log },
    best: (count) => watch.best(count),
    looks: () => looks,
    message: (order) => drivers.get(order.venue)?.rehearse?.(order),
  });
  return {
    state,
    catalog,
    table,
    failed,
    status,
    command,
    best: (count) => watch.best(count),
    stop({ windDownMs }) {
      stopping ??= stop(windDownMs);
      return stopping;
    },
  };
}

function rssMb(): number {
  return process.memoryUsage.rss() / 1_048_576;
}
