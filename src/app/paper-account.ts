// An account of our own at the simulated exchange, filled at the quotes and depth that a venue
// published: of paper trading, and of a recording that is played back.
import { type Decimal, decimal, over, toNumber } from '../base/decimal.ts';
import { UserError } from '../base/errors.ts';
import type { InstrumentsListed } from '../domain/event.ts';
import type { Catalog, Instrument } from '../domain/instrument.ts';
import { cashOf } from '../domain/ledger.ts';
import type { MarketTable } from '../domain/market-table.ts';
import type { Clock } from '../domain/ports.ts';
import type { EngineState } from '../engine/state.ts';
import type { StartBalance } from '../sim/account.ts';
import type { SimExchange, SimInstrument } from '../sim/api.ts';
import { createSimExchange, type StartPosition } from '../sim/exchange.ts';
import { listingsOf } from '../sim/listings/listings-of.ts';
import { type PaperMarket, paperMarket } from './paper-market.ts';

/** Between two looks at books, resting orders and settlements (wall). */
export const advanceEveryMs = 100;

export interface PaperAccountOptions {
  readonly venue: string;
  readonly leverage: number;
  readonly catalog: Catalog;
  readonly table: MarketTable;
  readonly clock: Clock;
  /** As the journal has it: the account goes on from there. */
  readonly state: EngineState;
  /** Of a new account. */
  readonly usdt: number;
  readonly listings: readonly SimInstrument[];
}

export interface PaperAccount {
  readonly exchange: SimExchange;
  readonly market: PaperMarket;
}

export function paperAccount(options: PaperAccountOptions): PaperAccount {
  const { venue, leverage, catalog, table, clock, state, usdt, listings } = options;
  const startMs = clock.venueMs();
  const startPositions = positionsIn(state, venue);
  const marks = new Map(
    startPositions.map(({ instrument, qty, cost }) => [instrument, toNumber(over(cost, qty))]),
  );
  const market = paperMarket({ venue, listings, catalog, table, startMs, marks });
  market.note();
  const startBalances = balancesIn(state, venue) ?? newBalances(listings, usdt);
  const exchange = createSimExchange({ venue, market, listings, startBalances, startPositions });
  for (const { instrument } of listings) {
    if (instrument.kind === 'spot') continue;
    exchange.setLeverage(instrument.id, leverage, { tsMs: startMs, wallMs: clock.wallMs() });
  }
  return { exchange, market };
}

/** The venue's published lowest fee tier, margin tiers of the nearest contract that is known. */
export function listingOf(instrument: Instrument): SimInstrument {
  const all = listingsOf(instrument.venue);
  const known =
    all.find((each) => each.instrument.id === instrument.id) ??
    all.find((each) => each.instrument.kind === instrument.kind);
  if (known === undefined) {
    throw new UserError(
      `${instrument.id}: no account of our own there: no fees are known for a ${instrument.kind}`,
    );
  }
  return { ...known, instrument, underlying: instrument.base };
}

export function feeRatesOf(listings: readonly SimInstrument[]): InstrumentsListed['feeRates'] {
  return Object.fromEntries(
    listings.map(({ instrument, feeRateTaker, feeRateMaker }) => [
      instrument.id,
      { taker: toNumber(feeRateTaker), maker: toNumber(feeRateMaker) },
    ]),
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
function newBalances(listings: readonly SimInstrument[], usdt: number): readonly StartBalance[] {
  const wallets = [...new Set(listings.map(({ instrument }) => instrument.wallet))];
  const amount: Decimal = decimal(String(Math.floor(usdt / wallets.length)));
  return wallets.map((wallet) => ({ wallet, asset: 'USDT', amount }));
}
