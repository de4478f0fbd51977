// Hyperliquid's protocol over a simulated exchange in one process, without sockets: clocks that a
// test moves, requests made and signed by the adapter, sockets that keep their frames.
import { present } from '../../src/base/assert.ts';
import { decimal } from '../../src/base/decimal.ts';
import { Catalog, type Instrument } from '../../src/domain/instrument.ts';
import type { ApprovedOrder, OrderDraft } from '../../src/domain/order.ts';
import type { VenueEvent } from '../../src/domain/venue-event.ts';
import type { HttpRequest } from '../../src/domain/venue-spec.ts';
import { createSimExchange } from '../../src/sim/exchange.ts';
import { hyperliquidListings } from '../../src/sim/listings/hyperliquid.ts';
import { accountOf } from '../../src/testnet/hyperliquid/account.ts';
import { makeHyperliquidProtocol } from '../../src/testnet/hyperliquid/index.ts';
import type { RawHttpReply } from '../../src/testnet/protocol.ts';
import { hyperliquid } from '../../src/venues/hyperliquid/index.ts';
import { bytesOf } from './hyperliquid-fixtures.ts';
import { type Script, scriptedMarket } from './scripted-market.ts';

const shared = { key: 'k', secret: 's', passphrase: 'p' } as const;
export const account = accountOf(shared);
export const perpId = 'hyperliquid:BTC-USDC-PERP';
export const spotId = 'hyperliquid:BTC-USDC-SPOT';
/** Far from venue time, so that a mixed-up clock shows. */
export const wallStartMs = 1_790_000_000_000;

export type Frame = Record<string, unknown> & { readonly data?: unknown };

/** BTC at 65,000 with a spread of 20 and 5 a level. */
export function hyperliquidTestnet(script: Partial<Script> = {}) {
  const calm = { price: () => 65_000, halfSpread: 10, step: 10 };
  const market = scriptedMarket('hyperliquid', { ...calm, ...script });
  const exchange = createSimExchange({
    venue: 'hyperliquid',
    market,
    listings: hyperliquidListings.filter(({ underlying }) => underlying === 'BTC'),
    startBalances: [
      { wallet: 'perp', asset: 'USDC', amount: decimal('100000') },
      { wallet: 'spot', asset: 'USDC', amount: decimal('50000') },
    ],
  });
  const clock = { tsMs: market.startMs, wallMs: wallStartMs };
  const faults = new Set<string>();
  const protocol = makeHyperliquidProtocol({
    exchange,
    credentials: shared,
    now: () => ({ ...clock }),
    fault: (name) => faults.has(name),
    orderFault: () => null,
    log: () => undefined,
  });
  exchange.onEvent((event) => protocol.event(event));
  const catalog = new Catalog();
  let sockets = 0;

  const post = (path: string, body: string): RawHttpReply =>
    protocol.http({ method: 'POST', path, query: '', body, headers: {} });
  const signed = (request: HttpRequest): HttpRequest =>
    hyperliquid.sign(request, account, clock.wallMs);
  /** Signs, sends and decodes, as the driver does. */
  const call = (request: HttpRequest): readonly VenueEvent[] => {
    const { path, body } = signed(request);
    return hyperliquid.decodeReply(request, post(path, body ?? ''), catalog);
  };
  for (const event of hyperliquid.requests.instruments().flatMap(call)) {
    if (event.kind === 'instrument') catalog.put(event.spec);
  }

  return {
    exchange,
    catalog,
    clock,
    faults,
    post,
    signed,
    call,
    instrument: (id: string): Instrument => present(catalog.byId(id), id),
    place: (over: Partial<OrderDraft> = {}): readonly VenueEvent[] => {
      const order = orderOf(over);
      const on = present(catalog.byId(order.instrument), order.instrument);
      return call(hyperliquid.requests.place(order, on));
    },
    info: (body: object): unknown => JSON.parse(post('/info', JSON.stringify(body)).body),
    /** Moves both clocks and publishes a tick. */
    tick: (venueMs: number, wallMs = 600): void => {
      clock.tsMs += venueMs;
      clock.wallMs += wallMs;
      exchange.advance(clock);
      protocol.tick({ ...clock });
    },
    second: () => protocol.second({ ...clock }),
    open: () => {
      const texts: string[] = [];
      let closed: number | null = null;
      const handler = present(
        protocol.open({
          id: ++sockets,
          path: '/ws',
          query: '',
          openedWallMs: clock.wallMs,
          send: (text) => texts.push(text),
          close: (code) => {
            closed = code;
          },
        }),
        'the socket',
      );
      return {
        closedWith: () => closed,
        close: () => handler.closed(),
        say: (message: object | string) =>
          handler.message(typeof message === 'string' ? message : JSON.stringify(message)),
        subscribe: (subscription: object) =>
          handler.message(JSON.stringify({ method: 'subscribe', subscription })),
        /** What came since the last time. */
        takeFrames: (): readonly Frame[] => texts.splice(0).map((text) => JSON.parse(text)),
        take: (): readonly VenueEvent[] =>
          texts
            .splice(0)
            .flatMap((text) =>
              hyperliquid.decode(bytesOf(text), { stream: 't', market: null }, catalog),
            ),
      };
    },
    hasSocketAt: (path: string): boolean =>
      protocol.open({
        ...{ id: 0, path, query: '', openedWallMs: 0 },
        send: () => undefined,
        close: () => undefined,
      }) !== null,
  };
}

let serial = 0;

export function orderOf(over: Partial<OrderDraft> = {}): ApprovedOrder {
  const draft: OrderDraft = {
    clientOrderId: `fatest${String(++serial).padStart(8, '0')}`,
    venue: 'hyperliquid',
    instrument: perpId,
    side: 'buy',
    qty: decimal('0.5'),
    limit: decimal('64000'),
    timeInForce: 'gtc',
    reduceOnly: false,
    purpose: 'entry',
    pairId: null,
    arrivalMid: 65_000,
    ...over,
  };
  return draft as ApprovedOrder; // a test stands in for risk
}

/** Lets what waits for the end of the present call happen. */
export async function settle(): Promise<void> {
  await Promise.resolve();
  await Promise.resolve();
}
