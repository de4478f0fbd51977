// Tidewater's side of the wire over farb's simulated exchange: the contract suite puts the adapter
// in front of it. Quotes, books, orders, fills and funding are the exchange's own.
import {
  type Decimal,
  formatDecimal,
  fromNumber,
  hourMs,
  tryDecimal,
} from 'funding-rate-arb/plugin';
import type {
  MakeProtocol,
  RawHttpReply,
  RawHttpRequest,
  SimFill,
  SimInstrument,
  SimOrder,
  TestnetContext,
  TestnetSocket,
} from 'funding-rate-arb/testing';
import { proofOf } from '../src/requests.ts';
import { type Item, parsed, textOf } from '../src/wire.ts';

type Row = Readonly<Record<string, unknown>>;

const bookLevels = 20;
const skewMs = 60_000;
const windowMs = 5_000;

interface Watch {
  readonly socket: TestnetSocket;
  readonly listed: SimInstrument;
  readonly of: readonly string[];
  /** What the watcher has of the book. */
  sent: { readonly bids: Map<number, number>; readonly asks: Map<number, number> } | null;
  seq: number;
}

export const tidewaterProtocol: MakeProtocol = (context) => {
  const { exchange, credentials, now, fault } = context;
  const bySymbol = new Map(exchange.instruments().map((it) => [it.instrument.symbol, it]));
  const watches: Watch[] = [];
  const accounts = new Set<TestnetSocket>();
  const refused = (code: string, message: string): RawHttpReply => ({
    status: 200,
    body: JSON.stringify({ code, message }),
  });
  const items = (rows: readonly Row[]): RawHttpReply => ({
    status: 200,
    body: JSON.stringify({ items: rows }),
  });
  const push = (socket: TestnetSocket, rows: readonly Row[]): void => {
    if (rows.length > 0) socket.send(JSON.stringify({ items: rows }));
  };
  const listedOf = (symbol: string | null) => bySymbol.get(symbol ?? '') ?? null;
  const isProven = (proof: string | undefined, time: string, parts: readonly string[]): boolean =>
    proof === proofOf(credentials.secret, [time, ...parts]);

  const http = (request: RawHttpRequest): RawHttpReply => {
    if (fault('rate-limit')) return { status: 429, body: '' };
    const { method, path, query, body, headers } = request;
    const name = `${method} ${path}`;
    const open = publicPaths[name];
    if (open !== undefined) return open(new URLSearchParams(query));
    const time = headers['tw-time'] ?? '';
    const proven = isProven(headers['tw-sign'], time, [method, path, query, body]);
    if (headers['tw-key'] !== credentials.key || !proven) return refused('bad-key', 'wrong proof');
    const clockMs = now().wallMs + (fault('clock-skew') ? skewMs : 0);
    if (Math.abs(clockMs - Number(time)) > windowMs) return refused('clock', `now is ${clockMs}`);
    const answer = accountPaths[name];
    if (answer === undefined) return { status: 404, body: '' };
    const reply = answer(new URLSearchParams(query), parsed(body) ?? {});
    return fault('unknown-outcome') && method !== 'GET' ? { status: 500, body: '' } : reply;
  };

  const publicPaths: Readonly<Record<string, (query: URLSearchParams) => RawHttpReply>> = {
    'GET /v1/time': () => items([{ type: 'time', ts: Math.floor(now().wallMs) }]),
    'GET /v1/markets': () => items(exchange.instruments().map(marketRow)),
    'GET /v1/quotes': () => items(exchange.instruments().map((it) => quoteRow(context, it))),
    'GET /v1/funding': () =>
      items(
        exchange.instruments().flatMap((it): readonly Row[] => {
          const row = fundingRow(context, it);
          return row === null ? [] : [row];
        }),
      ),
    'GET /v1/settlements': (query) => {
      const listed = listedOf(query.get('market'));
      if (listed === null) return refused('unknown-instrument', 'no such market');
      const range = { fromMs: Number(query.get('from')), toMs: Number(query.get('to')) };
      return items(
        exchange.fundingHistory(listed.instrument.id, range).map(({ settledAtMs, rate }) => ({
          ...{ type: 'settled', market: listed.instrument.symbol, rate: plain(rate) },
          at: settledAtMs,
        })),
      );
    },
  };

  const sinceOf = (query: URLSearchParams) => ({ fromMs: Number(query.get('since') ?? 0) });
  const accountPaths: Readonly<
    Record<string, (query: URLSearchParams, body: Item) => RawHttpReply>
  > = {
    'GET /v1/fees': () =>
      items(
        exchange.instruments().map(({ instrument, feeRateMaker, feeRateTaker }) => ({
          ...{ type: 'fee', market: instrument.symbol },
          ...{ maker: formatDecimal(feeRateMaker), taker: formatDecimal(feeRateTaker) },
        })),
      ),
    'GET /v1/account': () => items([{ type: 'done', id: 'one-way cross' }]),
    'GET /v1/balances': () => items(balanceRows(context)),
    'GET /v1/positions': () =>
      items(exchange.positions().map(({ instrument }) => positionRow(context, instrument))),
    'GET /v1/fills': (query) =>
      items(exchange.fills(sinceOf(query)).map((fill) => fillRow(context, fill))),
    'GET /v1/payments': (query) =>
      items(
        exchange.fundingPayments(sinceOf(query)).map((paid) => ({
          ...{ type: 'payment', market: symbolOf(context, paid.instrument), no: paid.id },
          ...{ amount: formatDecimal(paid.amount), asset: paid.asset, ts: paid.settledAtMs },
        })),
      ),
    'GET /v1/orders': (query) => {
      const listed = listedOf(query.get('market'));
      if (listed !== null) {
        const clientOrderId = query.get('id') ?? '';
        const order = exchange.order({ instrument: listed.instrument.id, clientOrderId });
        return items(order === null ? [] : [orderRow(context, order)]);
      }
      const orders =
        query.get('open') === '1' ? exchange.openOrders(null) : exchange.orders(sinceOf(query));
      return items(orders.map((order) => orderRow(context, order)));
    },
    'POST /v1/leverage': (_query, body) => {
      const listed = listedOf(textOf(body, 'market'));
      if (listed === null) return refused('unknown-instrument', 'no such market');
      const set = exchange.setLeverage(listed.instrument.id, Number(body['leverage']), now());
      return set.ok ? items([{ type: 'done', id: set.value }]) : refused(set.code, set.message);
    },
    'POST /v1/orders': (_query, body) => {
      const listed = listedOf(textOf(body, 'market'));
      const [qty, tif] = [tryDecimal(textOf(body, 'qty') ?? ''), textOf(body, 'tif')];
      const isTif = tif === 'gtc' || tif === 'ioc' || tif === 'fok' || tif === 'post-only';
      if (listed === null) return refused('unknown-instrument', 'no such market');
      if (qty === null || !isTif) return refused('qty-off-lot', 'no qty or tif');
      const price = textOf(body, 'price');
      const placed = exchange.place(
        {
          instrument: listed.instrument.id,
          clientOrderId: textOf(body, 'id'),
          side: body['side'] === 'sell' ? 'sell' : 'buy',
          type: price === null ? 'market' : 'limit',
          ...{ timeInForce: tif, qty, limit: price === null ? null : tryDecimal(price) },
          reduceOnly: body['reduce'] === true,
        },
        now(),
      );
      if (!placed.ok) return refused(placed.code, placed.message);
      return items([{ type: 'done', id: placed.value.clientOrderId }]);
    },
    'DELETE /v1/orders': (query) => {
      const listed = listedOf(query.get('market'));
      if (listed === null) return refused('unknown-instrument', 'no such market');
      const clientOrderId = query.get('id') ?? '';
      const target = { instrument: listed.instrument.id, clientOrderId };
      const gone = exchange.cancel(target, now());
      return gone.ok
        ? items([{ type: 'done', id: clientOrderId }])
        : refused(gone.code, gone.message);
    },
  };

  const watch = (socket: TestnetSocket, text: string): void => {
    const said = parsed(text) ?? {};
    if (said['do'] === 'ping') push(socket, [{ type: 'pong' }]);
    if (said['do'] === 'login') {
      const time = textOf(said, 'time') ?? '';
      if (!isProven(textOf(said, 'sign') ?? '', time, ['login'])) {
        socket.send(JSON.stringify({ code: 'bad-key', message: 'wrong proof' }));
        return;
      }
      accounts.add(socket);
      push(socket, [{ type: 'logged-in' }]);
    }
    const listed = listedOf(textOf(said, 'market'));
    if (said['do'] !== 'watch' || listed === null) return;
    const of = Array.isArray(said['of']) ? said['of'].map(String) : [];
    push(socket, [{ type: 'watching', of: listed.instrument.symbol }]);
    const entry: Watch = { socket, listed, of, sent: null, seq: 0 };
    watches.push(entry);
    push(socket, marketRows(context, entry));
  };

  return {
    venue: exchange.venue,
    http,
    open(socket) {
      if (socket.path !== '/public' && socket.path !== '/private') return null;
      return {
        message: (text) => watch(socket, text),
        closed: () => {
          accounts.delete(socket);
          for (let i = watches.length - 1; i >= 0; i--) {
            if (watches[i]?.socket === socket) watches.splice(i, 1);
          }
        },
      };
    },
    tick() {
      for (const entry of watches) push(entry.socket, marketRows(context, entry));
    },
    second: () => undefined,
    event(event) {
      const rows: Row[] = [];
      if (event.kind === 'order') rows.push(orderRow(context, event.order));
      if (event.kind === 'fill') {
        rows.push(fillRow(context, event.fill), orderRow(context, event.order));
      }
      if (event.kind === 'balance') rows.push(...balanceRows(context));
      if (event.kind === 'position') rows.push(positionRow(context, event.position.instrument));
      for (const socket of accounts) push(socket, rows);
    },
  };
};

/** A market figure as text without an exponent. */
function plain(value: number): string {
  return formatDecimal(fromNumber(value));
}

function symbolOf({ exchange }: TestnetContext, id: string): string {
  return exchange.instrument(id)?.instrument.symbol ?? id;
}

function marketRow({ instrument }: SimInstrument): Row {
  const { symbol, kind, base, quote, status, fundingIntervalMs, leverageMax } = instrument;
  const text = (value: Decimal | null) => (value === null ? '' : formatDecimal(value));
  return {
    ...{ type: 'market', market: symbol, kind: kind === 'spot' ? 'spot' : 'perp', base, quote },
    ...{ tick: text(instrument.tickSize), lot: text(instrument.lotSize) },
    ...{ min: text(instrument.qtyMin), max: text(instrument.qtyMax) },
    notional: text(instrument.notionalMin),
    state: status === 'trading' ? 'open' : 'closed',
    ...{ hours: (fundingIntervalMs ?? 0) / hourMs, leverage: leverageMax },
  };
}

function quoteRow({ exchange }: TestnetContext, { instrument }: SimInstrument): Row {
  const { bid, bidQty, ask, askQty, tsMs } = exchange.quote(instrument.id);
  const level = (price: number, qty: number) => [plain(price), plain(qty)];
  return {
    ...{ type: 'quote', market: instrument.symbol, ts: tsMs },
    ...{ bid: level(bid, bidQty), ask: level(ask, askQty) },
  };
}

function fundingRow({ exchange }: TestnetContext, { instrument }: SimInstrument): Row | null {
  const funding = exchange.funding(instrument.id);
  if (funding === null) return null;
  const { ratePerInterval, intervalMs, settlesAtMs } = funding;
  return {
    ...{ type: 'funding', market: instrument.symbol, rate: plain(ratePerInterval) },
    ...{ hours: intervalMs / hourMs, at: settlesAtMs, ts: exchange.quote(instrument.id).tsMs },
  };
}

function marketRows(context: TestnetContext, entry: Watch): readonly Row[] {
  const { listed, of } = entry;
  const { id, symbol } = listed.instrument;
  const { exchange } = context;
  const { tsMs } = exchange.quote(id);
  const rows: Row[] = [];
  if (of.includes('quote')) rows.push(quoteRow(context, listed));
  if (of.includes('book')) rows.push(bookRow(context, entry));
  if (of.includes('mark')) {
    const [mark, index] = [plain(exchange.mark(id)), plain(exchange.index(id))];
    rows.push({ type: 'mark', market: symbol, mark, index, ts: tsMs });
  }
  const funding = of.includes('funding') ? fundingRow(context, listed) : null;
  return funding === null ? rows : [...rows, funding];
}

/** The whole book first, then what changed; quantity 0 deletes a level. */
function bookRow({ exchange }: TestnetContext, entry: Watch): Row {
  const { id, symbol } = entry.listed.instrument;
  const { bids, asks, tsMs } = exchange.book(id, bookLevels);
  const fresh = { bids: new Map(bids), asks: new Map(asks) };
  const changes = (side: 'bids' | 'asks') => {
    const before = entry.sent?.[side] ?? new Map<number, number>();
    const set = [...fresh[side]].filter(([price, qty]) => before.get(price) !== qty);
    const gone = [...before.keys()].filter((price) => !fresh[side].has(price));
    return [...set, ...gone.map((price) => [price, 0] as const)].map(([price, qty]) => [
      plain(price),
      plain(qty),
    ]);
  };
  const full = entry.sent === null;
  const row = {
    ...{ type: 'book', market: symbol, full, seq: entry.seq + 1, ts: tsMs },
    ...(full ? {} : { prev: entry.seq }),
    ...{ bids: changes('bids'), asks: changes('asks') },
  };
  entry.sent = fresh;
  entry.seq++;
  return row;
}

function orderRow(context: TestnetContext, order: SimOrder): Row {
  const { clientOrderId, orderId, status, side, qty, filledQty, limit, averagePrice } = order;
  return {
    ...{ type: 'order', market: symbolOf(context, order.instrument), id: clientOrderId },
    ...{ order: orderId, state: status, side, qty: formatDecimal(qty) },
    filled: formatDecimal(filledQty),
    price: limit === null ? '' : formatDecimal(limit),
    average: averagePrice === null ? '' : formatDecimal(averagePrice),
    ...{ reduce: order.reduceOnly, why: order.endReason ?? '', ts: order.updatedTsMs },
  };
}

function fillRow(context: TestnetContext, fill: SimFill): Row {
  return {
    ...{ type: 'fill', market: symbolOf(context, fill.instrument), trade: fill.tradeId },
    ...{ id: fill.clientOrderId, order: fill.orderId, side: fill.side, role: fill.liquidity },
    ...{ price: formatDecimal(fill.price), qty: formatDecimal(fill.qty) },
    ...{ fee: formatDecimal(fill.feePaid), asset: fill.feeAsset },
    ...{ pnl: formatDecimal(fill.realizedPnl), forced: fill.forced !== null, ts: fill.tsMs },
  };
}

function balanceRows({ exchange, now }: TestnetContext): readonly Row[] {
  return exchange.balances().map(({ asset, total, locked }) => ({
    ...{ type: 'balance', asset, total: formatDecimal(total), ts: now().tsMs },
    free: formatDecimal((total - locked) as Decimal), // a difference of decimals is one
  }));
}

function positionRow({ exchange }: TestnetContext, id: string): Row {
  const { qty, entryPrice, mark, liquidationPrice, leverage, updatedTsMs } = exchange.position(id);
  return {
    ...{ type: 'position', market: exchange.instrument(id)?.instrument.symbol ?? id, leverage },
    ...{ qty: formatDecimal(qty), entry: formatDecimal(entryPrice), mark: plain(mark) },
    liquidation: liquidationPrice === null ? '' : plain(liquidationPrice),
    ts: updatedTsMs,
  };
}
