// Unmodified ccxt clients pointed at the local testnet: only their URLs are changed. ccxt's `urls`
// is an untyped tree of texts, so each venue replaces the hosts that it knows.
import ccxt from 'ccxt';
import type { LocalVenue } from './local-testnet.ts';
import { localKeys } from './local-testnet.ts';

export type CcxtClient = InstanceType<typeof ccxt.pro.binance>;

/** Where a venue is, and its keys where they are not the local testnet's plain ones. */
type CcxtPlace = Pick<LocalVenue, 'http' | 'ws'> & {
  readonly key?: string;
  readonly secret?: string;
};

/**
 * With keys. One client serves spot and perpetuals of a venue; `market` chooses Binance's class of
 * coin-margined contracts.
 */
export async function ccxtClient(
  venue: string,
  at: CcxtPlace,
  market: 'all' | 'inverse' = 'all',
): Promise<CcxtClient> {
  const { key, secret } = { ...localKeys, ...at };
  const keys = { apiKey: key, secret, password: localKeys.passphrase };
  const exchange = make(venue, keys, market);
  const { api } = exchange.urls as { api: Record<string, unknown> };
  if (venue === 'binance') {
    for (const [name, url] of Object.entries(api)) api[name] = pointed(url, at);
    api['ws'] = {
      spot: `${at.ws}/stream/ws`,
      margin: `${at.ws}/stream/ws`,
      future: `${at.ws}/ws`,
      delivery: `${at.ws}/ws`,
      'ws-api': { spot: `${at.ws}/ws-api/v3`, future: `${at.ws}/ws-fapi/v1` },
    };
  } else if (venue === 'okx') {
    api['rest'] = at.http;
    api['ws'] = `${at.ws}/ws/v5`;
  } else {
    (exchange.urls as { api: unknown }).api = pointed(api, at);
  }
  await exchange.loadHttpProxyAgent();
  await exchange.loadMarkets();
  return exchange;
}

function make(venue: string, keys: object, market: 'all' | 'inverse'): CcxtClient {
  if (venue === 'binance') {
    return market === 'inverse' ? new ccxt.pro.binancecoinm(keys) : new ccxt.pro.binance(keys);
  }
  const other = venue === 'okx' ? new ccxt.pro.okx(keys) : new ccxt.pro.bybit(keys);
  return other as unknown as CcxtClient; // the unified methods are the same
}

/** Every host in the tree is replaced. */
function pointed(tree: unknown, at: CcxtPlace): unknown {
  if (typeof tree === 'string') {
    return tree.replace(/^wss:\/\/[^/]+/, at.ws).replace(/^https:\/\/[^/]+/, at.http);
  }
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, part]) => [key, pointed(part, at)]));
}
