// A driver for a set-up: the one place that knows which kinds of drivers there are.
import type { Catalog } from '../domain/instrument.ts';
import type { MarketTable } from '../domain/market-table.ts';
import type { Clock, EmitDriverEvent } from '../domain/ports.ts';
import type { Credentials } from '../domain/venue-spec.ts';
import type { Capability } from '../io/ccxt/capabilities.ts';
import { createCcxtDriver } from '../io/ccxt/driver.ts';
import { createDriver } from '../io/driver.ts';
import type { DriverLog, FrameTap, VenueDriver } from '../io/driver-types.ts';
import type { VenueSetup } from './compose.ts';

export interface DriverHooks {
  /** Null: public data only. */
  readonly credentials: Credentials | null;
  readonly clock: Clock;
  readonly catalog: Catalog;
  readonly table: MarketTable;
  readonly emit: EmitDriverEvent;
  readonly onQuote: (instrumentIndex: number) => void;
  readonly log: DriverLog;
  /** Frames as they come; native venues only. */
  readonly tap?: FrameTap;
}

export interface AnyDriver extends VenueDriver {
  /** What a venue behind ccxt can do; empty for native ones, which do all of it. */
  capabilities(): readonly Capability[];
}

export function driverOf(setup: VenueSetup, hooks: DriverHooks): AnyDriver {
  const { endpoints, leverage, depth, wants: symbols } = setup;
  const common = { ...hooks, endpoints, leverage, depth, symbols };
  if (setup.driver === 'ccxt') {
    const { id: venue, exchangeId, environment, local } = setup;
    return createCcxtDriver({ ...common, venue, exchangeId, environment, local });
  }
  const { spec, orderEntry, markets } = setup;
  const driver = createDriver({ ...common, spec, orderEntry, markets });
  return Object.assign(driver, { capabilities: () => [] });
}
