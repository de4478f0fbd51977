// The frames of the three venues for made-up perpetuals: as short as a calm market's, in sequence,
// never crossed, stamped with the moment of sending so that a reader can tell how late it is.

export type VenueName = 'binance' | 'okx' | 'bybit';
export type Channel = 'quote' | 'depth' | 'mark';

export interface Feed {
  /** What a subscription names it by. */
  readonly name: string;
  readonly channel: Channel;
  next(nowMs: number): string;
  /** What a subscriber gets first; null = nothing. */
  first(nowMs: number): string | null;
}

export interface MadeUp {
  readonly base: string;
  readonly price: number;
}

const hourMs = 3_600_000;
const letters = 26;
const levels = 5;
const tick = 0.01;

/** `QAAA`, `QAAB`, ...: letters only, because digits in front are multipliers. */
export function madeUp(count: number): readonly MadeUp[] {
  return Array.from({ length: count }, (_, i) => {
    const at = (power: number): string =>
      String.fromCharCode(65 + (Math.floor(i / letters ** power) % letters));
    return { base: `Q${at(2)}${at(1)}${at(0)}`, price: 10 + (i % 500) };
  });
}

export const nextSettlementMs = (nowMs: number): number => Math.ceil(nowMs / hourMs) * hourMs;

const px = (price: number): string => price.toFixed(2);
/** The bids or asks of a book, best first: bids below the price, asks 20 ticks above it. */
export function sideOf(price: number, side: 'bids' | 'asks', qty: number): readonly string[][] {
  return Array.from({ length: levels }, (_, k) => {
    const away = side === 'bids' ? -(k + 1) : 20 + k;
    return [px(price + away * tick), String(qty + k)];
  });
}

export function feedsOf(venue: VenueName, instrument: MadeUp): readonly Feed[] {
  return makers[venue](instrument);
}

const makers: Readonly<Record<VenueName, (of: MadeUp) => readonly Feed[]>> = {
  binance: binanceFeeds,
  okx: okxFeeds,
  bybit: bybitFeeds,
};

/** Counts up; the best prices move by a tick or two. */
function moving({ price }: MadeUp) {
  let count = 0;
  return () => {
    count++;
    const bid = price + (count % 7) * tick;
    return { count, bid: px(bid), ask: px(bid + 2 * tick), qty: (count % 90) + 1 };
  };
}

/** Last update id of each Binance book: its REST snapshot tells it too. */
export const binanceBookIds = new Map<string, number>();

function binanceFeeds(of: MadeUp): readonly Feed[] {
  const symbol = `${of.base}USDT`;
  const name = symbol.toLowerCase();
  const quote = moving(of);
  const depth = moving(of);
  binanceBookIds.set(symbol, 1_000);
  const stamp = (e: string, nowMs: number) =>
    `{"e":"${e}","E":${nowMs},"T":${nowMs},"s":"${symbol}"`;
  return [
    {
      name: `${name}@bookTicker`,
      channel: 'quote',
      first: () => null,
      next: (nowMs) => {
        const { count, bid, ask, qty } = quote();
        const head = `{"e":"bookTicker","u":${count},"E":${nowMs},"T":${nowMs},"s":"${symbol}"`;
        return `${head},"b":"${bid}","B":"${qty}","a":"${ask}","A":"${qty + 1}"}`;
      },
    },
    {
      name: `${name}@depth@100ms`,
      channel: 'depth',
      first: () => null,
      next: (nowMs) => {
        const { qty } = depth();
        const last = binanceBookIds.get(symbol) ?? 0;
        binanceBookIds.set(symbol, last + 2);
        const ids = `"U":${last + 1},"u":${last + 2},"pu":${last}`;
        const [bid] = sideOf(of.price, 'bids', qty);
        const [ask] = sideOf(of.price, 'asks', qty);
        const sides = `"b":${JSON.stringify([bid])},"a":${JSON.stringify([ask])}`;
        return `${stamp('depthUpdate', nowMs)},${ids},${sides}}`;
      },
    },
    {
      name: `${name}@markPrice@1s`,
      channel: 'mark',
      first: () => null,
      next: (nowMs) => {
        const mark = px(of.price);
        const funding = `"r":"0.00010000","T":${nextSettlementMs(nowMs)}`;
        const prices = `"p":"${mark}","i":"${mark}","P":"${mark}"`;
        return `{"e":"markPriceUpdate","E":${nowMs},"s":"${symbol}",${prices},${funding}}`;
      },
    },
  ];
}

function okxFeeds(of: MadeUp): readonly Feed[] {
  const instId = `${of.base}-USDT-SWAP`;
  const quote = moving(of);
  const depth = moving(of);
  let seq = 1_000;
  const arg = (channel: string) => `{"arg":{"channel":"${channel}","instId":"${instId}"}`;
  const book = (nowMs: number, qty: number, whole: boolean): string => {
    const previous = whole ? -1 : seq;
    seq += 3;
    const rows = (side: 'bids' | 'asks') =>
      JSON.stringify(
        sideOf(of.price, side, qty)
          .slice(0, whole ? levels : 1)
          .map(([price, size]) => [price, size, '0', '1']),
      );
    const data = `"asks":${rows('asks')},"bids":${rows('bids')},"ts":"${nowMs}","checksum":0`;
    const ids = `"seqId":${seq},"prevSeqId":${previous}`;
    return `${arg('books')},"action":"${whole ? 'snapshot' : 'update'}","data":[{${data},${ids}}]}`;
  };
  return [
    {
      name: `bbo-tbt ${instId}`,
      channel: 'quote',
      first: () => null,
      next: (nowMs) => {
        const { count, bid, ask, qty } = quote();
        const asks = `"asks":[["${ask}","${qty}","0","1"]]`;
        const bids = `"bids":[["${bid}","${qty + 1}","0","1"]]`;
        return `${arg('bbo-tbt')},"data":[{${asks},${bids},"ts":"${nowMs}","seqId":${count}}]}`;
      },
    },
    {
      name: `books ${instId}`,
      channel: 'depth',
      first: (nowMs) => book(nowMs, 1, true),
      next: (nowMs) => book(nowMs, depth().qty, false),
    },
    {
      name: `mark-price ${instId}`,
      channel: 'mark',
      first: () => null,
      next: (nowMs) => {
        const mark = `"instType":"SWAP","markPx":"${px(of.price)}","ts":"${nowMs}"`;
        return `${arg('mark-price')},"data":[{"instId":"${instId}",${mark}}]}`;
      },
    },
  ];
}

function bybitFeeds(of: MadeUp): readonly Feed[] {
  const symbol = `${of.base}USDT`;
  const quote = moving(of);
  const depth = moving(of);
  let u = 100;
  const frame = (topic: string, type: string, nowMs: number, data: string): string =>
    `{"topic":"${topic}","type":"${type}","ts":${nowMs},"data":${data},"cts":${nowMs}}`;
  const book = (nowMs: number, qty: number, whole: boolean): string => {
    u++;
    const rows = (side: 'bids' | 'asks') =>
      JSON.stringify(sideOf(of.price, side, qty).slice(0, whole ? levels : 1));
    const sides = `"b":${rows('bids')},"a":${rows('asks')}`;
    const data = `{"s":"${symbol}",${sides},"u":${u},"seq":${u * 7}}`;
    return frame(`orderbook.50.${symbol}`, whole ? 'snapshot' : 'delta', nowMs, data);
  };
  return [
    {
      name: `orderbook.1.${symbol}`,
      channel: 'quote',
      first: () => null,
      next: (nowMs) => {
        const { count, bid, ask, qty } = quote();
        const sides = `"b":[["${bid}","${qty}"]],"a":[["${ask}","${qty + 1}"]]`;
        const data = `{"s":"${symbol}",${sides},"u":${count},"seq":${count * 7}}`;
        return frame(`orderbook.1.${symbol}`, 'snapshot', nowMs, data);
      },
    },
    {
      name: `orderbook.50.${symbol}`,
      channel: 'depth',
      first: (nowMs) => book(nowMs, 1, true),
      next: (nowMs) => book(nowMs, depth().qty, false),
    },
    {
      name: `tickers.${symbol}`,
      channel: 'mark',
      first: () => null,
      next: (nowMs) =>
        frame(
          `tickers.${symbol}`,
          'delta',
          nowMs,
          `{"symbol":"${symbol}","markPrice":"${px(of.price)}"}`,
        ),
    },
  ];
}
