// Why the exchange refused, in Hyperliquid's sentences.
import type { SimRejection } from '../../sim/api.ts';
import type { Listed } from './listing.ts';
import type { HyperliquidState } from './state.ts';

const sentences: Readonly<Record<SimRejection, string>> = {
  'unknown-instrument': 'Asset does not exist.',
  'not-trading': 'Trading is halted.',
  'price-off-tick': 'Price must be divisible by tick size.',
  'qty-off-lot': 'Order has invalid size.',
  'qty-below-min': 'Order has invalid size.',
  'qty-above-max': 'Order has invalid size.',
  'notional-below-min': 'Order must have minimum value of $10.',
  'price-outside-band': 'Order price cannot be more than 80% away from the reference price.',
  'insufficient-funds': 'Insufficient margin to place order.',
  'reduce-only-rejected': 'Reduce only order would increase position.',
  'duplicate-client-id': 'Duplicate cloid: the order exists already.',
  'post-only-would-cross': 'Post only order would have immediately matched',
  'leverage-too-high': 'Order would cause position to exceed margin tier limit at current leverage',
  'too-many-orders': 'Too many open orders.',
  'settlement-in-progress': 'Trading is halted.',
  'order-not-found': 'Order was never placed, already canceled, or filled.',
  'order-terminal': 'Order was never placed, already canceled, or filled.',
  'invalid-value': 'Order has invalid size.',
};

export function sentenceOf(code: SimRejection, listed: Listed, state: HyperliquidState): string {
  const about = ` asset=${listed.assetId}`;
  if (code === 'post-only-would-cross') {
    const { bid, ask } = state.exchange.quote(listed.id);
    const bbo = `${listed.priceText(bid)}@${listed.priceText(ask)}`;
    return `${sentences[code]}, bbo was ${bbo}.${about}`;
  }
  if (code === 'insufficient-funds' && !listed.isPerp) return `Insufficient spot balance${about}`;
  return `${sentences[code]}${about}`;
}
