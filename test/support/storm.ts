// Every socket of three local venues is cut while orders are on their way, and all come back: what
// became of each order, at the venue and in what the drivers said.
import { present } from '../../src/base/assert.ts';
import { type Decimal, fromNumber, roundToStep } from '../../src/base/decimal.ts';
import type { DriverEvent, PlaceResult } from '../../src/domain/event.ts';
import { Catalog, type Instrument } from '../../src/domain/instrument.ts';
import { MarketTable, slot } from '../../src/domain/market-table.ts';
import type { ApprovedOrder, OrderDraft } from '../../src/domain/order.ts';
import { systemClock } from '../../src/io/clock.ts';
import { createDriver } from '../../src/io/driver.ts';
import type { VenueDriver } from '../../src/io/driver-types.ts';
import type { MakeProtocol, TestnetSocket } from '../../src/testnet/protocol.ts';
import { type TestnetVenueEntry, testnetVenue } from '../../src/testnet/registry.ts';
import { type RunningTestnet, runTestnet } from '../../src/testnet/run.ts';
import { venueByName } from '../../src/venues/registry.ts';
import { localEndpoints } from '../conformance/local-driver.ts';

const venues = ['binance', 'okx', 'bybit'] as const;
const waitMsMax = 60_000;
const betweenOrdersMs = 25;

export interface StormResult {
  readonly sent: number;
  /** Results by client id, as the drivers told them. */
  readonly results: ReadonlyMap<string, readonly PlaceResult['outcome'][]>;
  /** How often each client id lives or lived at its venue. */
  readonly atVenue: ReadonlyMap<string, number>;
  /** In how many requests and messages the venues saw each: a venue may hide what came twice. */
  readonly seen: ReadonlyMap<string, number>;
  readonly socketsCut: number;
  /** From the cut until every stream and order socket is up again. */
  readonly recoveredMs: number;
}

export async function orderStorm(ordersPerVenue: number): Promise<StormResult> {
  const sockets = new Set<TestnetSocket>();
  const seen = new Map<string, number>();
  const registry = Object.fromEntries(
    venues.map((venue) => [venue, watched(venue, { sockets, seen })]),
  );
  const testnet = await runTestnet({ venues, registry });
  const rigs = venues.map((venue) => new Rig(venue, testnet));
  try {
    await Promise.all(rigs.map((rig) => rig.start()));
    const half = Math.floor(ordersPerVenue / 2);
    for (let i = 0; i < half; i++) await placeOn(rigs);
    // Some are on their way at this very moment: nothing is awaited between sending and cutting.
    for (const rig of rigs) rig.place();
    const socketsCut = sockets.size;
    const cutMs = performance.now();
    for (const socket of [...sockets]) socket.close(1012, 'the service restarts');
    for (let i = half + 1; i < ordersPerVenue; i++) await placeOn(rigs);
    await until('every socket to be up again', () => rigs.every((rig) => rig.isUp(socketsCut)));
    const recoveredMs = performance.now() - cutMs;
    await until('a result of every order', () => rigs.every((rig) => rig.isAnswered()));
    return { ...booked(rigs, testnet), seen, socketsCut, recoveredMs };
  } finally {
    await Promise.all(rigs.map((rig) => rig.stop()));
    await testnet.stop();
  }
}

interface Watch {
  readonly sockets: Set<TestnetSocket>;
  readonly seen: Map<string, number>;
}

/** The venue's own protocol, with its open sockets at hand and the client ids that reach it. */
function watched(venue: string, { sockets, seen }: Watch): TestnetVenueEntry {
  const count = (text: string): void => {
    for (const id of new Set(text.match(/farbstorm\w+/g))) seen.set(id, (seen.get(id) ?? 0) + 1);
  };
  const entry = testnetVenue(venue);
  const load = async (): Promise<MakeProtocol> => {
    const make = await entry.load();
    return (context) => {
      const protocol = make(context);
      const open: typeof protocol.open = (socket) => {
        const handler = protocol.open(socket);
        if (handler === null) return null;
        sockets.add(socket);
        const closed = (): void => {
          sockets.delete(socket);
          handler.closed();
        };
        const message = (text: string): void => {
          count(text);
          handler.message(text);
        };
        return { message, closed };
      };
      const http: typeof protocol.http = (request) => {
        count(`${request.query} ${request.body}`);
        return protocol.http(request);
      };
      return { ...protocol, open, http };
    };
  };
  return { ...entry, load };
}

async function placeOn(rigs: readonly Rig[]): Promise<void> {
  for (const rig of rigs) rig.place();
  await new Promise((resolve) => setTimeout(resolve, betweenOrdersMs));
}

function booked(rigs: readonly Rig[], testnet: RunningTestnet) {
  const results = new Map<string, PlaceResult['outcome'][]>();
  const atVenue = new Map<string, number>();
  for (const { venue, ids, events } of rigs) {
    const lived = testnet.testnet.exchange(venue).orders({ instrument: `${venue}:BTC-USDT-PERP` });
    for (const id of ids) {
      const own = lived.filter(({ clientOrderId }) => clientOrderId === id);
      atVenue.set(id, own.length);
      const told = events.flatMap((event) =>
        event.kind === 'place-result' && event.clientOrderId === id ? [event.outcome] : [],
      );
      results.set(id, told);
    }
  }
  return { sent: results.size, results, atVenue };
}

class Rig {
  readonly venue: string;
  readonly ids: string[] = [];
  readonly events: DriverEvent[] = [];
  private readonly catalog = new Catalog();
  private readonly table = new MarketTable(8);
  private readonly driver: VenueDriver;

  constructor(venue: string, testnet: RunningTestnet) {
    this.venue = venue;
    const { venues: urls, key, secret, passphrase } = testnet.describe();
    const spec = present(venueByName(venue), venue);
    const quiet = (): void => undefined;
    this.driver = createDriver({
      spec,
      endpoints: localEndpoints(spec, present(urls[venue], venue)),
      credentials: { key, secret, passphrase },
      ...{ clock: systemClock(), catalog: this.catalog, table: this.table, leverage: 3 },
      symbols: ({ base, quote, kind }) =>
        base === 'BTC' && quote === 'USDT' && kind === 'linear-perp',
      emit: (event) => this.events.push(event),
      onQuote: quiet,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      limits: { placeQueueMsMax: 20_000 },
    });
  }

  async start(): Promise<void> {
    await this.driver.start();
    await until(`a quote of ${this.venue}`, () => this.table.get(0, slot.ask) > 0);
  }

  stop(): Promise<void> {
    return this.driver.stop();
  }

  place(): void {
    const instrument = this.catalog.at(0);
    const order = this.draft(instrument);
    this.ids.push(order.clientOrderId);
    this.driver.act({ kind: 'place-order', order });
  }

  isAnswered(): boolean {
    const results = this.events.filter(({ kind }) => kind === 'place-result');
    return results.length >= this.ids.length;
  }

  /** Everything is up, and has been made anew since the cut. */
  isUp(cut: number): boolean {
    const { streams, orderSockets } = this.driver.stats();
    const all = [...streams, ...orderSockets];
    return cut > 0 && all.every(({ state, reconnects }) => state === 'up' && reconnects > 0);
  }

  /** Far below the market: it rests, so no balance runs out. */
  private draft(instrument: Instrument): ApprovedOrder {
    const mid = this.table.get(0, slot.mark);
    const draft: OrderDraft = {
      clientOrderId: `farbstorm${this.venue}${this.ids.length}`,
      venue: this.venue,
      instrument: instrument.id,
      side: 'buy',
      qty: roundToStep(fromNumber(150 / mid), instrument.lotSize as Decimal, 'up'),
      limit: roundToStep(fromNumber(mid * 0.97), instrument.tickSize as Decimal, 'down'),
      ...{ timeInForce: 'post-only', reduceOnly: false, purpose: 'exit' },
      ...{ pairId: null, arrivalMid: mid },
    };
    return draft as ApprovedOrder; // stands for risk's approval
  }
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + waitMsMax;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
