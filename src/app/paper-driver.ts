// Paper trading of one venue: its public market data through the real driver, without a key, and
// an account of our own at the simulated exchange, filled at the venue's quotes and depth. Nothing
// that is decided ever reaches the venue.

import { UserError } from '../base/errors.ts';
import type { DriverEvent, InstrumentsListed } from '../domain/event.ts';
import type { VenuePort } from '../domain/ports.ts';
import type { EngineState } from '../engine/state.ts';
import type { SimExchange, SimNow } from '../sim/api.ts';
import { listingsOf } from '../sim/listings/listings-of.ts';
import { createSimPort } from '../sim/port.ts';
import { marginTermsOf } from '../sim/venue-answers.ts';
import type { VenueSetup } from './compose.ts';
import { type AnyDriver, type DriverHooks, driverOf } from './drivers.ts';
import { advanceEveryMs, feeRatesOf, listingOf, paperAccount } from './paper-account.ts';
import { renamed } from './paper-ids.ts';

/** One way between us and the simulated exchange (wall). */
const latencyMs = 20;

export interface PaperOptions {
  /** As the journal has it: the account goes on from there. */
  readonly state: EngineState;
  /** Of this boot: ids of the exchange begin anew with every process and must not repeat. */
  readonly epoch: number;
  /** Of a new account, at every venue. */
  readonly usdtPerVenue: number;
}

export function createPaperDriver(
  setup: VenueSetup,
  hooks: Omit<DriverHooks, 'credentials'>,
  options: PaperOptions,
): AnyDriver {
  const { id: venue } = setup;
  if (setup.driver === 'ccxt' || listingsOf(venue).length === 0) {
    throw new UserError(
      `mode paper: venues.${venue}: no paper account. Leave it out (enabled: false).`,
    );
  }
  const { clock } = hooks;
  const now = (): SimNow => ({ tsMs: clock.venueMs(), wallMs: clock.wallMs() });
  let stopped = false;
  let port: VenuePort | null = null;
  let ticker: NodeJS.Timeout | undefined;
  let isPrivateUp = false;
  const emit = (event: DriverEvent): void => {
    if (!stopped) hooks.emit(renamed(event, `${options.epoch}-`));
  };
  const after = (delayMs: number, action: () => void): void => {
    setTimeout(() => {
      if (!stopped) action();
    }, delayMs);
  };
  const open = (listed: InstrumentsListed): SimExchange => {
    const { exchange, market } = paperAccount({
      ...{ ...hooks, venue, leverage: setup.leverage, state: options.state },
      usdt: options.usdtPerVenue,
      listings: listed.instruments.map(listingOf),
    });
    port = createSimPort({ exchange, now, after, latencyMs: () => latencyMs, emit });
    ticker = setInterval(() => {
      market.note();
      exchange.advance(now());
    }, advanceEveryMs);
    return exchange;
  };
  const inner = driverOf(setup, {
    ...hooks,
    credentials: null,
    emit(event) {
      if (stopped) return;
      if (event.kind === 'instruments') {
        const account = port === null ? open(event) : null;
        hooks.emit({ ...event, feeRates: feeRatesOf(event.instruments.map(listingOf)) });
        if (account !== null) hooks.emit(marginTermsOf(account));
        return;
      }
      // The account of our own margins by its own tiers.
      if (event.kind === 'margin-terms') return;
      hooks.emit(event);
      const isUp =
        event.kind === 'venue-status' && event.channel === 'rest' && event.status === 'up';
      if (!isUp || isPrivateUp) return;
      isPrivateUp = true;
      const detail = 'paper account';
      hooks.emit({ kind: 'venue-status', venue, channel: 'private', status: 'up', detail });
    },
  });
  return {
    venue,
    start: () => inner.start(),
    stats: () => inner.stats(),
    capabilities: () => inner.capabilities(),
    // What comes before the listings is asked again by its timer.
    act: (effect) => port?.act(effect),
    actAll(effects) {
      for (const effect of effects) port?.act(effect);
    },
    async stop() {
      clearInterval(ticker);
      await inner.stop();
      stopped = true;
    },
  };
}
