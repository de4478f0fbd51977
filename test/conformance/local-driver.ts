// Our own adapter and driver on one venue of the local testnet, with everything that they say kept.
import type { DriverEvent } from '../../src/domain/event.ts';
import { Catalog, type Instrument, type Market } from '../../src/domain/instrument.ts';
import { MarketTable, slot } from '../../src/domain/market-table.ts';
import type { Endpoints, VenueSpec } from '../../src/domain/venue-spec.ts';
import { systemClock } from '../../src/io/clock.ts';
import { createDriver } from '../../src/io/driver.ts';
import type { VenueDriver } from '../../src/io/driver-types.ts';
import { Inbox, type LocalVenue, localKeys } from './local-testnet.ts';

/** Books start from a snapshot, which a loaded machine answers late. */
const firstMarketMsMax = 30_000;

export interface LocalDriver {
  readonly driver: VenueDriver;
  readonly inbox: Inbox<DriverEvent>;
  readonly catalog: Catalog;
  readonly table: MarketTable;
  cell(instrument: Instrument, at: keyof typeof slot): number;
  next<K extends DriverEvent['kind']>(
    kind: K,
    fits: (event: Extract<DriverEvent, { kind: K }>) => boolean,
    from?: number,
  ): Promise<Extract<DriverEvent, { kind: K }>>;
}

export async function startLocalDriver(
  spec: VenueSpec,
  at: LocalVenue,
  wants: (instrument: Instrument) => boolean,
  markets?: readonly Market[],
): Promise<LocalDriver> {
  const catalog = new Catalog();
  const table = new MarketTable(64);
  const inbox = new Inbox<DriverEvent>();
  const quiet = (): void => undefined;
  const driver = createDriver({
    spec,
    endpoints: localEndpoints(spec, at),
    credentials: localKeys,
    clock: systemClock(),
    catalog,
    table,
    symbols: wants,
    ...(markets === undefined ? {} : { markets }),
    leverage: 3,
    emit: inbox.put,
    onQuote: quiet,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    limits: { connectsPerSecondMax: 50 },
  });
  await driver.start();
  await marketSeen(catalog, table);
  return {
    driver,
    inbox,
    catalog,
    table,
    cell: (instrument, name) => table.get(catalog.indexOf(instrument.id), slot[name]),
    next: async (kind, fits, from = 0) => {
      type Wanted = Extract<DriverEvent, { kind: typeof kind }>;
      const found = await inbox.next(
        `a ${kind}`,
        (event) => event.kind === kind && fits(event as Wanted),
        from,
      );
      return found as Wanted; // by its kind
    },
  };
}

/** A started driver has subscribed; the first quotes and books come a moment later. */
async function marketSeen(catalog: Catalog, table: MarketTable): Promise<void> {
  const deadlineMs = performance.now() + firstMarketMsMax;
  const unseen = () =>
    catalog.all().filter(({ id }) => {
      const index = catalog.indexOf(id);
      return table.books[index] === undefined || Number.isNaN(table.get(index, slot.ask));
    });
  while (unseen().length > 0) {
    if (performance.now() > deadlineMs) {
      throw new Error(`no quote or book of ${unseen().map(({ id }) => id)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Every host of the venue is the one local port; the paths keep them apart. */
export function localEndpoints(spec: VenueSpec, at: Pick<LocalVenue, 'http' | 'ws'>): Endpoints {
  const all = (names: Readonly<Record<string, string>> | undefined, url: string) =>
    Object.fromEntries(Object.keys(names ?? {}).map((name) => [name, url]));
  const live = spec.endpoints['live'];
  return { http: all(live?.http, at.http), ws: all(live?.ws, at.ws) };
}
