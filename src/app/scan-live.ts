// A market snapshot from the venues' public data: drivers without credentials, so nothing on an
// account can be touched.
import { messageOf, UserError } from '../base/errors.ts';
import type { DriverEvent } from '../domain/event.ts';
import { Catalog, type Instrument, type InstrumentId } from '../domain/instrument.ts';
import { MarketTable, slot } from '../domain/market-table.ts';
import { legViewOf } from '../engine/legs.ts';
import type { Capability } from '../io/ccxt/capabilities.ts';
import { systemClock, testnetClock } from '../io/clock.ts';
import type { DriverLog } from '../io/driver-types.ts';
import type { Config } from './config.ts';
import { driverOf } from './drivers.ts';
import { publicSetups } from './public-setups.ts';
import { feeRateTakerOf } from './published-fees.ts';
import type { MarketSnapshot } from './scan.ts';
import { instrumentsMax } from './system.ts';
import type { TestnetFile } from './testnet-file.ts';

/** For the first quotes and rates of everything (wall). */
const readyMsMax = 10_000;
const pollMs = 100;
/** Nothing new for so long: what is missing then is not coming. */
const quietMs = 1_500;

export interface LiveScanOptions {
  readonly config: Config;
  readonly testnet: TestnetFile | null;
  readonly log: DriverLog;
}

export interface VenueLook {
  readonly venue: string;
  /** Null = it answered. */
  readonly error: string | null;
  /** The venue's clock minus ours. */
  readonly clockOffsetMs: number;
  readonly roundTripMs: number;
  /** Of a venue behind ccxt; empty for native ones. */
  readonly capabilities: readonly Capability[];
}

export interface LiveLook {
  readonly venues: readonly VenueLook[];
  readonly catalog: Catalog;
  readonly snapshot: MarketSnapshot;
}

/** Throws a UserError when no venue answers. */
export async function liveSnapshot(options: LiveScanOptions): Promise<MarketSnapshot> {
  const { venues, snapshot } = await lookLive(options);
  const errors = venues.flatMap(({ venue, error }) => (error === null ? [] : `${venue}: ${error}`));
  if (errors.length === venues.length) {
    throw new UserError(`no venue answers: ${errors.join('; ')}`, { exitCode: 1 });
  }
  return { ...snapshot, notes: [...errors, ...snapshot.notes] };
}

/** Connects, waits for the first quotes and rates of everything, disconnects. */
export async function lookLive(options: LiveScanOptions): Promise<LiveLook> {
  const { testnet, log } = options;
  const setups = publicSetups(options.config, testnet);
  const clock = testnet === null ? systemClock() : testnetClock(testnet.clock);
  const catalog = new Catalog();
  const table = new MarketTable(instrumentsMax);
  const listedFees = new Map<InstrumentId, number>();
  const borrowRates = new Map<string, number>();
  const emit = (event: DriverEvent): void => {
    if (event.kind === 'borrow-rates') {
      for (const [asset, rate] of Object.entries(event.ratesPerHour)) {
        borrowRates.set(`${event.venue}|${asset}`, rate);
      }
    }
    if (event.kind !== 'instruments') return;
    for (const [id, { taker }] of Object.entries(event.feeRates)) listedFees.set(id, taker);
  };
  const onQuote = (): void => undefined;
  const drivers = setups.map((setup) =>
    driverOf(setup, { credentials: null, clock, catalog, table, emit, onQuote, log }),
  );
  try {
    const started = await Promise.allSettled(drivers.map((driver) => driver.start()));
    const venues = started.map((result, i): VenueLook => {
      const driver = drivers[i] as (typeof drivers)[number]; // one result per driver
      const { offsetMs, roundTripMs } = driver.stats().clock;
      const error = result.status === 'rejected' ? messageOf(result.reason) : null;
      const capabilities = driver.capabilities();
      return { venue: driver.venue, error, clockOffsetMs: offsetMs, roundTripMs, capabilities };
    });
    if (venues.some(({ error }) => error === null)) await untilKnown(catalog, table);
    const snapshot = snapshotOf({
      catalog,
      table,
      clock,
      listedFees,
      borrowRates,
      isTestnet: testnet !== null,
    });
    return { venues, catalog, snapshot };
  } finally {
    await Promise.allSettled(drivers.map((driver) => driver.stop()));
  }
}

async function untilKnown(catalog: Catalog, table: MarketTable): Promise<void> {
  const endsAt = performance.now() + readyMsMax;
  let known = -1;
  let changedAt = performance.now();
  while (performance.now() < endsAt) {
    const now = knownCount(catalog, table);
    if (now === catalog.size && now > 0) return;
    if (now !== known) {
      known = now;
      changedAt = performance.now();
    } else if (known > 0 && performance.now() - changedAt > quietMs) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

function knownCount(catalog: Catalog, table: MarketTable): number {
  return catalog.all().filter((instrument, index) => {
    const isQuoted = table.get(index, slot.bid) > 0 && table.get(index, slot.ask) > 0;
    const hasRate = !Number.isNaN(table.get(index, slot.ratePerInterval));
    return isQuoted && (instrument.kind === 'spot' || hasRate);
  }).length;
}

function snapshotOf(parts: {
  readonly catalog: Catalog;
  readonly table: MarketTable;
  readonly clock: { venueMs(): number; wallMs(): number };
  readonly listedFees: ReadonlyMap<InstrumentId, number>;
  /** By `venue|asset`. */
  readonly borrowRates: ReadonlyMap<string, number>;
  readonly isTestnet: boolean;
}): MarketSnapshot {
  const { catalog, table, clock, listedFees } = parts;
  const wallMs = clock.wallMs();
  const market = {
    catalog,
    table,
    takerFeeRate: (id: InstrumentId) => {
      const instrument = catalog.byId(id);
      const listed = listedFees.get(id);
      if (listed !== undefined) return listed;
      return instrument === undefined ? Number.NaN : feeRateTakerOf(instrument);
    },
    borrowRatePerHour: (venue: string, asset: string) => parts.borrowRates.get(`${venue}|${asset}`),
  };
  const legs = new Map<InstrumentId, { instrument: Instrument; view: MarketLegView }>();
  for (const instrument of catalog.all()) {
    const view = legViewOf(market, instrument.id, wallMs);
    if (view !== null) legs.set(instrument.id, { instrument, view });
  }
  return {
    source: parts.isTestnet ? 'testnet' : 'live',
    tsMs: clock.venueMs(),
    legs,
    hasBooks: true,
    notes: ['fees: the venues’ published taker rates of the lowest tier'],
  };
}

type MarketLegView = NonNullable<ReturnType<typeof legViewOf>>;
