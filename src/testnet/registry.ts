// The venues that the testnet can play: how each is spoken to and what its account starts with. One
// line per venue; its protocol is loaded when it is asked for.
import { decimal } from '../base/decimal.ts';
import { UserError } from '../base/errors.ts';
import type { VenueId } from '../domain/instrument.ts';
import type { StartBalance } from '../sim/account.ts';
import type { MakeProtocol } from './protocol.ts';

export interface TestnetVenueEntry {
  load(): Promise<MakeProtocol>;
  readonly startBalances: readonly StartBalance[];
}

export const testnetVenues: Readonly<Record<VenueId, TestnetVenueEntry>> = {
  binance: {
    load: async () => (await import('./binance/index.ts')).makeBinanceProtocol,
    startBalances: [usdt('spot', '20000'), usdt('futures', '20000')],
  },
  okx: {
    load: async () => (await import('./okx/index.ts')).makeOkxProtocol,
    startBalances: [usdt('unified', '40000')],
  },
  bybit: {
    load: async () => (await import('./bybit/index.ts')).makeBybitProtocol,
    startBalances: [usdt('unified', '40000')],
  },
};

/** A start balance of dollars. */
export function usdt(wallet: string, amount: string): StartBalance {
  return { wallet, asset: 'USDT', amount: decimal(amount) };
}

/** Throws a UserError for a venue that the testnet does not know. */
export function testnetVenue(
  venue: VenueId,
  venues: Readonly<Record<VenueId, TestnetVenueEntry>> = testnetVenues,
): TestnetVenueEntry {
  const entry = venues[venue];
  if (entry !== undefined) return entry;
  const known = Object.keys(venues).join(', ');
  throw new UserError(`--venues: there is no venue "${venue}" in the testnet: use ${known}`);
}
