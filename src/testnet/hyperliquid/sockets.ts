// The one WebSocket /ws: public and account channels side by side, and posts of info and actions.
// Frames are made once per subscription and tick. Events of the exchange wait until the call that
// caused them has been answered, so an answer is written before its order's frame.
import type { SimEvent, SimNow, SimOrder } from '../../sim/api.ts';
import type { SocketHandler, TestnetSocket } from '../protocol.ts';
import { bboRow, bookRow, contextOf, midsOf } from './market-rows.ts';
import {
  clearinghouse,
  fillRow,
  fundingRow,
  isEnded,
  orderState,
  type Row,
  spotState,
} from './rows.ts';
import type { HyperliquidState, OrderState } from './state.ts';

const idleWallMsMax = 60_000;
const bookEveryWallMs = 500;
const bboRepeatWallMs = 3_000;

/** `type` of a subscription -> what names it. */
const kinds: Readonly<Record<string, 'coin' | 'user' | 'all'>> = {
  bbo: 'coin',
  l2Book: 'coin',
  activeAssetCtx: 'coin',
  trades: 'coin',
  candle: 'coin',
  allMids: 'all',
  orderUpdates: 'user',
  userEvents: 'user',
  userFills: 'user',
  userFundings: 'user',
  userNonFundingLedgerUpdates: 'user',
  clearinghouseState: 'user',
  spotState: 'user',
  webData2: 'user',
  notification: 'user',
};

interface Client {
  readonly socket: TestnetSocket;
  readonly keys: Set<string>;
  heardWallMs: number;
}

interface Topic {
  readonly type: string;
  /** Coin, or lower-case address. */
  readonly name: string;
  readonly clients: Set<Client>;
  saidWallMs: number;
  said: string;
}

/** What a post of the socket is answered with; null = nothing, a number = the socket is closed. */
export interface Posts {
  answer(request: { readonly type: string; readonly payload: unknown }): Row | number | null;
}

export class Sockets {
  private readonly state: HyperliquidState;
  private readonly posts: Posts;
  private readonly clients = new Set<Client>();
  private readonly topics = new Map<string, Topic>();
  private waiting: (SimEvent | { readonly kind: 'state'; readonly state: OrderState })[] = [];

  constructor(state: HyperliquidState, posts: Posts) {
    this.state = state;
    this.posts = posts;
  }

  open(socket: TestnetSocket): SocketHandler {
    const client: Client = { socket, keys: new Set(), heardWallMs: socket.openedWallMs };
    this.clients.add(client);
    return {
      message: (text) => this.message(client, text),
      closed: () => {
        this.clients.delete(client);
        for (const key of client.keys) this.leave(client, key);
      },
    };
  }

  tick(now: SimNow): void {
    for (const topic of this.topics.values()) {
      const frame = this.marketFrame(topic, now.wallMs);
      if (frame === null) continue;
      for (const { socket } of topic.clients) socket.send(frame);
    }
  }

  second(wallMs: number): void {
    for (const { socket, heardWallMs } of this.clients) {
      if (wallMs - heardWallMs > idleWallMsMax) socket.close(1000, 'Inactive');
    }
  }

  event(event: SimEvent): void {
    this.enqueue(event);
  }

  pushOrder(state: OrderState): void {
    this.enqueue({ kind: 'state', state });
  }

  flush(): void {
    const entries = this.waiting;
    this.waiting = [];
    let moved = false;
    for (const [k, entry] of entries.entries()) {
      if (entry.kind === 'position' || entry.kind === 'balance') moved = true;
      else this.tell(entry, entries.slice(k + 1));
    }
    if (moved) this.tellAccount();
  }

  private enqueue(entry: SimEvent | { readonly kind: 'state'; readonly state: OrderState }): void {
    this.waiting.push(entry);
    // After the present call and what it answers.
    if (this.waiting.length === 1) queueMicrotask(() => this.flush());
  }

  private tell(
    entry: SimEvent | { readonly kind: 'state'; readonly state: OrderState },
    later: readonly { readonly kind: string }[],
  ): void {
    const { listings } = this.state;
    switch (entry.kind) {
      case 'state':
        this.say('orderUpdates', [entry.state]);
        return;
      case 'order':
        // An order that ended in the same call never rested.
        if (!isEnded(entry.order) && endsIn(later, entry.order)) return;
        this.say('orderUpdates', [orderState(entry.order, listings.of(entry.order.instrument))]);
        return;
      case 'fill': {
        const listed = listings.of(entry.fill.instrument);
        const fills = [fillRow(entry.fill, listed)];
        this.say('userEvents', { fills });
        this.say('userFills', { isSnapshot: false, user: this.state.account.key, fills });
        this.say('orderUpdates', [orderState(entry.order, listed)]);
        return;
      }
      case 'funding-payment': {
        const funding = fundingRow(entry.payment, listings.of(entry.payment.instrument));
        this.say('userEvents', { funding });
        const user = this.state.account.key;
        this.say('userFundings', { isSnapshot: false, user, fundings: [funding] });
        return;
      }
      default:
    }
  }

  private tellAccount(): void {
    for (const type of ['clearinghouseState', 'spotState', 'webData2']) {
      const data = this.accountData(type);
      if (data !== null) this.say(type, data);
    }
  }

  private accountData(type: string): Row | null {
    if (!this.topics.has(keyOf(type, this.state.account.key))) return null;
    const user = this.state.account.key;
    if (type === 'spotState') return { user, spotState: spotState(this.state) };
    return { dex: '', user, clearinghouseState: clearinghouse(this.state) };
  }

  /** To whoever subscribed it for the testnet's account. */
  private say(type: string, data: unknown): void {
    const topic = this.topics.get(keyOf(type, this.state.account.key));
    if (topic === undefined) return;
    const frame = frameOf(type, data);
    for (const { socket } of topic.clients) socket.send(frame);
  }

  private message(client: Client, text: string): void {
    client.heardWallMs = this.state.now().wallMs;
    const message = rowOf(parsed(text));
    const method = message === null ? null : message['method'];
    if (message === null || typeof method !== 'string') {
      client.socket.send(
        frameOf('error', `Error parsing JSON into valid websocket request: ${text.slice(0, 80)}`),
      );
    } else if (method === 'ping') {
      client.socket.send('{"channel":"pong"}');
    } else if (method === 'subscribe' || method === 'unsubscribe') {
      this.change(client, method, message['subscription']);
    } else if (method === 'post') {
      this.post(client, message);
    } else {
      client.socket.send(
        frameOf('error', `Error parsing JSON into valid websocket request: ${method}`),
      );
    }
  }

  private change(client: Client, method: 'subscribe' | 'unsubscribe', value: unknown): void {
    const subscription = rowOf(value) ?? {};
    const type = String(subscription['type']);
    const name = this.nameOf(type, subscription);
    const shown = JSON.stringify(subscription);
    if (name === null) {
      client.socket.send(frameOf('error', `Invalid subscription ${shown}`));
      return;
    }
    const key = keyOf(type, name);
    if (method === 'subscribe' && client.keys.has(key)) {
      client.socket.send(frameOf('error', `Already subscribed: ${shown}`));
      return;
    }
    if (method === 'unsubscribe' && !client.keys.has(key)) {
      client.socket.send(frameOf('error', `Already unsubscribed: ${shown}`));
      return;
    }
    client.socket.send(frameOf('subscriptionResponse', { method, subscription }));
    if (method === 'unsubscribe') this.leave(client, key);
    else this.join(client, { type, name, key });
  }

  /** Null = there is no such subscription. */
  private nameOf(type: string, subscription: Row): string | null {
    const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
    if (kind === 'all') return '';
    if (kind === 'coin')
      return this.state.listings.coin(String(subscription['coin']))?.coin ?? null;
    const user = String(subscription['user']).toLowerCase();
    return kind === 'user' && /^0x[0-9a-f]{40}$/.test(user) ? user : null;
  }

  private join(client: Client, wanted: { type: string; name: string; key: string }): void {
    const { type, name, key } = wanted;
    let topic = this.topics.get(key);
    if (topic === undefined) {
      topic = { type, name, clients: new Set(), saidWallMs: 0, said: '' };
      this.topics.set(key, topic);
    }
    topic.clients.add(client);
    client.keys.add(key);
    const data = this.firstData(topic);
    if (data !== null) client.socket.send(frameOf(channelOf(topic), data));
  }

  private leave(client: Client, key: string): void {
    client.keys.delete(key);
    const topic = this.topics.get(key);
    topic?.clients.delete(client);
    if (topic?.clients.size === 0) this.topics.delete(key);
  }

  /** What a new subscriber gets at once. */
  private firstData(topic: Topic): unknown {
    const { exchange, listings, account } = this.state;
    const isOwn = topic.name === account.key;
    switch (topic.type) {
      case 'userFills': {
        const fills = isOwn ? exchange.fills({}) : [];
        const rows = fills.map((fill) => fillRow(fill, listings.of(fill.instrument)));
        return { isSnapshot: true, user: topic.name, fills: rows.reverse() };
      }
      case 'userFundings': {
        const payments = isOwn ? exchange.fundingPayments({}) : [];
        const rows = payments.map((paid) => fundingRow(paid, listings.of(paid.instrument)));
        return { isSnapshot: true, user: topic.name, fundings: rows.reverse() };
      }
      case 'clearinghouseState':
      case 'spotState':
      case 'webData2':
        return isOwn ? this.accountData(topic.type) : null;
      default:
        return this.marketData(topic);
    }
  }

  private marketData({ type, name }: Topic): unknown {
    if (type === 'allMids') return { mids: midsOf(this.state) };
    const listed = this.state.listings.coin(name);
    if (listed === null) return null;
    if (type === 'bbo') return bboRow(this.state, listed);
    if (type === 'l2Book') return bookRow(this.state, listed);
    if (type !== 'activeAssetCtx') return null;
    return { coin: listed.coin, ctx: contextOf(this.state, listed) };
  }

  /** Null = nothing new. */
  private marketFrame(topic: Topic, wallMs: number): string | null {
    const sinceMs = wallMs - topic.saidWallMs;
    if (topic.type === 'l2Book' && sinceMs < bookEveryWallMs) return null;
    const data = this.marketData(topic);
    if (data === null) return null;
    // Time alone is no news.
    const content = JSON.stringify(data).replace(/"time":\d+,/, '');
    const repeats = topic.type !== 'l2Book' && sinceMs < bboRepeatWallMs;
    if (content === topic.said && repeats) return null;
    topic.said = content;
    topic.saidWallMs = wallMs;
    return frameOf(channelOf(topic), data);
  }

  private post(client: Client, message: Row): void {
    const id = message['id'];
    const request = rowOf(message['request']) ?? {};
    if (!isPostId(id)) {
      client.socket.send(frameOf('error', 'Error parsing JSON into valid websocket request: id'));
      return;
    }
    const { type, payload } = request;
    const response = this.posts.answer({ type: String(type), payload });
    if (typeof response === 'number') client.socket.close(response, 'internal error');
    else if (response !== null) client.socket.send(frameOf('post', { id, response }));
  }
}

function isPostId(id: unknown): boolean {
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0;
}

function endsIn(later: readonly { readonly kind: string }[], order: SimOrder): boolean {
  return (later as readonly SimEvent[]).some(
    (event) =>
      (event.kind === 'order' || event.kind === 'fill') &&
      event.order.orderId === order.orderId &&
      isEnded(event.order),
  );
}

/** The channel's own name where it differs from the subscription's. */
function channelOf({ type, name }: Topic): string {
  if (type === 'activeAssetCtx' && name.startsWith('@')) return 'activeSpotAssetCtx';
  return type;
}

function frameOf(type: string, data: unknown): string {
  return JSON.stringify({ channel: type === 'userEvents' ? 'user' : type, data });
}

function keyOf(type: string, name: string): string {
  return `${type} ${name}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function rowOf(value: unknown): Row | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return value as Row; // a JSON object: its fields stay unknown
}
