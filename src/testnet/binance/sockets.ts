// Market-data sockets: routes, subscriptions, and pushing each channel's frame to who listens, raw
// or in the combined envelope {stream, data}.
import type { SimEvent, SimNow } from '../../sim/api.ts';
import type { SocketHandler, TestnetSocket } from '../protocol.ts';
import { type Channel, type ChannelParts, channelOf, type Route } from './channels.ts';

const streamsMax = 1_024;
/** Messages a client may send per second of wall time. */
const messagesMax = { spot: 5, public: 10, market: 10 } as const;
const nameMax = 100;

interface Feed {
  readonly name: string;
  readonly channel: Channel;
  readonly listeners: Set<Connection>;
}

export class VenueSockets {
  private readonly parts: ChannelParts;
  private readonly feeds = new Map<string, Feed>();

  constructor(parts: ChannelParts) {
    this.parts = parts;
  }

  /** `streams` are names in the URL; a bare number there is a client's own shard label. */
  open(
    socket: TestnetSocket,
    at: { readonly route: Route; readonly combined: boolean; readonly streams: readonly string[] },
  ): SocketHandler {
    const connection = new Connection(socket, at, this, () => this.parts.context.now().wallMs);
    for (const name of at.streams) if (!/^\d+$/.test(name)) connection.subscribe(name);
    return connection;
  }

  join(name: string, connection: Connection): void {
    const key = `${connection.route} ${name}`;
    let feed = this.feeds.get(key);
    if (feed === undefined) {
      const channel = channelOf(name, connection.route, this.parts);
      if (channel === null) return;
      feed = { name, channel, listeners: new Set() };
      this.feeds.set(key, feed);
    }
    feed.listeners.add(connection);
  }

  leave(name: string, connection: Connection): void {
    const key = `${connection.route} ${name}`;
    const feed = this.feeds.get(key);
    feed?.listeners.delete(connection);
    if (feed?.listeners.size === 0) this.feeds.delete(key);
  }

  tick(now: SimNow): void {
    for (const feed of this.feeds.values()) send(feed, feed.channel.tick(now));
  }

  event(event: SimEvent): void {
    if (event.kind !== 'fill') return;
    for (const feed of this.feeds.values()) send(feed, feed.channel.event?.(event) ?? null);
  }
}

function send(feed: Feed, raw: string | null): void {
  if (raw === null) return;
  let wrapped: string | null = null;
  for (const connection of feed.listeners) {
    if (connection.combined) {
      wrapped ??= `{"stream":"${feed.name}","data":${raw}}`;
      connection.send(wrapped);
    } else {
      connection.send(raw);
    }
  }
}

class Connection implements SocketHandler {
  readonly route: Route;
  combined: boolean;
  private readonly socket: TestnetSocket;
  private readonly sockets: VenueSockets;
  private readonly wallMs: () => number;
  private readonly streams = new Set<string>();
  private second = 0;
  private messages = 0;

  constructor(
    socket: TestnetSocket,
    at: { readonly route: Route; readonly combined: boolean },
    sockets: VenueSockets,
    wallMs: () => number,
  ) {
    this.socket = socket;
    this.route = at.route;
    this.combined = at.combined;
    this.sockets = sockets;
    this.wallMs = wallMs;
  }

  send(text: string): void {
    this.socket.send(text);
  }

  subscribe(name: string): void {
    this.streams.add(name);
    this.sockets.join(name, this);
  }

  message(text: string): void {
    const second = Math.floor(this.wallMs() / 1_000);
    if (second !== this.second) this.messages = 0;
    this.second = second;
    if (++this.messages > messagesMax[this.route])
      return this.socket.close(1008, 'Too many requests');
    const request = parsed(text);
    if (request === null) return this.refuse(null, 3, 'Invalid JSON: expected an object');
    this.act(request);
  }

  closed(): void {
    for (const name of this.streams) this.sockets.leave(name, this);
    this.streams.clear();
  }

  private act({ id, method, params }: Request): void {
    switch (method) {
      case 'SUBSCRIBE':
      case 'UNSUBSCRIBE': {
        const names = namesIn(params);
        if (names === null) return this.refuse(id, 2, 'Invalid request: params must be streams');
        if (method === 'SUBSCRIBE') {
          if (this.streams.size + names.length > streamsMax) {
            return this.socket.close(1008, 'Too many streams');
          }
          for (const name of names) this.subscribe(name);
        } else {
          for (const name of names) {
            this.streams.delete(name);
            this.sockets.leave(name, this);
          }
        }
        return this.reply(id, null);
      }
      case 'LIST_SUBSCRIPTIONS':
        return this.reply(id, [...this.streams]);
      case 'SET_PROPERTY':
        if (!Array.isArray(params) || params[0] !== 'combined') {
          return this.refuse(id, 0, 'Unknown property');
        }
        this.combined = params[1] === true;
        return this.reply(id, null);
      case 'GET_PROPERTY':
        return this.reply(id, this.combined);
      default:
        return this.refuse(id, 2, `Invalid request: unknown variant \`${String(method)}\``);
    }
  }

  /** The id comes back as it came: number, string or null. */
  private reply(id: unknown, result: unknown): void {
    this.socket.send(JSON.stringify({ result, id }));
  }

  private refuse(id: unknown, code: number, msg: string): void {
    this.socket.send(JSON.stringify({ error: { code, msg }, id }));
  }
}

interface Request {
  readonly id: unknown;
  readonly method: unknown;
  readonly params: unknown;
}

function parsed(text: string): Request | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    const { id = null, method = null, params = null }: Partial<Request> = value;
    return { id, method, params };
  } catch {
    return null;
  }
}

/** Stream names; null for anything that could break the envelope or is no list of names. */
function namesIn(params: unknown): readonly string[] | null {
  if (!Array.isArray(params) || params.length === 0) return null;
  const names = params.map(String);
  const fit = (name: string): boolean => name.length <= nameMax && /^[\w@!.-]+$/.test(name);
  return names.every(fit) ? names : null;
}
