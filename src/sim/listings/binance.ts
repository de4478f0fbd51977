// Binance: USD-M and COIN-M perpetuals and spot as its exchangeInfos list them. Fees at the entry
// tier: perpetuals 2 / 5 bp, spot 10 / 10 bp.
import type { SimInstrument } from '../api.ts';
import { inverseListings, type ListingTerms, perpListings, spotListings } from './listing.ts';
import {
  binanceMajorTiers,
  inverseBtcTiers,
  inverseEthTiers,
  largeAltTiers,
  smallAltTiers,
} from './tiers.ts';

const perpTerms: ListingTerms = {
  venue: 'binance',
  wallet: 'futures',
  feeRateMaker: '0.0002',
  feeRateTaker: '0.0005',
  priceBand: 0.05,
};
const spotTerms: ListingTerms = {
  venue: 'binance',
  wallet: 'spot',
  feeRateMaker: '0.001',
  feeRateTaker: '0.001',
  priceBand: 0.2,
};
const tiers = { major: binanceMajorTiers, large: largeAltTiers, small: smallAltTiers };

const inverseTiers = { btc: inverseBtcTiers, eth: inverseEthTiers };

const perps = `
  symbol       base     ctVal tick      lot   min   max         notional hours listed cap    tiers
  BTCUSDT      BTC      1     0.1       0.001 0.001 1000        100      8     -      0.003  major
  ETHUSDT      ETH      1     0.01      0.001 0.001 10000       20       8     -      0.003  major
  SOLUSDT      SOL      1     0.01      0.01  0.01  1000000     5        8     -      0.0075 large
  XRPUSDT      XRP      1     0.0001    0.1   0.1   10000000    5        8     -      0.0075 large
  DOGEUSDT     DOGE     1     0.00001   1     1     50000000    5        8     -      0.0075 large
  ADAUSDT      ADA      1     0.0001    1     1     2000000     5        8     -      0.0075 large
  AVAXUSDT     AVAX     1     0.001     0.1   0.1   1000000     5        8     -      0.0075 large
  LINKUSDT     LINK     1     0.001     0.01  0.01  1000000     5        8     -      0.0075 large
  LTCUSDT      LTC      1     0.01      0.001 0.001 10000       20       8     -      0.0075 large
  ARBUSDT      ARB      1     0.0001    0.1   0.1   5000000     5        8     -      0.0075 large
  1000PEPEUSDT 1000PEPE 1     0.0000001 1     1     10000000000 5        8     -      0.02   small
  SUIUSDT      SUI      1     0.0001    0.1   0.1   5000000     5        4     8      0.02   large
  WIFUSDT      WIF      1     0.0001    0.1   0.1   1000000     5        4     -      0.02   small
  NEARUSDT     NEAR     1     0.001     1     1     3000000     5        1     8      0.02   small
`;

const inverses = `
  symbol      base face tick lot min max     hours cap   tiers
  BTCUSD_PERP BTC  100  0.1  1   1   1000000 8     0.003 btc
  ETHUSD_PERP ETH  10   0.01 1   1   1000000 8     0.003 eth
`;

const spots = `
  symbol   base tick    lot     min     max     notional
  BTCUSDT  BTC  0.01    0.00001 0.00001 9000    5
  ETHUSDT  ETH  0.01    0.0001  0.0001  9000    5
  SOLUSDT  SOL  0.01    0.001   0.001   90000   5
  XRPUSDT  XRP  0.0001  0.1     0.1     9000000 5
  DOGEUSDT DOGE 0.00001 1       1       9000000 5
  ADAUSDT  ADA  0.0001  0.1     0.1     9000000 5
  AVAXUSDT AVAX 0.01    0.01    0.01    90000   5
  LINKUSDT LINK 0.01    0.01    0.01    90000   5
  LTCUSDT  LTC  0.01    0.001   0.001   90000   5
  ARBUSDT  ARB  0.0001  0.1     0.1     9000000 5
  SUIUSDT  SUI  0.0001  0.1     0.1     9000000 5
`;

export const binanceListings: readonly SimInstrument[] = [
  ...perpListings({ terms: perpTerms, tiers, rows: perps }),
  ...inverseListings({
    terms: { ...perpTerms, wallet: 'coin-futures' },
    tiers: inverseTiers,
    rows: inverses,
  }),
  ...spotListings(spotTerms, spots),
];
