// One simulated venue behind real sockets: HTTP and WebSocket on one loopback port. It owns
// sockets, timers and faults; what is said on them is the protocol's business. Paths, queries and
// bodies are handed over untouched, because signatures are checked over them. Bad input never stops
// it.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { messageOf, UserError } from '../base/errors.ts';
import type { VenueId } from '../domain/instrument.ts';
import type { SimExchange, SimNow } from '../sim/api.ts';
import type { FaultedRequest, FaultPlan, ServerFault } from './faults.ts';
import type {
  MakeProtocol,
  OrderFault,
  RawHttpReply,
  TestnetCredentials,
  TestnetProtocol,
} from './protocol.ts';
import { ServedSocket } from './socket.ts';

export const loopback = '127.0.0.1';
/** Limits of what a client may send. */
export const bodyBytesMax = 1024 * 1024;
export const frameBytesMax = 1024 * 1024;
export const socketsMax = 500;
const keepAliveMs = 75_000;

/** In the order in which they are looked for. */
const orderFaults: readonly OrderFault[] = ['timeout', 'http-503', 'ack-lost'];

export type TestnetLog = (message: string, fields?: Readonly<Record<string, unknown>>) => void;

export interface VenueServerOptions {
  /** The name that it is reached and faulted by: the venue's, or a further account's there. */
  readonly venue: VenueId;
  readonly exchange: SimExchange;
  readonly makeProtocol: MakeProtocol;
  readonly credentials: TestnetCredentials;
  readonly faults: FaultPlan;
  /** 0 = any free port. */
  readonly port: number;
  readonly now: () => SimNow;
  /** Default: the named limit. */
  readonly socketsMax?: number;
  /** Wall time since the testnet's start. */
  readonly sinceStartMs: () => number;
  readonly log: TestnetLog;
}

export interface VenueServer {
  readonly venue: VenueId;
  readonly port: number;
  readonly http: string;
  readonly ws: string;
  readonly exchange: SimExchange;
  socketCount(): number;
  /** The exchange has advanced to a new tick. */
  tick(now: SimNow): void;
  second(now: SimNow): void;
  stop(): Promise<void>;
}

/** Opens the port; throws a UserError when it is taken. */
export async function startVenueServer(options: VenueServerOptions): Promise<VenueServer> {
  const server = new VenueServerProcess(options);
  await server.listen();
  return server;
}

class VenueServerProcess implements VenueServer {
  readonly venue: VenueId;
  readonly exchange: SimExchange;
  private readonly options: VenueServerOptions;
  private readonly protocol: TestnetProtocol;
  private readonly server: Server;
  private readonly upgrader: WebSocketServer;
  private readonly sockets = new Map<number, ServedSocket>();
  private readonly held = new Set<ServerResponse>();
  private socketIds = 0;
  private listening = 0;

  constructor(options: VenueServerOptions) {
    const { exchange, credentials, now, log } = options;
    const { venue } = options;
    this.options = options;
    this.venue = venue;
    this.exchange = exchange;
    const fault = (name: string): boolean =>
      options.faults.active(name, venue, options.sinceStartMs());
    const orderFault = (call: FaultedRequest): OrderFault | null =>
      orderFaults.find((name) => this.hits(name, call)) ?? null;
    this.protocol = options.makeProtocol({ exchange, credentials, now, fault, orderFault, log });
    exchange.onEvent((event) => {
      if (fault('lost-events')) return;
      this.guarded('event', () => this.protocol.event(event));
    });
    this.server = createServer({ noDelay: true, keepAliveTimeout: keepAliveMs });
    this.server.on('request', (request, response) => this.onRequest(request, response));
    this.server.on('upgrade', (request, raw, head) => this.onUpgrade(request, raw, head));
    this.server.on('clientError', (_error, raw) => refuse(raw, '400 Bad Request'));
    this.upgrader = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: frameBytesMax,
    });
  }

  get port(): number {
    return this.listening;
  }

  get http(): string {
    return `http://${loopback}:${this.listening}`;
  }

  get ws(): string {
    return `ws://${loopback}:${this.listening}`;
  }

  listen(): Promise<void> {
    const { port } = this.options;
    return new Promise((resolve, reject) => {
      this.server.on('error', (error: NodeJS.ErrnoException) => {
        this.options.log('server error', { venue: this.venue, error: error.message });
        reject(error.code === 'EADDRINUSE' ? portInUse(this.venue, port) : error);
      });
      this.server.listen(port, loopback, () => {
        const address = this.server.address();
        this.listening = address !== null && typeof address === 'object' ? address.port : port;
        resolve();
      });
    });
  }

  socketCount(): number {
    return this.sockets.size;
  }

  tick(now: SimNow): void {
    if (this.faultOn('drop-connections')) this.dropSockets();
    if (!this.faultOn('timeout')) this.dropHeld();
    if (this.faultOn('stale-stream')) return;
    this.guarded('tick', () => this.protocol.tick(now));
  }

  second(now: SimNow): void {
    for (const socket of this.sockets.values()) socket.second(now.wallMs);
    this.guarded('second', () => this.protocol.second(now));
  }

  async stop(): Promise<void> {
    this.dropSockets();
    this.dropHeld();
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private onRequest(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bodyBytesMax) {
        answer(response, { status: 413, body: '{}' });
        request.destroy();
        return;
      }
      chunks.push(chunk);
    });
    request.on('error', () => response.destroy());
    request.on('end', () => {
      if (bytes <= bodyBytesMax) this.respond(request, response, Buffer.concat(chunks).toString());
    });
  }

  private respond(request: IncomingMessage, response: ServerResponse, body: string): void {
    const { path, query } = splitUrl(request.url ?? '/');
    const method = request.method ?? 'GET';
    const hits = (name: ServerFault): boolean => this.hits(name, { method, path });
    if (hits('timeout')) {
      this.held.add(response);
      response.on('close', () => this.held.delete(response));
      return;
    }
    if (hits('http-503')) {
      answer(response, { status: 503, body: '{"code":0,"msg":"Service Unavailable"}' });
      return;
    }
    const headers = headersOf(request);
    let reply: RawHttpReply = { status: 500, body: '{"msg":"internal error"}' };
    this.guarded(`${method} ${path}`, () => {
      reply = this.protocol.http({ method, path, query, body, headers });
    });
    if (hits('ack-lost')) response.destroy();
    else answer(response, reply);
  }

  private hits(name: ServerFault, call: FaultedRequest): boolean {
    const { faults, sinceStartMs } = this.options;
    return faults.hits(name, this.venue, sinceStartMs(), call);
  }

  private onUpgrade(request: IncomingMessage, raw: Duplex, head: Buffer): void {
    raw.on('error', () => raw.destroy());
    if (
      this.faultOn('drop-connections') ||
      this.sockets.size >= (this.options.socketsMax ?? socketsMax)
    ) {
      refuse(raw, '503 Service Unavailable');
      return;
    }
    const { path, query } = splitUrl(request.url ?? '/');
    const id = ++this.socketIds;
    const wallMs = (): number => this.options.now().wallMs;
    const socket = new ServedSocket({
      id,
      path,
      query,
      wallMs: wallMs(),
      log: this.options.log,
      onGone: () => this.sockets.delete(id),
    });
    let opened = false;
    this.guarded(`open ${path}`, () => {
      const handler = this.protocol.open(socket);
      if (handler === null) return;
      opened = true;
      socket.handleWith(handler);
    });
    if (!opened) {
      refuse(raw, '404 Not Found');
      return;
    }
    this.sockets.set(id, socket);
    raw.once('close', () => socket.vanished());
    this.upgrader.handleUpgrade(request, raw, head, (client: WebSocket) => {
      socket.attach(client, raw, wallMs);
    });
  }

  private faultOn(name: ServerFault): boolean {
    return this.options.faults.active(name, this.venue, this.options.sinceStartMs());
  }

  private dropSockets(): void {
    for (const socket of [...this.sockets.values()]) socket.terminate();
  }

  private dropHeld(): void {
    for (const response of this.held) response.destroy();
    this.held.clear();
  }

  /** A bug in a protocol costs one answer, and is logged. */
  private guarded(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      const stack = error instanceof Error ? error.stack : undefined;
      this.options.log('protocol failed', {
        venue: this.venue,
        what,
        error: messageOf(error),
        stack,
      });
    }
  }
}

export function portInUse(venue: VenueId, port: number): UserError {
  return new UserError(
    `testnet: port ${port} (${venue}) on ${loopback} is in use: ` +
      'stop what listens there, or pass another --port (without it, free ports are taken)',
  );
}

function answer(response: ServerResponse, reply: RawHttpReply): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, {
    'content-type': 'application/json;charset=UTF-8',
    ...reply.headers,
    'content-length': body.length,
  });
  response.end(body);
}

/** A bare answer on a connection that is then given up. */
function refuse(raw: Duplex, status: string): void {
  if (!raw.writable) {
    raw.destroy();
    return;
  }
  raw.once('finish', () => raw.destroy());
  raw.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Cuts at the first question mark and changes nothing else. */
function splitUrl(url: string): { readonly path: string; readonly query: string } {
  const at = url.indexOf('?');
  if (at < 0) return { path: url, query: '' };
  return { path: url.slice(0, at), query: url.slice(at + 1) };
}

function headersOf(request: IncomingMessage): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
