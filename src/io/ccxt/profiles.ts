// What ccxt's unified interface does not say about a venue and exact books need: which wallet its
// cash is in, the balance without unrealized profit, the sign of funding, how an order is found by
// our own id. A venue without an entry is taken as ccxt documents it, and told as not proven.
import type { Decimal } from '../../base/decimal.ts';

import { minuteMs, secondMs } from '../../base/time.ts';
import type { MethodName, Row } from './api.ts';
import type { Meaning } from './errors.ts';
import { decimalAt, rowOf, rowsOf, textAt } from './fields.ts';

export type MarketType = 'spot' | 'swap';

export interface Holding {
  readonly asset: string;
  /** Without unrealized profit. */
  readonly total: Decimal;
  readonly available: Decimal | null;
}

export interface CcxtProfile {
  /** One wallet for spot and contracts. */
  readonly unified: boolean;
  /** The venue's own balance reply (`info`) -> holdings; null = ccxt's total is taken. */
  readonly holdings: ((info: unknown, type: MarketType) => readonly Holding[]) | null;
  /** What makes ccxt's `amount` of a funding payment our cash (+ = received). */
  readonly fundingSign: 1 | -1;
  /**
   * The raw trade's profit booked to the wallet (REST, stream); none = the average cost tells it.
   */
  readonly realizedFields: readonly string[];
  /**
   * What makes a streamed trade's fee ccxt's own (+ = paid); null = not known: the stream only
   * rings, and the listing is read.
   */
  readonly streamFeeSign: 1 | -1 | null;
  /** `params` that name an order by our id; null: found in the listings only. */
  readonly fetchByClientId: ((clientOrderId: string) => Row) | null;
  readonly cancelByClientId: ((clientOrderId: string) => Row) | null;
  /** `params` that narrow the listings of open and ended orders to one of ours. */
  readonly listByClientId: ((clientOrderId: string) => Row) | null;
  /** Listings that are cheaper, or only there, symbol by symbol. */
  readonly perSymbol: readonly MethodName[];
  /** Refusals that ccxt files under its plain ExchangeError, by the venue's text. */
  readonly refusals: readonly (readonly [text: RegExp, meaning: Meaning])[];
  /** What the venue (or ccxt) puts in front of our ids. */
  readonly clientIdPrefix: string;
  /** Set when ids of ours cannot be used at all: why. */
  readonly clientIdsRefused: string | null;
  /** How long after it was sent an order can still be accepted (wall). */
  readonly orderValidityMs: number;
  /** `options` of the ccxt object. */
  readonly options: Row;
  /** `params` of every placement. */
  readonly placeParams: Row;
  /** Shown to work against the local testnet. */
  readonly proven: boolean;
  /** `urls.api` for a local server, changed after every host was replaced. */
  readonly localUrls: ((api: Record<string, unknown>, local: LocalServer) => void) | null;
}

export interface LocalServer {
  readonly http: string;
  readonly ws: string;
}

const general: CcxtProfile = {
  unified: false,
  holdings: null,
  fundingSign: 1,
  streamFeeSign: null,
  realizedFields: [],
  fetchByClientId: null,
  cancelByClientId: null,
  listByClientId: null,
  perSymbol: [],
  refusals: [],
  clientIdPrefix: '',
  clientIdsRefused: null,
  orderValidityMs: minuteMs,
  options: {},
  placeParams: {},
  proven: false,
  localUrls: null,
};

const named = (clientOrderId: string): Row => ({ clientOrderId });

const binance: CcxtProfile = {
  ...general,
  holdings: (info, type) => (type === 'spot' ? null : binanceFutures(info)) ?? binanceSpot(info),
  streamFeeSign: 1,
  realizedFields: ['realizedPnl', 'rp'],
  fetchByClientId: named,
  cancelByClientId: named,
  // Without a symbol its open orders weigh 40 times as much.
  perSymbol: ['fetchOpenOrders'],
  refusals: [
    [/"code":-(2018|2019|2027|2028)\b/, { code: 'REJECTED', reaction: 'funds' }],
    [/"code":-2022\b/, { code: 'REJECTED', reaction: 'refresh-position' }],
    [/"code":-5021\b/, { code: 'REJECTED', reaction: 'not-filled' }],
    [/"code":-5022\b/, { code: 'REJECTED', reaction: 're-price' }],
    [/"code":-4164\b/, { code: 'REJECTED', reaction: 'below-minimum' }],
    [/"code":-(1013|11\d\d|40\d\d)\b/, { code: 'REJECTED', reaction: 'reload-instruments' }],
  ],
  // Its default `recvWindow`.
  orderValidityMs: 10 * secondMs,
  options: { warnOnFetchOpenOrdersWithoutSymbol: false, fetchMargins: false },
  proven: true,
  localUrls: (api, { ws }) => {
    api['ws'] = {
      spot: `${ws}/stream/ws`,
      margin: `${ws}/stream/ws`,
      future: `${ws}/ws`,
      'ws-api': { spot: `${ws}/ws-api/v3`, future: `${ws}/ws-fapi/v1` },
    };
  },
};

const profiles: Readonly<Record<string, CcxtProfile>> = {
  binance,
  binanceusdm: { ...binance, proven: false },
  okx: {
    ...general,
    unified: true,
    holdings: (info) =>
      rowsOf(rowsOf(rowOf(info)['data'])[0]?.['details']).flatMap((row) =>
        holding(row, { asset: 'ccy', total: 'cashBal', available: 'availBal' }),
      ),
    // Its streamed trades carry the venue's own sign, its listed ones do not.
    streamFeeSign: -1,
    realizedFields: ['fillPnl'],
    fetchByClientId: named,
    cancelByClientId: named,
    orderValidityMs: 30 * secondMs,
    placeParams: { tgtCcy: 'base_ccy' },
    proven: true,
  },
  bybit: {
    ...general,
    unified: true,
    holdings: (info) =>
      rowsOf(rowsOf(rowOf(rowOf(info)['result'])['list'])[0]?.['coin']).flatMap((row) =>
        holding(row, { asset: 'coin', total: 'walletBalance', available: 'availableToWithdraw' }),
      ),
    // Funding comes from its execution list, where a payment is a positive fee.
    fundingSign: -1,
    streamFeeSign: 1,
    realizedFields: ['execPnl'],
    // Its fetchOrder fails on an order that is not there.
    listByClientId: (id) => ({ orderLinkId: id }),
    cancelByClientId: (id) => ({ orderLinkId: id }),
    orderValidityMs: 5 * secondMs,
    proven: true,
  },
  gate: { ...general, clientIdPrefix: 't-' },
  hyperliquid: {
    ...general,
    clientIdsRefused: 'its client ids are 128-bit hexadecimal: use a native driver',
  },
};

/** The venue's own entry, or what ccxt documents for every venue. */
export function profileOf(exchangeId: string): CcxtProfile {
  return profiles[exchangeId] ?? general;
}

export function walletOf(profile: CcxtProfile, type: MarketType): string {
  if (profile.unified) return 'unified';
  return type === 'spot' ? 'spot' : 'futures';
}

function binanceFutures(info: unknown): readonly Holding[] | null {
  const assets = Array.isArray(info) ? info : rowOf(info)['assets'];
  if (assets === undefined) return null;
  return rowsOf(assets).flatMap((row) =>
    holding(row, { asset: 'asset', total: 'walletBalance', available: 'availableBalance' }),
  );
}

function binanceSpot(info: unknown): readonly Holding[] {
  return rowsOf(rowOf(info)['balances']).flatMap((row) => {
    const [asset, free, locked] = [
      textAt(row, 'asset'),
      decimalAt(row, 'free'),
      decimalAt(row, 'locked'),
    ];
    if (asset === null || free === null || locked === null) return [];
    return [{ asset, total: (free + locked) as Decimal, available: free }]; // brand: a sum
  });
}

function holding(
  row: Row,
  names: { readonly asset: string; readonly total: string; readonly available: string },
): readonly Holding[] {
  const asset = textAt(row, names.asset);
  const total = decimalAt(row, names.total);
  if (asset === null || total === null) return [];
  return [{ asset, total, available: decimalAt(row, names.available) }];
}

/** What ccxt's own balance says: `total` may hold unrealized profit on some venues. */
export function unifiedHoldings(balance: Row): readonly Holding[] {
  const free = rowOf(balance['free']);
  return Object.entries(rowOf(balance['total'])).flatMap(([asset, total]) => {
    const value = decimalAt({ total }, 'total');
    if (value === null) return [];
    return [{ asset, total: value, available: decimalAt(free, asset) }];
  });
}
