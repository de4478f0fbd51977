// The toy venue behind real loopback sockets: answers everything by default, and lets a test
// replace any answer, hang, cut the connection or push frames.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { hmacSha256Hex } from '../../src/base/hmac.ts';
import type { Endpoints } from '../../src/domain/venue-spec.ts';
import { toyInstruments, toyJson, toyKey, toySecret } from './toy-venue.ts';

export interface ToyRequest {
  readonly line: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface ToyReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Events, or text as it is. */
  readonly events?: readonly object[];
  readonly text?: string;
}

/** `hang`: never answers. `cut`: closes the connection without an answer. */
export type ToyAnswer = ToyReply | 'hang' | 'cut';
export type ToyHandler = (request: ToyRequest) => ToyAnswer | Promise<ToyAnswer>;

export class ToyServer {
  readonly requests: ToyRequest[] = [];
  readonly messages: { readonly path: string; readonly text: string }[] = [];
  readonly sockets: { readonly path: string; readonly socket: WebSocket }[] = [];
  /** Replaces the answer to a client's WebSocket text; return null for the default. */
  onText: (path: string, text: string, socket: WebSocket) => readonly string[] | null = () => null;
  private readonly handlers = new Map<string, ToyHandler>();
  private readonly server: Server;
  private readonly upgrades = new WebSocketServer({ noServer: true });
  private watchers: (() => void)[] = [];

  private constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
    this.server.on('upgrade', (request, socket, head) => {
      this.upgrades.handleUpgrade(request, socket, head, (client) => {
        this.accepted(request.url ?? '', client);
      });
    });
  }

  static async start(): Promise<ToyServer> {
    const toy = new ToyServer();
    await new Promise<void>((resolve) => toy.server.listen(0, '127.0.0.1', resolve));
    return toy;
  }

  get endpoints(): Endpoints {
    const { port } = this.server.address() as AddressInfo;
    return { http: { rest: `http://127.0.0.1:${port}` }, ws: { ws: `ws://127.0.0.1:${port}` } };
  }

  /** `line` is `GET /path`. */
  on(line: string, handler: ToyHandler): void {
    this.handlers.set(line, handler);
  }

  seen(line: string): readonly ToyRequest[] {
    return this.requests.filter((request) => request.line === line);
  }

  /** To every open socket whose path starts so. */
  push(path: string, ...texts: readonly string[]): void {
    for (const entry of this.sockets) {
      if (!entry.path.startsWith(path) || entry.socket.readyState !== entry.socket.OPEN) continue;
      for (const text of texts) entry.socket.send(text);
    }
  }

  drop(path: string): void {
    for (const entry of this.sockets) if (entry.path.startsWith(path)) entry.socket.terminate();
  }

  /** Resolves once the condition holds; looked at after every request and message. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.watchers.push(resolve));
  }

  async stop(): Promise<void> {
    for (const { socket } of this.sockets) socket.terminate();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accepted(path: string, socket: WebSocket): void {
    this.sockets.push({ path, socket });
    socket.on('error', () => {});
    socket.on('message', (data) => {
      const text = String(data);
      const replies = this.onText(path, text, socket) ?? defaultTexts(text);
      if (text.startsWith('call ')) void this.called(text, socket);
      for (const reply of replies) socket.send(reply);
      this.messages.push({ path, text });
      this.wake();
    });
    this.wake();
  }

  /** An order message is seen as `WS POST /order` and answered by the handler of that line. */
  private async called(text: string, socket: WebSocket): Promise<void> {
    const [, id = '', rest = '{}'] = /^call (\S+) (.*)$/s.exec(text) ?? [];
    const said = JSON.parse(rest) as { line: string; query: string; body: string | null };
    const query = new URLSearchParams(said.query);
    const seen = { line: `WS ${said.line}`, query, body: said.body ?? '', headers: {} };
    this.requests.push(seen);
    this.wake();
    const reply = await (this.handlers.get(seen.line) ?? ack)(seen);
    if (reply === 'hang') return;
    if (reply === 'cut') return socket.terminate();
    const body = reply.text ?? toyJson({ events: reply.events ?? [] });
    socket.send(`answer ${id} ${reply.status ?? 200} ${body}`);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '', 'http://toy');
    const body = Buffer.concat(chunks).toString();
    const line = `${request.method} ${url.pathname}`;
    const { headers } = request;
    const seen: ToyRequest = { line, query: url.searchParams, body, headers };
    this.requests.push(seen);
    this.wake();
    const rawQuery = (request.url ?? '').split('?')[1] ?? '';
    const handler = this.handlers.get(line) ?? defaults[line];
    const reply = isForged(seen, url.pathname, rawQuery)
      ? {
          events: [
            {
              kind: 'error',
              code: 'AUTH',
              reaction: 'stop',
              venueCode: 'sign',
              message: 'bad signature',
            },
          ],
        }
      : handler === undefined
        ? { status: 404, text: 'no such path' }
        : await handler(seen);
    if (reply === 'hang') return;
    if (reply === 'cut') {
      response.destroy();
      return;
    }
    response.writeHead(reply.status ?? 200, reply.headers ?? {});
    response.end(reply.text ?? toyJson({ events: reply.events ?? [] }));
  }

  private wake(): void {
    for (const watcher of this.watchers.splice(0)) watcher();
  }
}

/** A signed request must carry the signature over exactly what arrived. */
function isForged({ headers, body }: ToyRequest, path: string, rawQuery: string): boolean {
  const [ts, sign] = [headers['x-ts'], headers['x-sign']];
  if (ts === undefined || sign === undefined) return false;
  return sign !== hmacSha256Hex(toySecret, `${ts}${path}?${rawQuery}${body}`);
}

export const control = (name: string, value: string | null = null): string =>
  frame({ kind: 'control', name, value });

export const frame = (...events: readonly object[]): string => toyJson({ events });

function defaultTexts(text: string): readonly string[] {
  if (text === 'ping') return [control('pong')];
  if (text.startsWith('sub ')) return [control('subscribed', text)];
  if (text.startsWith('login ')) {
    if (text.split(' ')[1] === toyKey) return [control('login')];
    return [
      frame({
        kind: 'error',
        code: 'AUTH',
        reaction: 'stop',
        venueCode: 'login',
        message: 'wrong key',
      }),
    ];
  }
  return [];
}

const ack: ToyHandler = () => ({ events: [{ kind: 'control', name: 'ack', value: null }] });
const nothing: ToyHandler = () => ({ events: [] });
const absent: ToyHandler = () => ({
  events: [
    {
      kind: 'error',
      code: 'REJECTED',
      reaction: 'reconcile',
      venueCode: 'none',
      message: 'no such order',
    },
  ],
});

export function fundingOf(symbol: string, over: object = {}): object {
  return {
    kind: 'funding-rate',
    symbol,
    ratePerInterval: 0.0001,
    intervalMs: 28_800_000,
    settlesAtMs: 9_000_000_000_000,
    nextRate: null,
    cap: null,
    floor: null,
    settled: false,
    ...over,
  };
}

const defaults: Readonly<Record<string, ToyHandler>> = {
  'GET /time': () => ({
    events: [
      { kind: 'control', name: 'server-time', value: String(Date.now()), venueTsMs: Date.now() },
    ],
  }),
  'GET /instruments': () => ({
    events: toyInstruments.map(({ symbol }) => ({ kind: 'instrument', symbol })),
  }),
  'GET /funding': () => ({ events: [fundingOf('BTCP'), fundingOf('ETHP')] }),
  'GET /funding-history': nothing,
  'GET /quotes': nothing,
  'GET /fees': () => ({
    events: toyInstruments.map(({ symbol }) => ({
      kind: 'fee-rate',
      symbol,
      taker: 0.0005,
      maker: 0.0002,
    })),
  }),
  'POST /leverage': ack,
  'GET /account': ack,
  'POST /order': ack,
  'DELETE /order': ack,
  'GET /order': absent,
  'GET /order-history': absent,
  'GET /orders': nothing,
  'GET /orders-history': nothing,
  'GET /fills': nothing,
  'GET /balances': nothing,
  'GET /positions': nothing,
  'GET /payments': nothing,
  'POST /listen-key': () => ({ events: [{ kind: 'control', name: 'listen-key', value: 'lk1' }] }),
};
