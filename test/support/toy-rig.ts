// A driver over the toy venue: collects what it emits and waits for it without sleeping.
import type { DriverEvent } from '../../src/domain/event.ts';
import { Catalog } from '../../src/domain/instrument.ts';
import { MarketTable, slot } from '../../src/domain/market-table.ts';
import type { Clock } from '../../src/domain/ports.ts';
import { systemClock } from '../../src/io/clock.ts';
import { createDriver } from '../../src/io/driver.ts';
import type { DriverLimits } from '../../src/io/driver-limits.ts';
import type { DriverOptions, VenueDriver } from '../../src/io/driver-types.ts';
import { readCredentials } from '../../src/io/keys.ts';
import { ToyServer } from './toy-server.ts';
import { type ToyOptions, toyKey, toySecret, toyVenue } from './toy-venue.ts';

const recheckMs = 5;

export const quick: Partial<DriverLimits> = {
  tickMs: 10,
  readRetryMs: 5,
  bookJitterMs: 5,
  connectsPerSecondMax: 100,
  placeTimeoutMs: 1_000,
  cancelTimeoutMs: 1_000,
  readTimeoutMs: 5_000,
  queryTimeoutMs: 10_000,
  streamsUpMsMax: 20_000,
  bookReconnectGapMs: 50,
  stopMsMax: 3_000,
};

export interface ToyRig {
  readonly toy: ToyServer;
  readonly driver: VenueDriver;
  readonly events: DriverEvent[];
  readonly catalog: Catalog;
  readonly table: MarketTable;
  readonly quotes: number[];
  readonly logs: string[];
  /** The first event from `from` on that fits; waits for it. */
  next<K extends DriverEvent['kind']>(
    kind: K,
    fits?: (event: Extract<DriverEvent, { kind: K }>) => boolean,
    from?: number,
  ): Promise<Extract<DriverEvent, { kind: K }>>;
  /**
   * Waits until the condition holds; looked at after every event, quote and log line,
   * and every few milliseconds for what makes none of them.
   */
  until(condition: () => boolean): Promise<void>;
  cell(symbol: string, at: keyof typeof slot): number;
  stop(): Promise<void>;
}

export interface RigOptions {
  readonly venue?: Partial<ToyOptions>;
  readonly limits?: Partial<DriverLimits>;
  readonly clock?: Clock;
  readonly driver?: Partial<DriverOptions>;
}

export async function toyRig(options: RigOptions = {}): Promise<ToyRig> {
  const toy = await ToyServer.start();
  const catalog = new Catalog();
  const table = new MarketTable(16);
  const events: DriverEvent[] = [];
  const quotes: number[] = [];
  const logs: string[] = [];
  const watchers: (() => void)[] = [];
  const wake = (): void => {
    for (const watcher of watchers.splice(0)) watcher();
  };
  const line = (fields: object, message: string): void => {
    logs.push(`${message} ${JSON.stringify(fields)}`);
    wake();
  };
  const driver = createDriver({
    spec: toyVenue(options.venue),
    endpoints: toy.endpoints,
    credentials: readCredentials(
      { key: toyKey, secret: toySecret },
      { venue: 'toy', needsPassphrase: false },
    ),
    clock: options.clock ?? systemClock(),
    catalog,
    table,
    symbols: () => true,
    leverage: 3,
    emit: (event) => {
      events.push(event);
      wake();
    },
    onQuote: (index) => {
      quotes.push(index);
      wake();
    },
    log: { debug: line, info: line, warn: line, error: line },
    limits: { ...quick, ...options.limits },
    socketLimits: { backOffMs: 10, backOffMsMax: 50, answerMsMax: 5_000 },
    ...options.driver,
  });
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const again = setTimeout(resolve, recheckMs);
        watchers.push(() => {
          clearTimeout(again);
          resolve();
        });
      });
    }
  };
  return {
    toy,
    driver,
    events,
    catalog,
    table,
    quotes,
    logs,
    until,
    next: async (kind, fits = () => true, from = 0) => {
      type Wanted = Extract<DriverEvent, { kind: typeof kind }>;
      const find = (): Wanted | undefined =>
        events.slice(from).find((e): e is Wanted => e.kind === kind && fits(e as Wanted));
      await until(() => find() !== undefined);
      return find() as Wanted;
    },
    cell: (symbol, at) => {
      const index = catalog.all().findIndex((instrument) => instrument.symbol === symbol);
      return table.get(index, slot[at]);
    },
    stop: async () => {
      await driver.stop();
      await toy.stop();
    },
  };
}
