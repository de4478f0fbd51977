// OKX: USDT and coin-margined swaps and spot as its instruments list them. Swap quantities are in
// contracts of ctVal base units (ctMult 1). Its margin tiers count contracts: `shape:contracts of
// the first tier`. It sets no minimum notional. Fees at the entry tier:
// swaps 2 / 5 bp, spot 8 / 10.
import type { SimInstrument } from '../api.ts';
import { inverseListings, type ListingTerms, perpListings, spotListings } from './listing.ts';
import { okxTiersOf } from './tiers.ts';

const perpTerms: ListingTerms = {
  venue: 'okx',
  wallet: 'unified',
  feeRateMaker: '0.0002',
  feeRateTaker: '0.0005',
  priceBand: 0.05,
};
const spotTerms: ListingTerms = {
  venue: 'okx',
  wallet: 'unified',
  feeRateMaker: '0.0008',
  feeRateTaker: '0.001',
  priceBand: 0.05,
};
const perps = `
  symbol         base ctVal    tick        lot  min  max notional hours listed cap     tiers
  BTC-USDT-SWAP  BTC  0.01     0.1         0.01 0.01 1e8 -        8     -      0.00375 major:2300
  ETH-USDT-SWAP  ETH  0.1      0.01        0.01 0.01 1e8 -        8     -      0.00375 major:4400
  SOL-USDT-SWAP  SOL  1        0.01        0.01 0.01 1e8 -        8     -      0.0075  large:170
  XRP-USDT-SWAP  XRP  100      0.0001      0.01 0.01 1e8 -        8     -      0.0075  large:450
  DOGE-USDT-SWAP DOGE 1000     0.00001     0.01 0.01 1e8 -        8     -      0.0075  large:160
  ADA-USDT-SWAP  ADA  100      0.0001      0.1  0.1  1e8 -        8     -      0.0075  large:400
  AVAX-USDT-SWAP AVAX 1        0.01        0.1  0.1  1e8 -        8     -      0.0075  large:600
  LINK-USDT-SWAP LINK 1        0.001       0.1  0.1  1e8 -        8     -      0.0075  large:1350
  LTC-USDT-SWAP  LTC  1        0.01        0.1  0.1  1e8 -        8     -      0.0075  large:290
  ARB-USDT-SWAP  ARB  10       0.0001      0.1  0.1  1e8 -        1     4      0.015   large:1850
  PEPE-USDT-SWAP PEPE 10000000 0.000000001 0.1  0.1  1e8 -        4     8      0.015   small:290
  SUI-USDT-SWAP  SUI  1        0.0001      1    1    1e8 -        1     8      0.015   large:16000
  WIF-USDT-SWAP  WIF  1        0.0001      1    1    1e8 -        1     4      0.015   small:10000
  NEAR-USDT-SWAP NEAR 10       0.001       0.1  0.1  1e8 -        4     -      0.015   small:400
`;

const inverses = `
  symbol       base face tick lot min max       hours cap     tiers
  BTC-USD-SWAP BTC  100  0.1  1   1   100000000 8     0.00375 inverse:3200
  ETH-USD-SWAP ETH  10   0.01 1   1   100000000 8     0.00375 inverse:34000
`;

const spots = `
  symbol    base tick    lot        min     max          notional
  BTC-USDT  BTC  0.1     0.00000001 0.00001 9999999999   -
  ETH-USDT  ETH  0.01    0.000001   0.0001  999999999999 -
  SOL-USDT  SOL  0.01    0.000001   0.001   999999999999 -
  XRP-USDT  XRP  0.0001  0.000001   1       999999999999 -
  DOGE-USDT DOGE 0.00001 0.000001   10      999999999999 -
  ADA-USDT  ADA  0.0001  0.0001     1       999999999999 -
  AVAX-USDT AVAX 0.01    0.000001   0.1     999999999999 -
  LINK-USDT LINK 0.001   0.0001     0.1     999999999999 -
  LTC-USDT  LTC  0.01    0.000001   0.01    999999999999 -
  ARB-USDT  ARB  0.0001  0.000001   1       999999999999 -
  SUI-USDT  SUI  0.0001  0.000001   1       999999999999 -
`;

export const okxListings: readonly SimInstrument[] = [
  ...perpListings({ terms: perpTerms, tiers: okxTiersOf, rows: perps }),
  ...inverseListings({ terms: perpTerms, tiers: okxTiersOf, rows: inverses }),
  ...spotListings(spotTerms, spots),
];
