// What `farb decode` knows of instruments without asking a venue: what the payloads say, what a
// file says, and what the names themselves say. Never used where orders are made: filters stay
// unknown.
import { decimal, one } from '../base/decimal.ts';
import {
  type Catalog,
  type Instrument,
  type InstrumentKind,
  instrumentIdOf,
  type Market,
  marketOf,
  splitMultiplier,
} from '../domain/instrument.ts';
import type { VenueEvent } from '../domain/venue-event.ts';
import type { VenueSpec } from '../domain/venue-spec.ts';
import { walletOfMarket } from '../venues/binance/index.ts';
import {
  referenceInstrument,
  referenceInstruments,
  unsizedInstrument,
} from '../venues/okx/index.ts';
import { venueByName } from '../venues/registry.ts';

/** OKX's contract sizes are in no name: the published ones of well-known swaps. */
export function seedCatalog(spec: VenueSpec, catalog: Catalog): void {
  if (spec.id !== 'okx') return;
  for (const instrument of referenceInstruments()) catalog.put(instrument);
}

const markets: readonly Market[] = ['spot', 'linear', 'inverse'];

/** Puts the instruments that a text lists, whichever of the venue's listings it is; how many. */
export function learn(spec: VenueSpec, text: string, catalog: Catalog): readonly VenueEvent[] {
  const bytes = new TextEncoder().encode(text);
  let found = listed(spec.decode(bytes, { stream: '', market: null }, catalog));
  for (const request of found.length > 0 ? [] : spec.requests.instruments(markets)) {
    found = listed(spec.decodeReply(request, { status: 200, body: text }, catalog));
    if (found.length > 0) break;
  }
  for (const event of found) if (event.kind === 'instrument') catalog.put(event.spec);
  return found;
}

function listed(events: readonly VenueEvent[]): readonly VenueEvent[] {
  return events.filter(({ kind }) => kind === 'instrument');
}

/** Fields that only listings of our venues have. */
const listingFields = /"(?:lotSizeFilter|ctVal|lotSz|filterType)"/;

/** Of a plugin's listings nothing is known beforehand. */
export function mayList(spec: VenueSpec, text: string): boolean {
  return listingFields.test(text) || venueByName(spec.id) === null;
}

export interface Derived {
  /** How many instruments were put. */
  readonly count: number;
  /** True: the name does not say the contract's size, and no table does. */
  readonly isUnsized: boolean;
}

/** Puts what the name of a symbol says that the catalog does not know. */
export function deriveFromName(venue: string, symbol: string, catalog: Catalog): Derived {
  const sized =
    venue === 'okx'
      ? [referenceInstrument(symbol)]
      : venue === 'binance'
        ? [
            binanceNamed(symbol, 'spot'),
            binanceNamed(symbol, 'linear-perp'),
            binanceNamed(symbol, 'inverse-perp'),
          ]
        : []; // Bybit's adapter reads its names itself
  const unsized = venue === 'okx' && sized[0] === null ? unsizedInstrument(symbol) : null;
  let count = 0;
  for (const instrument of [...sized, unsized]) {
    if (instrument === null || catalog.byId(instrument.id) !== undefined) continue;
    catalog.put(instrument);
    count++;
  }
  return { count, isUnsized: unsized !== null && count > 0 };
}

const spotName = /^([A-Z0-9]{1,20}?)(USDT|USDC|FDUSD|TUSD|BUSD|USD1|EUR|TRY|BRL|JPY|BTC|ETH|BNB)$/;
const linearName = /^([A-Z0-9]{1,20}?)(USDT|USDC|BUSD|BTC)(?:_(\d{6}))?$/;
const inverseName = /^([A-Z0-9]{1,20}?)(USD)_(?:PERP|(\d{6}))$/;
const nameOfKind = { spot: spotName, 'linear-perp': linearName, 'inverse-perp': inverseName };

/** Published faces of COIN-M: 100 USD for BTC, 10 USD for the others. */
const coinmFace = (base: string) => decimal(base === 'BTC' ? '100' : '10');

function binanceNamed(symbol: string, kind: keyof typeof nameOfKind): Instrument | null {
  const match = nameOfKind[kind].exec(symbol);
  if (match === null) return null;
  const [, venueBase = '', quote = '', expiry] = match;
  const { base, multiplier } = splitMultiplier(venueBase);
  const unit = multiplier === '1' ? one : decimal(multiplier);
  const isInverse = kind === 'inverse-perp';
  const dated = isInverse ? 'inverse-dated' : 'linear-dated';
  const named: InstrumentKind = expiry === undefined ? kind : dated;
  return {
    id: instrumentIdOf({
      venue: 'binance',
      kind: named,
      base,
      quote,
      ...(expiry === undefined ? {} : { expiry }),
    }),
    venue: 'binance',
    symbol,
    kind: named,
    base,
    quote,
    settle: isInverse ? base : quote,
    wallet: walletOfMarket[marketOf(kind)],
    contractSize: isInverse ? coinmFace(base) : unit,
    qtyUnit: unit,
    priceUnit: unit,
    tickSize: null,
    lotSize: null,
    qtyMin: null,
    qtyMax: null,
    notionalMin: null,
    status: 'unknown',
    fundingIntervalMs: null,
    leverageMax: null,
  };
}
