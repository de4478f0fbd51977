// The testnet's Binance without sockets and without a clock: requests in, replies out, frames collected.
import { decimal } from '../../src/base/decimal.ts';
import { Catalog } from '../../src/domain/instrument.ts';
import type { VenueEvent } from '../../src/domain/venue-event.ts';
import type { HttpRequest } from '../../src/domain/venue-spec.ts';
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

  constructor() {
    const market = seededMarket({ seed: 7, startMs: startTsMs, venues: ['binance'] });
    this.exchange = createSimExchange({
      venue: 'binance',
      market,
      startBalances: [
        { wallet: 'futures', asset: 'USDT', amount: decimal('50000') },
        { wallet: 'spot', asset: 'USDT', amount: decimal('50000') },
      ],
    });
    this.exchange.advance(this.now);
    this.protocol = makeBinanceProtocol({
      exchange: this.exchange,
      credentials: rigCredentials,
      now: () => this.now,
      fault: (name) => this.faults.has(name),
      log: () => undefined,
    });
    this.exchange.onEvent((event) => this.protocol.event(event));
    for (const request of requests.instruments()) {
      for (const event of this.ask(request)) {
        if (event.kind === 'instrument') this.catalog.put(event.spec);
      }
    }
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
