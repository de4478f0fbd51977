// A process of its own that plays a venue of Bybit's protocol for the wire-to-wire benchmark: it
// sends one market frame a tick and takes the time until the order of that frame stands at its own
// socket. It serves this benchmark and nothing else.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { answerOf, type Order, Venue } from './wire-venue.ts';

export interface WireTold {
  /** Sends so many ticks to whoever is subscribed (or to the echo), then says `measured`. */
  readonly measure?: { readonly to: 'market' | 'echo'; readonly ticks: number };
}

export interface WireSaid {
  readonly ports?: { readonly venue: number; readonly echo: number };
  readonly measured?: Measured;
}

/** Nanoseconds from the write of a frame to the arrival of what it brought about. */
export interface Measured {
  readonly first: readonly number[];
  /** The order of the other leg, where there is one. */
  readonly second: readonly number[];
  /** Ticks that were worth an order and brought none. */
  readonly unanswered: number;
}

const tickMs = 1;
/** After the last tick orders may still be on their way. */
const settleMs = 250;
/** A quote that nobody moves is said again so often: an old one would not be traded on. */
const refreshMs = 2_000;

const venues = { a: new Venue('a'), b: new Venue('b') } as const;
let echo: Socket | null = null;
let arrivedNs = 0n;

const tell = (said: WireSaid): void => void process.send?.(said);

/** The moment at which bytes reach this process, before anything reads them. */
function stampArrivals(socket: Socket): void {
  socket.setNoDelay(true);
  socket.on('data', () => undefined); // takes an HTTP socket out of its parser's own hands
  socket.prependListener('data', () => {
    arrivedNs = process.hrtime.bigint();
  });
}

const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  const atNs = arrivedNs;
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { venue, url } = routed(request.url ?? '/');
    const body = Buffer.concat(chunks).toString();
    response.setHeader('content-type', 'application/json');
    if (url !== '/v5/order/create') {
      const answer = answerOf(url);
      response.statusCode = answer === null ? 404 : 200;
      response.end(answer ?? '{"retCode":10001,"retMsg":"no such path"}');
      return;
    }
    const order = JSON.parse(body) as Order;
    ordered(order, atNs);
    response.end(JSON.stringify(venue.take(order)));
    venue.answer(order);
  });
});
server.keepAliveTimeout = 60_000;
server.on('connection', stampArrivals);

const upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false });
server.on('upgrade', (request, raw, head) => {
  upgrades.handleUpgrade(request, raw, head, (socket) => {
    const { venue, url } = routed(request.url ?? '/');
    accept(socket, raw as Socket, { venue, url });
  });
});

function routed(path: string): { readonly venue: Venue; readonly url: string } {
  return path.startsWith('/b/')
    ? { venue: venues.b, url: path.slice(2) }
    : { venue: venues.a, url: path };
}

interface Message {
  readonly op?: string;
  readonly reqId?: string;
  readonly req_id?: string;
  readonly args?: readonly unknown[];
}

function accept(
  socket: WebSocket,
  raw: Socket,
  { venue, url }: { readonly venue: Venue; readonly url: string },
): void {
  socket.on('error', () => undefined);
  socket.on('close', () => venue.forget(socket));
  socket.on('message', (data) => {
    const atNs = arrivedNs;
    const { op, reqId, req_id, args = [] } = JSON.parse(String(data)) as Message;
    switch (op) {
      case 'order.create': {
        const order = args[0] as Order;
        ordered(order, atNs);
        socket.send(JSON.stringify({ reqId, op, connId: 'c', ...venue.take(order) }));
        venue.answer(order);
        return;
      }
      case 'auth':
        socket.send(JSON.stringify({ reqId, req_id, op, success: true, retCode: 0, retMsg: 'OK' }));
        return;
      case 'subscribe':
        socket.send(JSON.stringify({ success: true, ret_msg: '', op, req_id, conn_id: 'c' }));
        if (url.startsWith('/v5/private')) venue.watch(socket, args.map(String));
        else venue.subscribe(raw, args.map(String));
        return;
      default:
        socket.send(JSON.stringify({ success: true, ret_msg: 'pong', op: 'ping', req_id }));
    }
  });
}

/** When each symbol's last tick left, and whether an order of it has come. */
const sentNs = new Map<string, { readonly atNs: bigint; orders: number }>();
let first: number[] = [];
let second: number[] = [];
let entries = 0;

function ordered(order: Order, atNs: bigint): void {
  const tick = sentNs.get(order.symbol);
  if (tick === undefined) return;
  tick.orders++;
  if (tick.orders === 1) first.push(Number(atNs - tick.atNs));
  else if (tick.orders === 2) second.push(Number(atNs - tick.atNs));
}

function sendMarket(): void {
  const { symbol, entry, bytes, socket } = venues.a.nextTick();
  if (socket === null) return;
  sentNs.delete(symbol);
  if (entry) {
    entries++;
    sentNs.set(symbol, { atNs: process.hrtime.bigint(), orders: 0 });
  }
  socket.write(bytes);
}

const payload = Buffer.alloc(200, 'x');
const echoes: bigint[] = [];
let echoedBytes = 0;

function sendEcho(): void {
  echoes.push(process.hrtime.bigint());
  echo?.write(payload);
}

function echoed(bytes: Buffer): void {
  const atNs = process.hrtime.bigint();
  echoedBytes += bytes.length;
  for (; echoedBytes >= payload.length; echoedBytes -= payload.length) {
    first.push(Number(atNs - (echoes.shift() ?? atNs)));
  }
}

/** One tick a wake-up: a pause of this process is not made up for in a burst. */
function measure(to: 'market' | 'echo', ticks: number): void {
  first = [];
  second = [];
  entries = 0;
  let left = ticks;
  const startedMs = performance.now();
  let count = 0;
  const next = (): void => {
    if (left === 0) {
      setTimeout(() => {
        const asked = to === 'market' ? entries : ticks;
        tell({ measured: { first, second, unanswered: asked - first.length } });
      }, settleMs);
      return;
    }
    left--;
    count++;
    if (to === 'market') sendMarket();
    else sendEcho();
    setTimeout(next, Math.max(0, startedMs + count * tickMs - performance.now()));
  };
  next();
}

const tcp = createTcpServer((socket) => {
  socket.setNoDelay(true);
  echo = socket;
  socket.on('error', () => undefined);
  socket.on('data', echoed);
});

process.on('message', ({ measure: wanted }: WireTold) => {
  if (wanted !== undefined) measure(wanted.to, wanted.ticks);
});
process.on('disconnect', () => process.exit(0));
setInterval(() => {
  for (const venue of Object.values(venues)) venue.refresh();
}, refreshMs);
tcp.listen(0, '127.0.0.1', () => {
  server.listen(0, '127.0.0.1', () => {
    const portOf = (at: { address(): unknown }): number => (at.address() as AddressInfo).port;
    tell({ ports: { venue: portOf(server), echo: portOf(tcp) } });
  });
});
