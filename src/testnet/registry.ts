// The venues that the testnet can play: how each is spoken to and what its account starts with. One
// line per venue; its protocol is loaded when it is asked for.
import { decimal } from '../base/decimal.ts';
import { UserError } from '../base/errors.ts';
import type { VenueId } from '../domain/instrument.ts';
import type { StartBalance } from '../sim/account.ts';
import type { MakeProtocol, TestnetCredentials } from './protocol.ts';

export interface TestnetVenueEntry {
  load(): Promise<MakeProtocol>;
  readonly startBalances: readonly StartBalance[];
  /** The wallet that margins inverse contracts; absent where there are none. */
  readonly coinWallet?: string;
  /** True: only when it is asked for by name. */
  readonly onRequest?: boolean;
  /** Where the venue's clients need another form of key than the testnet's plain ones. */
  account?(shared: TestnetCredentials): Promise<TestnetCredentials>;
}

export const testnetVenues: Readonly<Record<VenueId, TestnetVenueEntry>> = {
  binance: {
    load: async () => (await import('./binance/index.ts')).makeBinanceProtocol,
    startBalances: [usdt('spot', '20000'), usdt('futures', '20000')],
    coinWallet: 'coin-futures',
  },
  okx: {
    load: async () => (await import('./okx/index.ts')).makeOkxProtocol,
    startBalances: [usdt('unified', '40000')],
    coinWallet: 'unified',
  },
  bybit: {
    load: async () => (await import('./bybit/index.ts')).makeBybitProtocol,
    startBalances: [usdt('unified', '40000')],
    coinWallet: 'unified',
  },
  hyperliquid: {
    load: async () => (await import('./hyperliquid/index.ts')).makeHyperliquidProtocol,
    account: async (shared) => (await import('./hyperliquid/account.ts')).accountOf(shared),
    startBalances: [usdc('perp', '30000'), usdc('spot', '10000')],
    onRequest: true,
  },
};

/** A start balance of dollars. */
export function usdt(wallet: string, amount: string): StartBalance {
  return { wallet, asset: 'USDT', amount: decimal(amount) };
}

export function usdc(wallet: string, amount: string): StartBalance {
  return { wallet, asset: 'USDC', amount: decimal(amount) };
}

/** What a testnet plays when nobody says which. */
export function venuesByDefault(
  venues: Readonly<Record<VenueId, TestnetVenueEntry>> = testnetVenues,
): readonly VenueId[] {
  return Object.entries(venues).flatMap(([venue, { onRequest }]) =>
    onRequest === true ? [] : venue,
  );
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
