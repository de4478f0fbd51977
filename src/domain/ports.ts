// The two ports between the engine and the world. Live, testnet, paper, backtest, simulation and
// replay differ only in who stands behind them.
import type { DriverEvent, VenueEffect } from './event.ts';
import type { VenueId } from './instrument.ts';

export interface Clock {
  /** Venue time, epoch ms: settlements, funding, market data. */
  venueMs(): number;
  /** Monotonic wall time, epoch ms: signatures, timeouts, ages, rate windows. */
  wallMs(): number;
}

/** `act` returns nothing: outcomes come back only as events; a timeout is an event. */
export interface VenuePort {
  readonly venue: VenueId;
  act(effect: VenueEffect): void;
}

/** Where drivers put what happened; account events keep their order and are never dropped. */
export type EmitDriverEvent = (event: DriverEvent) => void;
