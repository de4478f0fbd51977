// The WebSocket APIs (/ws-api/v3 for spot, /ws-fapi/v1 and /ws-dapi/v1 for the futures): signed
// requests with an id, answered with a status; on spot also the only way to user data, as
// {subscriptionId, event}.
import { secondMs } from '../../base/time.ts';
import type { SocketHandler, TestnetContext, TestnetSocket } from '../protocol.ts';
import { type Answer, answer, refused } from './answer.ts';
import { refusalByTime, refusalByWsSignature } from './auth.ts';
import type { BinanceMarket } from './listed.ts';
import type { Params } from './order-request.ts';
import { skewMs } from './routes.ts';
import type { Trading } from './trading.ts';
import type { UserData, UserSubscriber } from './user-data.ts';
import type { RateWindows } from './windows.ts';

export interface WsApiParts {
  readonly context: TestnetContext;
  readonly trading: Trading;
  readonly user: UserData;
  readonly windows: RateWindows;
  /** Public and account reads that exist over REST too; null = no such method. */
  read(method: string, params: Params, market: BinanceMarket): Answer | null;
}

export class WsApi {
  private readonly parts: WsApiParts;

  constructor(parts: WsApiParts) {
    this.parts = parts;
  }

  open(socket: TestnetSocket, market: BinanceMarket): SocketHandler {
    return new Session(socket, market, this.parts);
  }
}

class Session implements SocketHandler {
  private readonly socket: TestnetSocket;
  private readonly market: BinanceMarket;
  private readonly parts: WsApiParts;
  private readonly subscriptions = new Map<number, UserSubscriber>();
  private subscriptionsMade = 0;

  constructor(socket: TestnetSocket, market: BinanceMarket, parts: WsApiParts) {
    this.socket = socket;
    this.market = market;
    this.parts = parts;
  }

  message(text: string): void {
    const request = parsed(text);
    if (request === null) return this.reply(null, { answer: badRequest, headers: {} });
    const path = orderPaths[this.market];
    const method = orderMethods[request.method];
    const fault = method === undefined ? null : this.parts.context.orderFault({ method, path });
    if (fault === 'timeout') return;
    if (fault === 'http-503') return this.socket.close(1011, 'internal error');
    const said = this.answer(request);
    if (fault === 'ack-lost') this.socket.close(1011, 'internal error');
    else this.reply(request.id, said);
    this.parts.user.report();
  }

  closed(): void {
    for (const subscriber of this.subscriptions.values()) this.parts.user.remove(subscriber);
    this.subscriptions.clear();
  }

  private answer(request: Request): Said {
    const { windows, context } = this.parts;
    if (context.fault('rate-limit') || context.fault('rate-limited')) {
      const refusal = refused(-1003, 'Too many requests.', 429);
      return { answer: refusal, headers: { 'Retry-After': '2' } };
    }
    const orders = request.method === 'order.place' ? 1 : 0;
    // Orders cost nothing of the weight, reads as little as the cheapest.
    const weight = orderMethods[request.method] === undefined ? 2 : 1 - orders;
    const spend = { market: this.market, weight, orders, funding: false };
    const { refusal, headers } = windows.spend(spend, context.now().wallMs);
    return { answer: refusal ?? this.carryOut(request), headers };
  }

  private carryOut({ method, params }: Request): Answer {
    const { trading, context, read } = this.parts;
    const texts: Params = new Map(
      Object.entries(params).map(([name, value]) => [name, String(value)]),
    );
    if (method === 'ping') return answer({});
    if (method === 'time') return answer({ serverTime: context.now().wallMs });
    const isSigned = signedMethods.has(method);
    if (isSigned) {
      const denied = this.denied(params, texts);
      if (denied !== null) return denied;
    }
    switch (method) {
      case 'order.place':
        return trading.place(texts, this.market);
      case 'order.cancel':
        return trading.cancel(texts, this.market);
      case 'order.status':
        return trading.query(texts, this.market);
      case 'openOrders.status':
        return trading.openOrders(texts, this.market);
      case 'openOrders.cancelAll':
        return trading.cancelAll(texts, this.market);
      case 'userDataStream.subscribe.signature':
        return this.subscribe();
      case 'userDataStream.unsubscribe':
        return this.unsubscribe(texts);
      default:
        return (
          read(method, texts, this.market) ??
          refused(-1020, `Method '${method}' is not supported by this testnet.`)
        );
    }
  }

  private denied(
    params: Readonly<Record<string, unknown>>,
    texts: Params,
  ): (Answer & { readonly ok: false }) | null {
    const { context } = this.parts;
    const { credentials } = context;
    const wallMs = context.now().wallMs + skewMs(context);
    const time = { timestamp: texts.get('timestamp'), recvWindow: texts.get('recvWindow') };
    return refusalByWsSignature(params, credentials) ?? refusalByTime(time, wallMs);
  }

  private subscribe(): Answer {
    if (this.market !== 'spot') return refused(-1020, 'User data of futures comes by listenKey.');
    const subscriptionId = this.subscriptionsMade++;
    const subscriber: UserSubscriber = {
      market: 'spot',
      push: (event) => this.socket.send(JSON.stringify({ subscriptionId, event })),
    };
    this.subscriptions.set(subscriptionId, subscriber);
    this.parts.user.add(subscriber);
    return answer({ subscriptionId });
  }

  private unsubscribe(params: Params): Answer {
    const id = params.get('subscriptionId');
    for (const [key, subscriber] of this.subscriptions) {
      if (id !== undefined && String(key) !== id) continue;
      this.parts.user.remove(subscriber);
      this.subscriptions.delete(key);
    }
    return answer({});
  }

  private reply(id: unknown, { answer: given, headers }: Said): void {
    const rateLimits = limitsIn(headers);
    if (given.ok) {
      this.socket.send(JSON.stringify({ id, status: 200, result: given.value, rateLimits }));
      return;
    }
    const { code, msg, status } = given;
    const serverTime = Math.floor(this.parts.context.now().wallMs);
    const waitS = headers['Retry-After'];
    const told =
      waitS === undefined
        ? {}
        : { data: { serverTime, retryAfter: serverTime + Number(waitS) * secondMs } };
    this.socket.send(JSON.stringify({ id, status, error: { code, msg, ...told }, rateLimits }));
  }
}

interface Said {
  readonly answer: Answer;
  readonly headers: Readonly<Record<string, string>>;
}

const badRequest = refused(-1135, 'Invalid JSON Request');

/** The REST call that an order message stands for. */
const orderMethods: Readonly<Record<string, string>> = {
  'order.place': 'POST',
  'order.cancel': 'DELETE',
  'order.status': 'GET',
};
const orderPaths: Readonly<Record<BinanceMarket, string>> = {
  spot: '/api/v3/order',
  linear: '/fapi/v1/order',
  inverse: '/dapi/v1/order',
};

const intervals: Readonly<Record<string, string>> = { S: 'SECOND', M: 'MINUTE', D: 'DAY' };

/** What REST says in headers (`X-MBX-ORDER-COUNT-10S`), the WebSocket API says in a list. */
function limitsIn(headers: Readonly<Record<string, string>>): readonly unknown[] {
  return Object.entries(headers).flatMap(([name, count]) => {
    const match = /^X-MBX-(ORDER-COUNT|USED-WEIGHT)-(\d+)([SMD])$/.exec(name);
    if (match === null) return [];
    const [, what, intervalNum, unit = ''] = match;
    const rateLimitType = what === 'ORDER-COUNT' ? 'ORDERS' : 'REQUEST_WEIGHT';
    const span = { interval: intervals[unit], intervalNum: Number(intervalNum) };
    return [{ rateLimitType, ...span, count: Number(count) }];
  });
}

const signedMethods = new Set([
  'order.place',
  'order.cancel',
  'order.status',
  'openOrders.status',
  'openOrders.cancelAll',
  'account.status',
  'account.balance',
  'v2/account.balance',
  'v2/account.status',
  'account.position',
  'v2/account.position',
  'userDataStream.subscribe.signature',
]);

interface Request {
  readonly id: unknown;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

function parsed(text: string): Request | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const {
      id = null,
      method,
      params,
    }: { id?: unknown; method?: unknown; params?: unknown } = value;
    if (typeof method !== 'string') return null;
    const given = typeof params === 'object' && params !== null ? params : {};
    return { id, method, params: Object.fromEntries(Object.entries(given)) };
  } catch {
    return null;
  }
}
