// Hyperliquid: perpetuals settled in USDC, all hourly, and spot of bridged coins. Sizes have
// `szDecimals`; the tick is the one that five significant figures give at the seeded market's
// prices. Fees at the entry tier: perpetuals 1.5 / 4.5 bp, spot 4 / 7 bp.
import type { SimInstrument } from '../api.ts';
import { type ListingTerms, perpListings, spotListings } from './listing.ts';
import { brackets } from './tiers.ts';

const perpTerms: ListingTerms = {
  venue: 'hyperliquid',
  wallet: 'perp',
  quote: 'USDC',
  feeRateMaker: '0.00015',
  feeRateTaker: '0.00045',
  priceBand: 0.8,
};
const spotTerms: ListingTerms = {
  venue: 'hyperliquid',
  wallet: 'spot',
  quote: 'USDC',
  feeRateMaker: '0.0004',
  feeRateTaker: '0.0007',
  priceBand: 0.8,
};

/** Maintenance margin is half of the initial margin at the tier's highest leverage. */
const tiers = {
  major: brackets([
    [150_000_000, 40, 0.0125],
    [500_000_000, 20, 0.025],
  ]),
  large: brackets([
    [20_000_000, 20, 0.025],
    [100_000_000, 10, 0.05],
  ]),
  small: brackets([
    [3_000_000, 10, 0.05],
    [20_000_000, 5, 0.1],
  ]),
};

const perps = `
  symbol base     ctVal tick     lot     min     max       notional hours listed cap  tiers
  BTC    BTC      1     1        0.00001 0.00001 100000000 10       1     -      0.04 major
  ETH    ETH      1     0.1      0.0001  0.0001  100000000 10       1     -      0.04 major
  SOL    SOL      1     0.01     0.01    0.01    100000000 10       1     -      0.04 large
  XRP    XRP      1     0.00001  1       1       100000000 10       1     -      0.04 large
  DOGE   DOGE     1     0.00001  1       1       100000000 10       1     -      0.04 large
  ADA    ADA      1     0.00001  1       1       100000000 10       1     -      0.04 large
  AVAX   AVAX     1     0.001    0.01    0.01    100000000 10       1     -      0.04 large
  LINK   LINK     1     0.001    0.1     0.1     100000000 10       1     -      0.04 large
  LTC    LTC      1     0.001    0.01    0.01    100000000 10       1     -      0.04 large
  ARB    ARB      1     0.0001   0.1     0.1     100000000 10       1     -      0.04 large
  kPEPE  1000PEPE 1     0.000001 1       1       100000000 10       1     -      0.04 small
  SUI    SUI      1     0.0001   0.1     0.1     100000000 10       1     -      0.04 large
  WIF    WIF      1     0.0001   1       1       100000000 10       1     -      0.04 small
  NEAR   NEAR     1     0.0001   0.1     0.1     100000000 10       1     -      0.04 small
`;

const spots = `
  symbol base tick lot     min     max       notional
  @142   BTC  1    0.00001 0.00001 100000000 10
  @151   ETH  0.1  0.0001  0.0001  100000000 10
  @156   SOL  0.01 0.001   0.001   100000000 10
`;

export const hyperliquidListings: readonly SimInstrument[] = [
  ...perpListings({ terms: perpTerms, tiers, rows: perps }),
  ...spotListings(spotTerms, spots),
];
