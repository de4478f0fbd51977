// What the venue of the wire-to-wire benchmark says: listings, an account with money, quotes that
// open a pair and close it again by turns, and a fill for every order. Bybit's v5 messages, cut to
// what its clients read.
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** Each is quoted so that a pair should open, and back again, by turns. */
const flipping = 200;
/** One of so many ticks is worth an order: 100 a second at 1,000 ticks. */
const ticksPerEntry = 10;
/** Pairs that are opened first and held throughout, as many as the shipped limit allows. */
const held = 6;
const price = 1_000;
const hourMs = 3_600_000;
/** Far from a settlement: near one nothing is opened or closed. */
const settlesAtMs = Date.now() + 4 * hourMs;
const balance = '100000000';
const feeRate = 0.0002;

export const symbols: readonly string[] = Array.from({ length: flipping + held }, (_, i) => {
  const letters = [676, 26, 1].map((n) => String.fromCharCode(65 + (Math.floor(i / n) % 26)));
  return `Q${letters.join('')}USDT`;
});

/** Above the other venue by this much: worth a pair. */
const high = 5;
/** A client without a strategy orders on quotes above this. */
export const worthAnOrder = price + 3;

export interface Order {
  readonly symbol: string;
  readonly side: string;
  readonly qty: string;
  readonly price: string;
  readonly orderLinkId: string;
}

export interface Tick {
  readonly symbol: string;
  /** It is worth an order. */
  readonly entry: boolean;
  readonly bytes: Buffer;
  readonly socket: Socket | null;
}

/** One account and its feeds. */
export class Venue {
  private readonly name: string;
  private readonly feeds = new Map<string, Socket>();
  private readonly offsets = new Map<string, number>();
  private readonly watchers = new Map<WebSocket, Set<string>>();
  private turn = 0;
  private serial = 0;
  private update = 1;

  constructor(name: string) {
    this.name = name;
    for (const [i, symbol] of symbols.entries()) {
      this.offsets.set(symbol, name === 'a' && i >= flipping ? high : 0);
    }
  }

  subscribe(socket: Socket, topics: readonly string[]): void {
    for (const topic of topics) {
      if (!topic.startsWith('orderbook.1.')) continue;
      const symbol = topic.slice('orderbook.1.'.length);
      this.feeds.set(symbol, socket);
      socket.write(this.quote(symbol));
    }
  }

  watch(socket: WebSocket, topics: readonly string[]): void {
    this.watchers.set(socket, new Set(topics));
  }

  forget(socket: WebSocket): void {
    this.watchers.delete(socket);
  }

  refresh(): void {
    for (const [symbol, socket] of this.feeds) {
      if (!socket.destroyed) socket.write(this.quote(symbol));
    }
  }

  nextTick(): Tick {
    const turn = this.turn++;
    const at = Math.floor(turn / ticksPerEntry);
    if (turn % ticksPerEntry === 0) return this.moved(at % flipping, high);
    const back = (at + flipping / 2) % flipping;
    return this.moved(back, (turn % ticksPerEntry) / 100);
  }

  private moved(at: number, offset: number): Tick {
    const symbol = symbols[at] as string;
    this.offsets.set(symbol, offset);
    const socket = this.feeds.get(symbol) ?? null;
    return { symbol, entry: offset === high, bytes: this.quote(symbol), socket };
  }

  /** The acknowledgement, as REST has it. */
  take({ orderLinkId }: Order) {
    const ids = { orderId: `${this.name}${++this.serial}`, orderLinkId };
    return { retCode: 0, retMsg: 'OK', result: ids, data: ids, retExtInfo: {}, time: Date.now() };
  }

  /** Nothing is there to take any more, but for the pairs that are held. */
  answer(order: Order): void {
    const { symbol, side, qty, price: limit, orderLinkId } = order;
    const isFilled = symbols.indexOf(symbol) >= flipping;
    const nowMs = String(Date.now());
    const ids = { category: 'linear', symbol, orderId: `${this.name}${this.serial}`, orderLinkId };
    const row = {
      ...{ ...ids, side, positionIdx: 0, orderStatus: isFilled ? 'Filled' : 'Cancelled' },
      ...{ cancelType: isFilled ? 'UNKNOWN' : 'CancelByTradeNoCounterparty', price: limit, qty },
      ...{ rejectReason: isFilled ? 'EC_NoError' : 'EC_NoImmediateQtyToFill', leavesQty: '0' },
      ...{ timeInForce: 'IOC', orderType: 'Limit', cumExecQty: isFilled ? qty : '0' },
      ...{ avgPrice: isFilled ? limit : '', reduceOnly: false, createdTime: nowMs },
      updatedTime: nowMs,
    };
    if (isFilled) {
      const execFee = (Number(qty) * Number(limit) * feeRate).toFixed(8);
      this.say('execution', {
        ...{ ...ids, side, orderPrice: limit, orderQty: qty, leavesQty: '0', orderType: 'Limit' },
        ...{ execFee, feeCurrency: '', execId: `x${ids.orderId}`, execPrice: limit },
        ...{ execQty: qty, execType: 'Trade', execTime: nowMs, isMaker: false, execPnl: '0' },
      });
    }
    this.say('order', row);
  }

  private say(topic: string, row: unknown): void {
    for (const [socket, topics] of this.watchers) {
      if (!topics.has(topic)) continue;
      socket.send(JSON.stringify({ id: 'i', topic, creationTime: Date.now(), data: [row] }));
    }
  }

  private quote(symbol: string): Buffer {
    const nowMs = Date.now();
    const bid = (price + (this.offsets.get(symbol) as number)).toFixed(2);
    const ask = (Number(bid) + 0.01).toFixed(2);
    const ids = `"u":${++this.update},"seq":${this.update * 7}`;
    const data = `{"s":"${symbol}","b":[["${bid}","900"]],"a":[["${ask}","900"]],${ids}}`;
    const topic = `"topic":"orderbook.1.${symbol}","type":"snapshot"`;
    return frameOf(`{${topic},"ts":${nowMs},"data":${data},"cts":${nowMs}}`);
  }
}

/** A text frame as a server sends it: unmasked. */
function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.from([0x81, 126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([head, payload]);
}

const listed = symbols.map((symbol) => ({
  ...{ symbol, contractType: 'LinearPerpetual', status: 'Trading', launchTime: '1', baseCoin: '' },
  ...{ quoteCoin: 'USDT', settleCoin: 'USDT', fundingInterval: 480, deliveryTime: '0' },
  ...{ priceScale: '2', deliveryFeeRate: '', unifiedMarginTrade: true, copyTrading: 'none' },
  priceFilter: { tickSize: '0.01', minPrice: '0.01', maxPrice: '1000000' },
  lotSizeFilter: {
    ...{ qtyStep: '1', minOrderQty: '1', maxOrderQty: '100000', minNotionalValue: '5' },
    ...{ maxMktOrderQty: '100000', postOnlyMaxOrderQty: '100000' },
  },
  leverageFilter: { minLeverage: '1', maxLeverage: '20', leverageStep: '0.01' },
}));

const lists: Readonly<Record<string, (query: URLSearchParams) => unknown>> = {
  '/v5/market/instruments-info': () =>
    listed.map((row) => ({ ...row, baseCoin: row.symbol.slice(0, -'USDT'.length) })),
  '/v5/market/risk-limit': () =>
    symbols.map((symbol) => ({
      ...{ id: 1, symbol, riskLimitValue: '100000000', isLowestRisk: 1, mmDeduction: '' },
      ...{ maintenanceMargin: '0.025', initialMargin: '0.05', maxLeverage: '20.00' },
    })),
  '/v5/market/tickers': () =>
    symbols.map((symbol) => ({
      ...{ symbol, markPrice: '1000', indexPrice: '1000', fundingRate: '0.0001' },
      ...{ nextFundingTime: String(settlesAtMs), fundingIntervalHour: '8' },
    })),
  '/v5/account/fee-rate': () =>
    symbols.map((symbol) => ({
      symbol,
      takerFeeRate: String(feeRate),
      makerFeeRate: String(feeRate),
    })),
  '/v5/account/wallet-balance': () => [
    {
      ...{ accountType: 'UNIFIED', totalEquity: balance, totalWalletBalance: balance },
      coin: [{ coin: 'USDT', walletBalance: balance, equity: balance, availableToWithdraw: '' }],
    },
  ],
};

const results: Readonly<Record<string, () => unknown>> = {
  '/v5/market/time': () => ({
    timeSecond: String(Math.floor(Date.now() / 1_000)),
    timeNano: `${Date.now()}000000`,
  }),
  '/v5/account/info': () => ({ marginMode: 'REGULAR_MARGIN', unifiedMarginStatus: 6 }),
  '/v5/user/query-api': () => ({
    ...{ readOnly: 0, permissions: { ContractTrade: ['Order', 'Position'] }, unified: 0, uta: 1 },
  }),
  '/v5/position/switch-mode': () => ({}),
  '/v5/position/set-leverage': () => ({}),
  '/v5/account/set-margin-mode': () => ({}),
};

/** Null = no such path. Listings of an account are empty. */
export function answerOf(url: string): string | null {
  const { pathname, searchParams } = new URL(url, 'http://wire');
  const result = results[pathname]?.() ?? listOf(pathname, searchParams);
  if (result === null) return null;
  return JSON.stringify({ retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time: Date.now() });
}

function listOf(pathname: string, query: URLSearchParams): unknown {
  const category = query.get('category') ?? 'linear';
  const list = lists[pathname]?.(query) ?? (emptyLists.includes(pathname) ? [] : null);
  if (list === null) return null;
  return { category, nextPageCursor: '', list: category === 'linear' ? list : [] };
}

const emptyLists = [
  ...['/v5/order/realtime', '/v5/order/history', '/v5/execution/list', '/v5/position/list'],
  '/v5/market/funding/history',
];
