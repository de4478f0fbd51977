// A market snapshot from the venues' public data: drivers without credentials, so nothing on an account
// can be touched.
import { UserError } from '../base/errors.ts';
import { Catalog, type Instrument, type InstrumentId } from '../domain/instrument.ts';
import { MarketTable, slot } from '../domain/market-table.ts';
import { legViewOf } from '../engine/legs.ts';
import { systemClock, testnetClock } from '../io/clock.ts';
import { createDriver } from '../io/driver.ts';
import type { DriverLog } from '../io/driver-types.ts';
import { type VenueSetup, venueSetups } from './compose.ts';
import type { Config } from './config.ts';
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

/** Throws a UserError when no venue answers. */
export async function liveSnapshot(options: LiveScanOptions): Promise<MarketSnapshot> {
  const { testnet, log } = options;
  // Public data needs no keys; the testnet file's are there only so that none are looked for.
  const setups = publicSetups(options);
  const clock = testnet === null ? systemClock() : testnetClock(testnet.clock);
  const catalog = new Catalog();
  const table = new MarketTable(instrumentsMax);
  const drivers = setups.map((setup) =>
    createDriver({
      spec: setup.spec,
      endpoints: setup.endpoints,
      credentials: null,
      clock,
      catalog,
      table,
      symbols: setup.wants,
      leverage: setup.leverage,
      depth: setup.depth,
      emit: () => undefined,
      onQuote: () => undefined,
      log,
    }),
  );
  try {
    const started = await Promise.allSettled(drivers.map((driver) => driver.start()));
    const notes: string[] = [];
    for (const [i, result] of started.entries()) {
      if (result.status === 'rejected') {
        notes.push(`${setups[i]?.spec.id}: ${String((result.reason as Error).message)}`);
      }
    }
    if (notes.length === setups.length) {
      throw new UserError(`no venue answers: ${notes.join('; ')}`, { exitCode: 1 });
    }
    await untilKnown(catalog, table);
    return snapshotOf({ catalog, table, clock, notes, isTestnet: testnet !== null });
  } finally {
    await Promise.allSettled(drivers.map((driver) => driver.stop()));
  }
}

function publicSetups({ config, testnet }: LiveScanOptions): readonly VenueSetup[] {
  const noKeys = { key: 'public', secret: 'public', passphrase: 'public' };
  const venues = Object.fromEntries(
    Object.entries(config.exchanges.venues).map(([id, venue]) => [id, { ...venue, ...noKeys }]),
  );
  return venueSetups({ ...config, exchanges: { ...config.exchanges, venues } }, testnet);
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
  readonly notes: readonly string[];
  readonly isTestnet: boolean;
}): MarketSnapshot {
  const { catalog, table, clock, notes } = parts;
  const wallMs = clock.wallMs();
  const market = {
    catalog,
    table,
    takerFeeRate: (id: InstrumentId) => {
      const instrument = catalog.byId(id);
      return instrument === undefined ? Number.NaN : feeRateTakerOf(instrument);
    },
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
    notes: [...notes, 'fees: the venues’ published taker rates of the lowest tier'],
  };
}

type MarketLegView = NonNullable<ReturnType<typeof legViewOf>>;
