// What the seeded market knows of an asset: where its price starts, how it moves, how far its
// perpetuals stand above the index on average, how deep its books are. Figures resemble the first
// half of 2024.
import type { SimInstrument } from './api.ts';
import type { BookStyle } from './seeded-book.ts';

export interface SeededAsset {
  readonly priceUsd: number;
  /**
   * Share in the common market factor, and its own motion: standard deviation of a one-minute
   * change.
   */
  readonly beta: number;
  readonly ownPerMinute: number;
  /** Mean premium of an 8 h perpetual over the index (fraction). */
  readonly premium: number;
  readonly depth: 'major' | 'large' | 'small';
}

/** Standard deviation of a one-minute change of the common factor: about 23% a year. */
export const marketPerMinute = 0.00032;

/**
 * A premium inside -4 .. +6 bp pays the interest, 1 bp per 8 h; 2 to 4 bp on average make that the
 * usual rate of most. SOL is the standing carry: 10 bp pay about 4 bp per 8 h at every venue.
 */
const assets: Readonly<Record<string, SeededAsset>> = {
  BTC: { priceUsd: 64_000, beta: 1, ownPerMinute: 0.0001, premium: 0.0002, depth: 'major' },
  ETH: { priceUsd: 3_400, beta: 1.1, ownPerMinute: 0.00018, premium: 0.0002, depth: 'major' },
  SOL: { priceUsd: 145, beta: 1.3, ownPerMinute: 0.0003, premium: 0.001, depth: 'large' },
  XRP: { priceUsd: 0.56, beta: 1, ownPerMinute: 0.00028, premium: -0.0001, depth: 'large' },
  DOGE: { priceUsd: 0.155, beta: 1.3, ownPerMinute: 0.0003, premium: 0.0008, depth: 'large' },
  ADA: { priceUsd: 0.62, beta: 1.1, ownPerMinute: 0.00028, premium: 0.0001, depth: 'large' },
  AVAX: { priceUsd: 41, beta: 1.2, ownPerMinute: 0.0003, premium: 0.0002, depth: 'large' },
  LINK: { priceUsd: 18.5, beta: 1.1, ownPerMinute: 0.00028, premium: 0.0003, depth: 'large' },
  LTC: { priceUsd: 85, beta: 1, ownPerMinute: 0.00025, premium: -0.0003, depth: 'large' },
  ARB: { priceUsd: 1.35, beta: 1.2, ownPerMinute: 0.0003, premium: 0.0002, depth: 'large' },
  PEPE: { priceUsd: 0.0000085, beta: 1.4, ownPerMinute: 0.0004, premium: 0.0004, depth: 'small' },
  SUI: { priceUsd: 1.55, beta: 1.2, ownPerMinute: 0.00035, premium: 0.0003, depth: 'large' },
  WIF: { priceUsd: 2.4, beta: 1.4, ownPerMinute: 0.0004, premium: 0.0004, depth: 'small' },
  NEAR: { priceUsd: 6.2, beta: 1.2, ownPerMinute: 0.00035, premium: 0.0002, depth: 'small' },
};

/** Null = the seeded market does not know the asset, so its contracts are not listed. */
export function seededAsset(underlying: string): SeededAsset | null {
  return assets[underlying] ?? null;
}

const styles: Readonly<Record<SeededAsset['depth'], BookStyle>> = {
  major: { halfSpread: 0.00002, gap: 0.00003, levelUsd: 25_000 },
  large: { halfSpread: 0.00006, gap: 0.00008, levelUsd: 10_000 },
  small: { halfSpread: 0.0001, gap: 0.00012, levelUsd: 8_000 },
};
/** Spot books are thinner than those of perpetuals. */
const spotDepth = 0.7;

/** Spread and depth of a contract; an unknown asset is as thin as the thinnest. */
export function bookStyleOf({ instrument, underlying }: SimInstrument): BookStyle {
  const style = styles[assets[underlying]?.depth ?? 'small'];
  if (instrument.kind !== 'spot') return style;
  return { ...style, levelUsd: style.levelUsd * spotDepth };
}
