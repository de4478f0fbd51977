// Paper trading of one venue: its public market data through the real driver, without a key, and
// an account of our own at the simulated exchange, filled at the venue's quotes and depth. Nothing
// that is decided ever reaches the venue.

import { type Decimal, decimal, over, toNumber } from '../base/decimal.ts';
import { UserError } from '../base/errors.ts';
import type { DriverEvent, InstrumentsListed } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import { cashOf } from '../domain/ledger.ts';
import type { VenuePort } from '../domain/ports.ts';
import type { EngineState } from '../engine/state.ts';
import type { StartBalance } from '../sim/account.ts';
import type { SimExchange, SimInstrument, SimNow } from '../sim/api.ts';
import { createSimExchange, type StartPosition } from '../sim/exchange.ts';
import { listingsOf } from '../sim/listings/listings-of.ts';
import { createSimPort } from '../sim/port.ts';
import { marginTermsOf } from '../sim/venue-answers.ts';
import type { VenueSetup } from './compose.ts';
import { type AnyDriver, type DriverHooks, driverOf } from './drivers.ts';
import { renamed } from './paper-ids.ts';
import { type PaperMarket, paperMarket } from './paper-market.ts';

/** One way between us and the simulated exchange (wall). */
const latencyMs = 20;
/** Between two looks at books, resting orders and settlements (wall). */
const advanceEveryMs = 100;

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
    const { exchange, market } = accountOf(setup, hooks, { ...options, listed });
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
        hooks.emit({ ...event, feeRates: feeRatesOf(event.instruments) });
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

interface AccountOptions extends PaperOptions {
  readonly listed: InstrumentsListed;
}

function accountOf(
  { id: venue, leverage }: VenueSetup,
  { catalog, table, clock }: Omit<DriverHooks, 'credentials'>,
  { state, listed, usdtPerVenue }: AccountOptions,
): { readonly exchange: SimExchange; readonly market: PaperMarket } {
  const listings = listed.instruments.map(listingOf);
  const startMs = clock.venueMs();
  const startPositions = positionsIn(state, venue);
  const marks = new Map(
    startPositions.map(({ instrument, qty, cost }) => [instrument, toNumber(over(cost, qty))]),
  );
  const market = paperMarket({ venue, listings, catalog, table, startMs, marks });
  market.note();
  const startBalances = balancesIn(state, venue) ?? newBalances(listed.instruments, usdtPerVenue);
  const exchange = createSimExchange({ venue, market, listings, startBalances, startPositions });
  for (const { instrument } of listings) {
    if (instrument.kind === 'spot') continue;
    exchange.setLeverage(instrument.id, leverage, { tsMs: startMs, wallMs: clock.wallMs() });
  }
  return { exchange, market };
}

/** The venue's published lowest fee tier, margin tiers of the nearest contract that is known. */
function listingOf(instrument: Instrument): SimInstrument {
  const all = listingsOf(instrument.venue);
  const known =
    all.find((each) => each.instrument.id === instrument.id) ??
    all.find((each) => each.instrument.kind === instrument.kind);
  if (known === undefined) {
    throw new UserError(`mode paper: ${instrument.id}: no fees are known for a ${instrument.kind}`);
  }
  return { ...known, instrument, underlying: instrument.base };
}

function feeRatesOf(instruments: readonly Instrument[]): InstrumentsListed['feeRates'] {
  return Object.fromEntries(
    instruments.map((instrument) => {
      const { feeRateTaker, feeRateMaker } = listingOf(instrument);
      return [instrument.id, { taker: toNumber(feeRateTaker), maker: toNumber(feeRateMaker) }];
    }),
  );
}

/** Null = this journal has no account there yet. */
function balancesIn(state: EngineState, venue: string): readonly StartBalance[] | null {
  if (state.venues.get(venue)?.opened !== true) return null;
  return cashOf(state.ledger).filter((row) => row.venue === venue && row.amount !== 0n);
}

function positionsIn(state: EngineState, venue: string): readonly StartPosition[] {
  const held: StartPosition[] = [];
  for (const [id, { qty, cost }] of state.positions) {
    const instrument = state.instruments.get(id);
    if (instrument?.venue !== venue || instrument.kind !== 'linear-perp') continue;
    held.push({ instrument: id, qty, cost });
  }
  return held;
}

/** Evenly over the wallets that are traded from. */
function newBalances(instruments: readonly Instrument[], usdt: number): readonly StartBalance[] {
  const wallets = [...new Set(instruments.map(({ wallet }) => wallet))];
  const amount: Decimal = decimal(String(Math.floor(usdt / wallets.length)));
  return wallets.map((wallet) => ({ wallet, asset: 'USDT', amount }));
}
