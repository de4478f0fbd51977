// ccxt pro as a user has it from npm, fed with frames instead of a socket: the same handlers, the
// same objects, no network. Markets are given by hand, because loading them would need a venue.
import ccxt from 'ccxt';
import { type FeedVenue, firstSeq, symbolOf } from './frames.ts';

/** What of ccxt's inside is needed to hand it a frame. */
interface PeerClient {
  onMessage(event: { readonly data: Buffer }): void;
  connect(): Promise<unknown>;
  readonly connection: { terminate(): void };
}
interface PeerExchange {
  orderbooks: Record<string, Record<string, unknown>>;
  setMarkets(markets: readonly object[]): void;
  client(url: string): PeerClient;
  orderBook(snapshot: object): Record<string, unknown>;
  options: Record<string, unknown>;
  loadHttpProxyAgent(): Promise<unknown>;
}

const urls: Readonly<Record<FeedVenue, string>> = {
  binance: 'wss://fstream.binance.com/public/ws',
  okx: 'wss://ws.okx.com:8443/ws/v5/public',
  bybit: 'wss://stream.bybit.com/v5/public/linear',
};
const classes: Readonly<Record<FeedVenue, string>> = {
  binance: 'binanceusdm',
  okx: 'okx',
  bybit: 'bybit',
};

export interface Peer {
  readonly take: (frame: Buffer) => void;
  /** Before the frames begin again: the book as it was before the first of them. */
  readonly rewind: () => void;
  /** Levels of the book on both sides, to see that it was kept. */
  readonly levels: () => number;
}

export function ccxtPro(venue: FeedVenue): Peer {
  const exchange = exchangeOf(venue);
  const client = exchange.client(urls[venue]);
  const rewind = (): void => {
    const book = exchange.orderBook({ bids: [], asks: [], nonce: firstSeq - 1, timestamp: 1 });
    book['symbol'] = unified;
    exchange.orderbooks[unified] = book;
  };
  rewind();
  const sizeOf = (name: string): number => {
    const side = exchange.orderbooks[unified]?.[name];
    return Array.isArray(side) ? side.length : 0;
  };
  return {
    take: (data) => client.onMessage({ data }),
    rewind,
    levels: () => sizeOf('bids') + sizeOf('asks'),
  };
}

/** The same with its own socket: `url` is a server that sends unasked, the path is the venue's. */
export async function ccxtProOver(
  venue: FeedVenue,
  url: string,
): Promise<{ readonly frames: () => number; readonly stop: () => void }> {
  const exchange = exchangeOf(venue);
  await exchange.loadHttpProxyAgent();
  const { pathname } = new URL(urls[venue]);
  const client = exchange.client(`${url}${pathname}?venue=${venue}`);
  let frames = 0;
  const { onMessage } = client;
  client.onMessage = (event) => {
    frames++;
    onMessage.call(client, event);
  };
  // Its handlers tell futures that nobody waits for here.
  client.connect().catch(() => undefined);
  return { frames: () => frames, stop: () => client.connection.terminate() };
}

const unified = 'BTC/USDT:USDT';

function exchangeOf(venue: FeedVenue): PeerExchange {
  const made = ccxt.pro as unknown as Record<string, new (options: object) => PeerExchange>;
  const Exchange = made[classes[venue]];
  if (Exchange === undefined) throw new Error(`ccxt pro has no ${venue}`);
  const exchange = new Exchange({ newUpdates: false });
  exchange.setMarkets([marketOf(symbolOf[venue], unified)]);
  return exchange;
}

function marketOf(id: string, symbol: string): object {
  return {
    ...{ id, symbol, base: 'BTC', quote: 'USDT', settle: 'USDT', baseId: 'BTC', quoteId: 'USDT' },
    ...{ settleId: 'USDT', type: 'swap', spot: false, margin: false, swap: true, future: false },
    ...{ option: false, active: true, contract: true, linear: true, inverse: false },
    ...{ contractSize: 1, precision: { price: 0.1, amount: 0.001 }, limits: {}, info: {} },
  };
}
