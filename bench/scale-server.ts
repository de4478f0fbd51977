// A process of its own that plays the public side of three venues on one loopback port: listings,
// subscriptions within the venues' limits, and frames at a steady rate. Told what to do by its
// parent: `{ rate }`, `{ drop }`, `{ ask }`. It serves this benchmark and nothing else.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Channel, type Feed, feedsOf, madeUp, type VenueName } from './scale-feeds.ts';
import { answerOf } from './scale-rest.ts';

export interface ServerSaid {
  readonly port?: number;
  readonly counts?: { readonly sent: number; readonly skipped: number; readonly sockets: number };
  /** A limit of a venue that a client passed. */
  readonly broken?: string;
}

export interface ServerTold {
  /** Frames a second over all sockets. */
  readonly rate?: number;
  readonly drop?: boolean;
  readonly ask?: boolean;
}

const perVenue = Number(process.argv[2] ?? '500');
const tickMs = 5;
/** A consumer with this much unread is behind: frames for it are left out and counted. */
const unreadBytesMax = 4 * 1024 * 1024;
/** Of seven frames. */
const mix: readonly Channel[] = ['quote', 'quote', 'depth', 'quote', 'quote', 'depth', 'mark'];

interface Live {
  readonly feed: Feed;
  readonly socket: WebSocket;
}

const venues: readonly VenueName[] = ['binance', 'okx', 'bybit'];
const instruments = madeUp(perVenue);
const feeds = new Map<string, Feed>();
for (const venue of venues) {
  for (const instrument of instruments) {
    for (const feed of feedsOf(venue, instrument)) feeds.set(`${venue} ${feed.name}`, feed);
  }
}
const live: Record<Channel, Live[]> = { quote: [], depth: [], mark: [] };
const cursors: Record<Channel, number> = { quote: 0, depth: 0, mark: 0 };
const sockets = new Set<WebSocket>();
let rate = 0;
let owed = 0;
let sent = 0;
let skipped = 0;
let turn = 0;
let lastMs = performance.now();

const tell = (said: ServerSaid): void => void process.send?.(said);

const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  const body = answerOf(request.url ?? '/', instruments, Date.now());
  response.writeHead(body === null ? 404 : 200, { 'content-type': 'application/json' });
  response.end(body ?? '{}');
});
const upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false });
server.on('upgrade', (request, raw, head) => {
  upgrades.handleUpgrade(request, raw, head, (socket) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    accept(socket, raw as Socket, path);
  });
});

function venueOf(path: string): VenueName {
  if (path.startsWith('/ws/v5')) return 'okx';
  return path.startsWith('/v5') ? 'bybit' : 'binance';
}

function accept(socket: WebSocket, raw: Socket, path: string): void {
  raw.setNoDelay(true);
  sockets.add(socket);
  const venue = venueOf(path);
  const meter = new Meter(venue);
  socket.on('error', () => undefined);
  socket.on('close', () => {
    sockets.delete(socket);
    for (const channel of ['quote', 'depth', 'mark'] as const) {
      live[channel] = live[channel].filter((each) => each.socket !== socket);
    }
  });
  socket.on('message', (data) => {
    const text = String(data);
    if (text === 'ping') return socket.send('pong');
    const message = JSON.parse(text) as Message;
    if (message.op === 'ping') return socket.send('{"success":true,"ret_msg":"pong","op":"ping"}');
    const names = namesOf(message);
    const broken = meter.take(text, names.length);
    if (broken !== null) tell({ broken });
    acknowledge(socket, venue, message);
    for (const name of names) {
      const feed = feeds.get(`${venue} ${name}`);
      if (feed === undefined) continue;
      const first = feed.first(Date.now());
      if (first !== null) socket.send(first);
      live[feed.channel].push({ feed, socket });
    }
  });
}

interface Message {
  readonly op?: string;
  readonly id?: number;
  readonly params?: readonly string[];
  readonly args?: readonly (string | { readonly channel: string; readonly instId?: string })[];
}

function namesOf({ params, args }: Message): readonly string[] {
  return (
    params ??
    (args ?? []).map((arg) =>
      typeof arg === 'string' ? arg : `${arg.channel} ${arg.instId ?? ''}`,
    )
  );
}

function acknowledge(socket: WebSocket, venue: VenueName, { id, args }: Message): void {
  if (venue === 'binance') socket.send(JSON.stringify({ result: null, id }));
  else if (venue === 'bybit') socket.send('{"success":true,"ret_msg":"","op":"subscribe"}');
  else for (const arg of args ?? []) socket.send(JSON.stringify({ event: 'subscribe', arg }));
}

/** What the venues allow on one connection. */
class Meter {
  private readonly venue: VenueName;
  private readonly times: number[] = [];
  private topics = 0;
  private chars = 0;

  constructor(venue: VenueName) {
    this.venue = venue;
  }

  /** The limit that this message passes, or null. */
  take(text: string, topics: number): string | null {
    const nowMs = performance.now();
    this.times.push(nowMs);
    this.topics += topics;
    this.chars += text.length;
    const lately = this.times.filter((time) => nowMs - time < 1_000).length;
    switch (this.venue) {
      case 'binance':
        if (lately > 10) return `binance: ${lately} messages in a second`;
        return this.topics > 1_024 ? `binance: ${this.topics} streams on a connection` : null;
      case 'okx':
        if (text.length > 65_536) return `okx: ${text.length} bytes of arguments`;
        return this.topics > 480 ? `okx: ${this.topics} subscriptions an hour` : null;
      default:
        return this.chars > 21_000 + 200 ? `bybit: ${this.chars} characters of topics` : null;
    }
  }
}

function sendDue(): void {
  const nowMs = performance.now();
  // A pause of this process is not made up for in one burst.
  owed = Math.min(owed + (rate * (nowMs - lastMs)) / 1_000, rate / 10);
  lastMs = nowMs;
  const stampMs = Date.now();
  const corked = new Set<Socket>();
  while (owed >= 1) {
    owed--;
    const channel = mix[turn++ % mix.length] as Channel;
    const list = live[channel];
    if (list.length === 0) continue;
    const { feed, socket } = list[cursors[channel]++ % list.length] as Live;
    if (socket.bufferedAmount > unreadBytesMax) {
      skipped++;
      continue;
    }
    cork(socket, corked);
    socket.send(feed.next(stampMs));
    sent++;
  }
  for (const raw of corked) raw.uncork();
}

/** Frames of one tick and socket leave in one write, as a busy venue's do. */
function cork(socket: WebSocket, corked: Set<Socket>): void {
  const { _socket: raw } = socket as unknown as { readonly _socket: Socket }; // no public way
  if (corked.has(raw)) return;
  raw.cork();
  corked.add(raw);
}

process.on('message', (told: ServerTold) => {
  if (told.rate !== undefined) rate = told.rate;
  if (told.drop === true) for (const socket of sockets) socket.terminate();
  if (told.ask === true) tell({ counts: { sent, skipped, sockets: sockets.size } });
});
process.on('disconnect', () => process.exit(0));
setInterval(sendDue, tickMs);
server.listen(0, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port }));
