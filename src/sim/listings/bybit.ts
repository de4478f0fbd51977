// Bybit: USDT linear and inverse perpetuals and spot as its instruments-info lists them. Fees at
// the entry tier: perpetuals 2 / 5.5 bp, spot 10 / 10 bp.
import type { SimInstrument } from '../api.ts';
import { inverseListings, type ListingTerms, perpListings, spotListings } from './listing.ts';
import {
  bybitMajorTiers,
  inverseBtcTiers,
  inverseEthTiers,
  largeAltTiers,
  smallAltTiers,
} from './tiers.ts';

const perpTerms: ListingTerms = {
  venue: 'bybit',
  wallet: 'unified',
  feeRateMaker: '0.0002',
  feeRateTaker: '0.00055',
  priceBand: 0.05,
};
const spotTerms: ListingTerms = {
  venue: 'bybit',
  wallet: 'unified',
  feeRateMaker: '0.001',
  feeRateTaker: '0.001',
  priceBand: 0.05,
};
const tiers = { major: bybitMajorTiers, large: largeAltTiers, small: smallAltTiers };

const inverseTiers = { btc: inverseBtcTiers, eth: inverseEthTiers };

const perps = `
  symbol       base     ctVal tick      lot   min   max       notional hours listed cap   tiers
  BTCUSDT      BTC      1     0.1       0.001 0.001 1190      5        8     -      0.005 major
  ETHUSDT      ETH      1     0.01      0.01  0.01  7240      5        8     -      0.005 major
  SOLUSDT      SOL      1     0.01      0.1   0.1   79770     5        8     -      0.01  large
  XRPUSDT      XRP      1     0.0001    0.1   0.1   10000000  5        8     -      0.01  large
  DOGEUSDT     DOGE     1     0.00001   1     1     24000000  5        8     -      0.01  large
  ADAUSDT      ADA      1     0.0001    1     1     3000000   5        8     -      0.01  large
  AVAXUSDT     AVAX     1     0.001     0.1   0.1   61000     5        1     8      0.02  large
  LINKUSDT     LINK     1     0.001     0.1   0.1   210000    5        8     -      0.01  large
  LTCUSDT      LTC      1     0.01      0.1   0.1   35000     5        8     -      0.01  large
  ARBUSDT      ARB      1     0.0001    0.1   0.1   3000000   5        4     8      0.02  large
  1000PEPEUSDT 1000PEPE 1     0.0000001 100   100   240000000 5        1     8      0.02  small
  SUIUSDT      SUI      1     0.0001    10    10    2200000   5        8     -      0.02  large
  WIFUSDT      WIF      1     0.0001    1     1     480000    5        4     -      0.02  small
  NEARUSDT     NEAR     1     0.001     0.1   0.1   390000    5        1     8      0.02  small
`;

const inverses = `
  symbol base face tick lot min max      hours cap   tiers
  BTCUSD BTC  1    0.1  1   1   25000000 8     0.005 btc
  ETHUSD ETH  1    0.01 1   1   25000000 8     0.005 eth
`;

const spots = `
  symbol   base tick    lot      min      max          notional
  BTCUSDT  BTC  0.01    0.000001 0.000048 71.73956243  1
  ETHUSDT  ETH  0.01    0.00001  0.00062  1229.2336343 1
  SOLUSDT  SOL  0.01    0.001    0.01     12500        1
  XRPUSDT  XRP  0.0001  0.01     1        4055150      1
  DOGEUSDT DOGE 0.00001 0.1      10       10000000     1
  ADAUSDT  ADA  0.0001  0.01     2        3500000      1
  AVAXUSDT AVAX 0.01    0.001    0.05     23000        1
  LINKUSDT LINK 0.001   0.001    0.1      60000        1
  LTCUSDT  LTC  0.01    0.00001  0.01     18000        1
  ARBUSDT  ARB  0.0001  0.01     1        1600000      1
  SUIUSDT  SUI  0.0001  0.01     1        1100000      1
`;

export const bybitListings: readonly SimInstrument[] = [
  ...perpListings({ terms: perpTerms, tiers, rows: perps }),
  ...inverseListings({ terms: perpTerms, tiers: inverseTiers, rows: inverses }),
  ...spotListings(spotTerms, spots),
];
