// Any VenueSpec against its simulated venue in one process: no sockets, no clock but the one that a
// case moves. Requests are signed and decoded by the adapter under test, frames are kept per
// stream.
import { present } from '../base/assert.ts';
import { decimal, fromNumber, roundToStep } from '../base/decimal.ts';
import { isInverse, ownQtyAt } from '../domain/contract-value.ts';
import {
  Catalog,
  type Instrument,
  type InstrumentKind,
  type Market,
} from '../domain/instrument.ts';
import type { ApprovedOrder, OrderDraft } from '../domain/order.ts';
import type { VenueEvent } from '../domain/venue-event.ts';
import type { HttpRequest, StreamSpec, VenueSpec } from '../domain/venue-spec.ts';
import type { SimInstrument } from '../sim/api.ts';
import { createSimExchange, type FaultableExchange } from '../sim/exchange.ts';
import { seededMarket } from '../sim/seeded-market.ts';
import type { MakeProtocol, TestnetProtocol, TestnetSocket } from '../testnet/protocol.ts';

const credentials = { key: 'k', secret: 's', passphrase: 'p' };
/** Wall time is far from venue time, so that a mixed-up clock shows. */
const startTsMs = Date.UTC(2026, 0, 5, 3);
const startWallMs = 1_795_000_000_000;
const tickMs = 1_000;

/** All that a venue may list. */
export const allMarkets: readonly Market[] = ['spot', 'linear', 'inverse'];

export interface RigStream {
  readonly stream: StreamSpec;
  /** As they came, oldest first; `take` empties it. */
  readonly frames: string[];
}

export class ProtocolRig {
  readonly spec: VenueSpec;
  readonly exchange: FaultableExchange;
  readonly catalog = new Catalog();
  readonly faults = new Set<string>();
  private readonly protocol: TestnetProtocol;
  private now = { tsMs: startTsMs, wallMs: startWallMs };
  private ids = 0;

  /** `listings`: what the exchange lists, for a venue that the simulation does not know. */
  constructor(spec: VenueSpec, makeProtocol: MakeProtocol, listings?: readonly SimInstrument[]) {
    this.spec = spec;
    const venue = spec.id;
    const wallets = venue === 'binance' ? ['futures', 'spot'] : ['unified'];
    const coinWallet = venue === 'binance' ? 'coin-futures' : 'unified';
    const market = seededMarket({
      ...{ seed: 7, startMs: startTsMs, venues: [venue] },
      ...(listings === undefined ? {} : { listings: { [venue]: listings } }),
    });
    const hasInverse = market.instruments(venue).some(({ instrument }) => isInverse(instrument));
    this.exchange = createSimExchange({
      venue,
      market,
      startBalances: [
        ...wallets.map((wallet) => ({ wallet, asset: 'USDT', amount: decimal('50000') })),
        ...(hasInverse ? [{ wallet: coinWallet, asset: 'BTC', amount: decimal('1') }] : []),
      ],
    });
    this.exchange.advance(this.now);
    this.protocol = makeProtocol({
      exchange: this.exchange,
      credentials,
      now: () => this.now,
      fault: (name) => this.faults.has(name),
      orderFault: () => null,
      log: () => undefined,
    });
    this.exchange.onEvent((event) => this.protocol.event(event));
    for (const event of spec.requests
      .instruments(allMarkets)
      .flatMap((request) => this.ask(request))) {
      if (event.kind === 'instrument') this.catalog.put(event.spec);
    }
  }

  one(base: string, kind: InstrumentKind): Instrument {
    const quote = kind === 'inverse-perp' ? 'USD' : 'USDT';
    const found = this.catalog
      .all()
      .find((listed) => listed.base === base && listed.kind === kind && listed.quote === quote);
    return present(found, `${base} ${kind}`);
  }

  /** Signed now, decoded by the adapter; all pages are not read. */
  ask(request: HttpRequest): readonly VenueEvent[] {
    const signed = this.spec.sign(request, credentials, this.now.wallMs);
    const headers = Object.fromEntries(
      Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const { method, path, query } = signed;
    const reply = this.protocol.http({ method, path, query, body: signed.body ?? '', headers });
    return this.spec.decodeReply(request, reply, this.catalog);
  }

  /** As the driver opens it: listen key, login, subscriptions. */
  open(stream: StreamSpec): RigStream {
    const frames: string[] = [];
    const keys = stream.listenKey === null ? [] : this.ask(stream.listenKey);
    const key = keys.flatMap((event) =>
      event.kind === 'control' && event.name === 'listen-key' ? [event.value ?? ''] : [],
    );
    const [path = '', query = ''] = stream.path.replace('{listenKey}', key[0] ?? '').split('?');
    const socket: TestnetSocket = {
      id: ++this.ids,
      path,
      query,
      openedWallMs: this.now.wallMs,
      send: (text) => frames.push(text),
      close: () => undefined,
    };
    const handler = present(this.protocol.open(socket) ?? undefined, `a handler of ${path}`);
    if (stream.login !== null) handler.message(stream.login(credentials, this.now.wallMs));
    for (const text of stream.subscribe) handler.message(text);
    return { stream, frames };
  }

  read(of: RigStream, text: string): readonly VenueEvent[] {
    const { name, market } = of.stream;
    const source = { stream: name, market };
    return this.spec.decode(new TextEncoder().encode(text), source, this.catalog);
  }

  /**
   * What came since the last call, decoded; a venue may push only after the call that caused it.
   */
  async take(of: RigStream): Promise<readonly VenueEvent[]> {
    await new Promise((resolve) => setImmediate(resolve));
    return of.frames.splice(0).flatMap((text) => this.read(of, text));
  }

  pass(ms = tickMs): void {
    this.now = { tsMs: this.now.tsMs + ms, wallMs: this.now.wallMs + ms };
    this.exchange.advance(this.now);
    this.protocol.tick(this.now);
    this.protocol.second(this.now);
  }

  /** Buys for about 1,000 dollars at `away` (a fraction) from the ask, on tick and lot. */
  draft(of: Instrument, away: number, over: Partial<OrderDraft> = {}): ApprovedOrder {
    const { ask } = this.exchange.quote(of.id);
    const tick = present(of.tickSize, 'tick');
    const lot = present(of.lotSize, 'lot');
    const order: OrderDraft = {
      clientOrderId: `fatest${++this.ids}`,
      venue: this.spec.id,
      instrument: of.id,
      side: 'buy',
      qty: roundToStep(fromNumber(ownQtyAt(of, 1_000 / ask, ask)), lot, 'up'),
      limit: roundToStep(fromNumber(ask * (1 + away)), tick, 'down'),
      timeInForce: 'ioc',
      reduceOnly: false,
      purpose: 'entry',
      pairId: null,
      arrivalMid: ask,
      ...over,
    };
    return order as ApprovedOrder; // stands for risk's approval
  }

  place(order: ApprovedOrder): readonly VenueEvent[] {
    const instrument = present(this.catalog.byId(order.instrument), order.instrument);
    return this.ask(this.spec.requests.place(order, instrument));
  }
}
