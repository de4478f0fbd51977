// One account of several at one venue: the adapter speaks for the venue, and everything that leaves
// it carries the account's own id, so that instruments, books, limits and reconciliation of two
// accounts never meet. Pure, like the adapter that it stands in front of.
import { assert } from '../base/assert.ts';
import {
  Catalog,
  type Instrument,
  type InstrumentId,
  type Market,
  type VenueId,
} from '../domain/instrument.ts';
import type { VenueEvent } from '../domain/venue-event.ts';
import type { VenueSpec } from '../domain/venue-spec.ts';

export interface AccountOptions {
  /** Accounts that reach the venue from this address and share its limits per address. */
  readonly accounts: number;
}

/** The adapter for an account; the adapter itself where the account has the venue's own id. */
export function accountSpec(
  spec: VenueSpec,
  account: VenueId,
  { accounts }: AccountOptions,
): VenueSpec {
  assert(accounts >= 1, `${account}: ${accounts} accounts`);
  const shared = accounts === 1 ? spec : { ...spec, rateLimits: shareOf(spec, accounts) };
  return account === spec.id ? shared : renamed(shared, account);
}

/** What is counted per address is divided evenly: together the accounts stay below the limit. */
function shareOf({ rateLimits }: VenueSpec, accounts: number): VenueSpec['rateLimits'] {
  const perAddress = new Set(rateLimits.addressBuckets ?? []);
  const buckets = Object.entries(rateLimits.buckets).map(([name, limit]) => {
    const capacity = perAddress.has(name)
      ? Math.max(1, Math.floor(limit.capacity / accounts))
      : limit.capacity;
    return [name, { ...limit, capacity }] as const;
  });
  return { ...rateLimits, buckets: Object.fromEntries(buckets) };
}

function renamed(spec: VenueSpec, account: VenueId): VenueSpec {
  const views = new WeakMap<Catalog, Catalog>();
  const viewOf = (catalog: Catalog): Catalog => {
    const known = views.get(catalog);
    if (known !== undefined) return known;
    const view = new AccountView(catalog, { adapter: spec.id, account });
    views.set(catalog, view);
    return view;
  };
  const ours = (events: readonly VenueEvent[]): readonly VenueEvent[] =>
    events.map((event) => renamedEvent(event, spec.id, account));
  const { orderEntry, depthScanner } = spec;
  return {
    ...spec,
    id: account,
    name: `${spec.name} (${account})`,
    decode: (bytes, source, catalog) => ours(spec.decode(bytes, source, viewOf(catalog))),
    quoteScanner: (source, catalog) => spec.quoteScanner(source, viewOf(catalog)),
    ...(depthScanner === undefined
      ? {}
      : { depthScanner: (source, catalog) => depthScanner(source, viewOf(catalog)) }),
    decodeReply: (request, reply, catalog) =>
      ours(spec.decodeReply(request, reply, viewOf(catalog))),
    ...(orderEntry === undefined
      ? {}
      : {
          orderEntry: {
            ...orderEntry,
            message: (request, call) =>
              orderEntry.message(request, { ...call, catalog: viewOf(call.catalog) }),
          },
        }),
  };
}

function renamedEvent(event: VenueEvent, adapter: VenueId, account: VenueId): VenueEvent {
  const instrument = event.instrument === null ? null : idIn(event.instrument, adapter, account);
  if (event.kind !== 'instrument') return { ...event, venue: account, instrument };
  const id = idIn(event.spec.id, adapter, account);
  return { ...event, venue: account, instrument: id, spec: { ...event.spec, id, venue: account } };
}

/** `binance:BTC-USDT-PERP` -> `binance-b:BTC-USDT-PERP`; an id of the account stays. */
function idIn(id: InstrumentId, adapter: VenueId, account: VenueId): InstrumentId {
  return id.startsWith(`${adapter}:`) ? `${account}${id.slice(adapter.length)}` : id;
}

/**
 * The shared catalog as the adapter must see it: the account's instruments are the venue's, those
 * of its other accounts are of no venue that it knows. Indexes are the shared catalog's.
 */
class AccountView extends Catalog {
  private readonly base: Catalog;
  private readonly names: { readonly adapter: VenueId; readonly account: VenueId };

  constructor(base: Catalog, names: { readonly adapter: VenueId; readonly account: VenueId }) {
    super();
    this.base = base;
    this.names = names;
  }

  override get size(): number {
    return this.base.size;
  }

  override put(instrument: Instrument): number {
    return this.base.put(instrument);
  }

  override all(): readonly Instrument[] {
    return this.base.all().map((instrument) => this.seen(instrument));
  }

  override at(index: number): Instrument {
    return this.seen(this.base.at(index));
  }

  override byId(id: InstrumentId): Instrument | undefined {
    const found = this.base.byId(id);
    return found === undefined ? undefined : this.seen(found);
  }

  override indexOf(id: InstrumentId): number {
    return this.base.indexOf(id);
  }

  override bySymbol(venue: VenueId, market: Market, symbol: string): Instrument | undefined {
    const { adapter, account } = this.names;
    return venue === adapter ? this.base.bySymbol(account, market, symbol) : undefined;
  }

  private seen(instrument: Instrument): Instrument {
    const { adapter, account } = this.names;
    if (instrument.venue === account) return { ...instrument, venue: adapter };
    return instrument.venue === adapter ? { ...instrument, venue: `other ${adapter}` } : instrument;
  }
}
