// A native driver and the ccxt bridge side by side on one account of one local testnet venue, with
// their events kept apart, so that what the two say can be compared.
import { type Decimal, fromNumber, roundToStep } from '../../src/base/decimal.ts';
import type { DriverEvent } from '../../src/domain/event.ts';
import { Catalog, type Instrument } from '../../src/domain/instrument.ts';
import { MarketTable, slot } from '../../src/domain/market-table.ts';
import type { ApprovedOrder, OrderDraft } from '../../src/domain/order.ts';
import { type LoadCcxt, loadCcxt } from '../../src/io/ccxt/api.ts';
import { createCcxtDriver } from '../../src/io/ccxt/driver.ts';
import type { CcxtLimits } from '../../src/io/ccxt/limits.ts';
import { testnetClock } from '../../src/io/clock.ts';
import { createDriver } from '../../src/io/driver.ts';
import type { VenueDriver } from '../../src/io/driver-types.ts';
import type { TestnetDescription } from '../../src/testnet/run.ts';
import { venueByName } from '../../src/venues/registry.ts';

const waitMsMax = 40_000;
export const viaCcxt = (venue: string): string => `${venue}x`;

type Find<K extends DriverEvent['kind']> = Extract<DriverEvent, { kind: K }>;

/** One driver with what it has said. */
export class Side {
  readonly venue: string;
  readonly catalog = new Catalog();
  readonly table = new MarketTable(64);
  readonly events: DriverEvent[] = [];
  readonly logs: string[] = [];
  readonly driver: VenueDriver;
  private serial = 0;

  constructor(venue: string, make: (side: Side) => VenueDriver) {
    this.venue = venue;
    this.driver = make(this);
  }

  instrument(base: string, kind: Instrument['kind']): Instrument {
    const found = this.catalog.all().find((one) => one.base === base && one.kind === kind);
    if (found === undefined) throw new Error(`${this.venue} lists no ${kind} of ${base}`);
    return found;
  }

  cell({ id }: Instrument, at: keyof typeof slot): number {
    return this.table.get(this.catalog.indexOf(id), slot[at]);
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    const deadline = performance.now() + waitMsMax;
    while (!condition()) {
      if (performance.now() > deadline) {
        const last = this.events.slice(-12).map((event) => JSON.stringify(event, bigintText));
        throw new Error(
          `${what} did not happen.\n${[...this.logs.slice(-12), ...last].join('\n')}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async next<K extends DriverEvent['kind']>(
    kind: K,
    fits: (event: Find<K>) => boolean,
  ): Promise<Find<K>> {
    const find = () => this.events.find((e): e is Find<K> => e.kind === kind && fits(e as Find<K>));
    await this.until(`a ${kind}`, () => find() !== undefined);
    return find() as Find<K>; // just found
  }

  /** About 1,000 USD at a limit `away` (fraction) from the ask; IOC unless said otherwise. */
  draft(instrument: Instrument, away: number, over: Partial<OrderDraft> = {}): ApprovedOrder {
    const ask = this.cell(instrument, 'ask');
    const order: OrderDraft = {
      clientOrderId: `fatest${this.venue}${String(++this.serial).padStart(4, '0')}`,
      venue: this.venue,
      instrument: instrument.id,
      side: 'buy',
      qty: roundToStep(fromNumber(1_000 / ask), instrument.lotSize as Decimal, 'up'),
      limit: roundToStep(fromNumber(ask * (1 + away)), instrument.tickSize as Decimal, 'down'),
      timeInForce: 'ioc',
      reduceOnly: false,
      purpose: 'entry',
      pairId: null,
      arrivalMid: ask,
      ...over,
    };
    return order as ApprovedOrder; // stands for risk's approval
  }

  async place(order: ApprovedOrder): Promise<Find<'place-result'>> {
    this.driver.act({ kind: 'place-order', order });
    return this.next('place-result', (e) => e.clientOrderId === order.clientOrderId);
  }

  async cancel({ instrument, clientOrderId }: ApprovedOrder): Promise<Find<'cancel-result'>> {
    const from = this.events.length;
    this.driver.act({ kind: 'cancel-order', venue: this.venue, instrument, clientOrderId });
    return this.after(from, 'cancel-result', (e) => e.clientOrderId === clientOrderId);
  }

  async query(order: {
    readonly instrument: string;
    readonly clientOrderId: string;
  }): Promise<Find<'query-result'>> {
    const { instrument, clientOrderId } = order;
    const from = this.events.length;
    this.driver.act({ kind: 'query-order', venue: this.venue, instrument, clientOrderId });
    return this.after(from, 'query-result', (e) => e.clientOrderId === clientOrderId);
  }

  async snapshot(sinceMs: number): Promise<Find<'venue-snapshot'>> {
    const requestId = `s${++this.serial}`;
    this.driver.act({ kind: 'request-snapshot', venue: this.venue, requestId, sinceMs });
    return this.next('venue-snapshot', (e) => e.requestId === requestId);
  }

  private async after<K extends DriverEvent['kind']>(
    from: number,
    kind: K,
    fits: (event: Find<K>) => boolean,
  ): Promise<Find<K>> {
    const find = () =>
      this.events.slice(from).find((e): e is Find<K> => e.kind === kind && fits(e as Find<K>));
    await this.until(`a ${kind}`, () => find() !== undefined);
    return find() as Find<K>; // just found
  }
}

export interface CcxtRig {
  readonly native: Side;
  readonly bridge: Side;
  stop(): Promise<void>;
}

const bases = ['BTC', 'ETH', 'PEPE'];
const wanted = ({ base, quote, kind }: Instrument): boolean =>
  bases.includes(base) && quote === 'USDT' && (kind === 'spot' || kind === 'linear-perp');

/** `exchangeId` and `load`: another class than ccxt's own for the venue. */
type BridgeChange = Partial<CcxtLimits> & {
  readonly exchangeId?: string;
  readonly load?: LoadCcxt;
};

export async function startCcxtRig(
  testnet: TestnetDescription,
  venue: string,
  { exchangeId = venue, load = loadCcxt, ...limits }: BridgeChange = {},
): Promise<CcxtRig> {
  const { clock: time, venues: urls, ...credentials } = testnet;
  const local = urls[venue] as { readonly http: string; readonly ws: string }; // it was started
  const spec = venueByName(venue);
  if (spec === null) throw new Error(`no native ${venue}`);
  const common = (side: Side) => {
    const log = (fields: object, message: string): void => {
      side.logs.push(`${message} ${JSON.stringify(fields)}`);
    };
    return {
      ...{ credentials, clock: testnetClock(time), catalog: side.catalog, table: side.table },
      ...{ symbols: wanted, leverage: 3, depth: true },
      emit: (event: DriverEvent) => side.events.push(event),
      onQuote: () => undefined,
      log: { debug: log, info: log, warn: log, error: log },
    };
  };
  const all = (names: object, url: string) =>
    Object.fromEntries(Object.keys(names).map((name) => [name, url]));
  const live = spec.endpoints['live'];
  const endpoints = { http: all(live?.http ?? {}, local.http), ws: all(live?.ws ?? {}, local.ws) };
  const native = new Side(venue, (side) => createDriver({ ...common(side), spec, endpoints }));
  const bridge = new Side(viaCcxt(venue), (side) =>
    createCcxtDriver({
      ...common(side),
      venue: side.venue,
      exchangeId,
      load,
      environment: 'live',
      local,
      endpoints: { http: {}, ws: {} },
      limits,
    }),
  );
  const stop = async (): Promise<void> => {
    await Promise.all([native.driver.stop(), bridge.driver.stop()]);
  };
  try {
    await Promise.all([native.driver.start(), bridge.driver.start()]);
  } catch (thrown) {
    await stop();
    throw new Error(`${thrown}\n${bridge.logs.join('\n')}`);
  }
  return { native, bridge, stop };
}

export function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
