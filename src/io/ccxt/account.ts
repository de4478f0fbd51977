// The balances of an account behind ccxt, and nothing else: for a look that must change nothing.
import type { BalanceEvent } from '../../domain/venue-event.ts';
import { redactCredentials } from '../keys.ts';
import { loadCcxt } from './api.ts';
import { rowOf } from './fields.ts';
import { ccxtLimits } from './limits.ts';
import { type MarketType, profileOf, unifiedHoldings, walletOf } from './profiles.ts';
import { call, type ExchangePlace, makeExchange } from './session.ts';
import { classOf } from './setup.ts';

/** Throws what ccxt throws, or a UserError when there is no ccxt or no such venue. */
export async function readCcxtBalances(place: ExchangePlace): Promise<readonly BalanceEvent[]> {
  const module = await (place.load ?? loadCcxt)();
  const { venue, credentials } = place;
  const redacted = credentials === null ? null : redactCredentials(credentials);
  const profile = profileOf(place.exchangeId);
  const exchange = await makeExchange(
    classOf(module, venue, place.exchangeId),
    { ...place, credentials: redacted },
    { profile, number: String },
  );
  try {
    const types: readonly MarketType[] = profile.unified ? ['swap'] : ['swap', 'spot'];
    const events: BalanceEvent[] = [];
    for (const type of types) {
      const args = [profile.unified ? {} : { type }];
      const balance = rowOf(
        await call(exchange, 'fetchBalance', args, ccxtLimits.listingTimeoutMs),
      );
      const wallet = walletOf(profile, type);
      const held = profile.holdings?.(balance['info'], type) ?? unifiedHoldings(balance);
      for (const { asset, total, available } of held) {
        const stamp = { venue, symbol: null, instrument: null, venueTsMs: null };
        events.push({ kind: 'balance', ...stamp, asset, total, available, wallet });
      }
    }
    return events;
  } finally {
    await exchange.close();
  }
}
