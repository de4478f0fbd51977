// The testnet's Binance without sockets and without a clock: requests in, replies out, frames
// collected.

import { present } from '../../src/base/assert.ts';
import { type Decimal, decimal, fromNumber, roundToStep } from '../../src/base/decimal.ts';
import { Catalog, type Instrument, type Market } from '../../src/domain/instrument.ts';
import type { ApprovedOrder, OrderDraft } from '../../src/domain/order.ts';
import type { OrderEvent, VenueEvent } from '../../src/domain/venue-event.ts';
import type { HttpRequest, StreamSpec } from '../../src/domain/venue-spec.ts';
import type { SimNow } from '../../src/sim/api.ts';
import { createSimExchange, type FaultableExchange } from '../../src/sim/exchange.ts';
import { seededMarket } from '../../src/sim/seeded-market.ts';
import { makeBinanceProtocol } from '../../src/testnet/binance/index.ts';
import type {
  RawHttpReply,
  SocketHandler,
  TestnetProtocol,
  TestnetSocket,
} from '../../src/testnet/protocol.ts';
import { decode } from '../../src/venues/binance/frames.ts';
import { decodeReply } from '../../src/venues/binance/replies.ts';
import { requests } from '../../src/venues/binance/requests.ts';
import { sign } from '../../src/venues/binance/sign.ts';

export const rigCredentials = { key: 'k', secret: 's', passphrase: 'p' };
const startTsMs = 1_767_571_200_000;
const startWallMs = 1_795_000_000_000;

export interface RigSocket {
  readonly frames: string[];
  readonly closedWith: number[];
  readonly handler: SocketHandler | null;
}

export class BinanceRig {
  readonly exchange: FaultableExchange;
  readonly protocol: TestnetProtocol;
  readonly catalog = new Catalog();
  readonly faults = new Set<string>();
  now: SimNow = { tsMs: startTsMs, wallMs: startWallMs };
  private socketIds = 0;
  private drafts = 0;

  constructor() {
    const market = seededMarket({ seed: 7, startMs: startTsMs, venues: ['binance'] });
    this.exchange = createSimExchange({
      venue: 'binance',
      market,
      startBalances: [
        { wallet: 'futures', asset: 'USDT', amount: decimal('50000') },
        { wallet: 'spot', asset: 'USDT', amount: decimal('50000') },
        { wallet: 'coin-futures', asset: 'BTC', amount: decimal('1') },
      ],
    });
    this.exchange.advance(this.now);
    this.protocol = makeBinanceProtocol({
      exchange: this.exchange,
      credentials: rigCredentials,
      now: () => this.now,
      fault: (name) => this.faults.has(name),
      orderFault: () => null,
      log: () => undefined,
    });
    this.exchange.onEvent((event) => this.protocol.event(event));
    for (const request of requests.instruments(['spot', 'linear', 'inverse'])) {
      for (const event of this.ask(request)) {
        if (event.kind === 'instrument') this.catalog.put(event.spec);
      }
    }
  }

  instrument(id: string): Instrument {
    return present(this.catalog.byId(id), id);
  }

  /** A price below the book, on the tick: a buy there rests. */
  priceAt(of: Instrument, factor: number): Decimal {
    const tick = present(of.tickSize, 'tick');
    return roundToStep(fromNumber(this.exchange.quote(of.id).bid * factor), tick, 'down');
  }

  place(of: Instrument, changes: Partial<OrderDraft> = {}): readonly VenueEvent[] {
    return this.ask(requests.place(this.draft(of, changes), of));
  }

  /** A market purchase, unless changed. */
  draft(of: Instrument, changes: Partial<OrderDraft> = {}): ApprovedOrder {
    // Only risk makes one; the testnet does not ask who did.
    return {
      clientOrderId: `fa${++this.drafts}L1`,
      venue: 'binance',
      instrument: of.id,
      side: 'buy',
      qty: of.base === 'BTC' ? decimal('0.01') : decimal('2000000'),
      limit: null,
      timeInForce: 'ioc',
      reduceOnly: false,
      purpose: 'entry',
      pairId: null,
      arrivalMid: 0,
      ...changes,
    } as ApprovedOrder;
  }

  /** Both clocks go on by so much; one market tick. */
  pass(ms: number, wallMs = ms): void {
    this.now = { tsMs: this.now.tsMs + ms, wallMs: this.now.wallMs + wallMs };
    this.exchange.advance(this.now);
    this.protocol.tick(this.now);
  }

  second(): void {
    this.protocol.second(this.now);
  }

  /** As our driver does it: signed now, decoded by the adapter. */
  ask(request: HttpRequest): readonly VenueEvent[] {
    return decodeReply(
      request,
      this.send(sign(request, rigCredentials, this.now.wallMs)),
      this.catalog,
    );
  }

  send(request: HttpRequest): RawHttpReply {
    return this.raw(request.method, request.path, {
      query: request.query,
      body: request.body ?? '',
      headers: request.headers,
    });
  }

  raw(
    method: string,
    path: string,
    of: { query?: string; body?: string; headers?: Readonly<Record<string, string>> } = {},
  ): RawHttpReply {
    const headers = Object.fromEntries(
      Object.entries(of.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    return this.protocol.http({
      method,
      path,
      query: of.query ?? '',
      body: of.body ?? '',
      headers,
    });
  }

  open(url: string): RigSocket {
    const [path = '', query = ''] = url.split('?');
    const frames: string[] = [];
    const closedWith: number[] = [];
    const socket: TestnetSocket = {
      id: ++this.socketIds,
      path,
      query,
      openedWallMs: this.now.wallMs,
      send: (text) => frames.push(text),
      close: (code) => closedWith.push(code),
    };
    return { frames, closedWith, handler: this.protocol.open(socket) };
  }
}

/** What came over the socket since the last call, decoded by the adapter. */
export function readFrames(
  rig: BinanceRig,
  socket: RigSocket,
  market: Market | null,
): readonly VenueEvent[] {
  const frames = socket.frames.splice(0);
  const source = { stream: 's', market };
  return frames.flatMap((text) => decode(new TextEncoder().encode(text), source, rig.catalog));
}

/** As our driver opens it: login first, then the subscriptions. */
export function openStream(rig: BinanceRig, stream: StreamSpec, listenKey = ''): RigSocket {
  const socket = rig.open(stream.path.replace('{listenKey}', listenKey));
  const { login } = stream;
  if (login !== null) socket.handler?.message(login(rigCredentials, rig.now.wallMs));
  for (const text of stream.subscribe) socket.handler?.message(text);
  return socket;
}

export function orderIn(events: readonly VenueEvent[]): OrderEvent {
  const order = events.find((event): event is OrderEvent => event.kind === 'order');
  return present(order, `order among ${events.map(({ kind }) => kind).join(', ')}`);
}
