// The WebSocket APIs (/ws-api/v3 for spot, /ws-fapi/v1 for USD-M): signed requests with an id,
// answered with a status; on spot also the only way to user data, as {subscriptionId, event}.
import type { SocketHandler, TestnetContext, TestnetSocket } from '../protocol.ts';
import { type Answer, answer, refused } from './answer.ts';
import { refusalByTime, refusalByWsSignature } from './auth.ts';
import type { BinanceMarket } from './listed.ts';
import type { Params } from './order-request.ts';
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
    if (request === null) return this.reply(null, refused(-1135, 'Invalid JSON Request'));
    this.reply(request.id, this.answer(request));
    this.parts.user.report();
  }

  closed(): void {
    for (const subscriber of this.subscriptions.values()) this.parts.user.remove(subscriber);
    this.subscriptions.clear();
  }

  private answer({ method, params }: Request): Answer {
    const { trading, windows, context, read } = this.parts;
    const orders = method === 'order.place' ? 1 : 0;
    const spend = { market: this.market, weight: 2, orders, funding: false };
    const { refusal } = windows.spend(spend, context.now().wallMs);
    if (refusal !== null) return refusal;
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
    const { credentials, now } = this.parts.context;
    const time = { timestamp: texts.get('timestamp'), recvWindow: texts.get('recvWindow') };
    return refusalByWsSignature(params, credentials) ?? refusalByTime(time, now().wallMs);
  }

  private subscribe(): Answer {
    if (this.market !== 'spot') return refused(-1020, 'User data of USD-M comes by listenKey.');
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

  private reply(id: unknown, given: Answer): void {
    const rateLimits: readonly unknown[] = [];
    const body = given.ok
      ? { id, status: 200, result: given.value, rateLimits }
      : { id, status: given.status, error: { code: given.code, msg: given.msg }, rateLimits };
    this.socket.send(JSON.stringify(body));
  }
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
