// Raw Hyperliquid payloads of src/venues/fixtures/hyperliquid, and the catalog that their listings
// make.
import { readdirSync, readFileSync } from 'node:fs';
import { Catalog } from '../../src/domain/instrument.ts';
import type { VenueEvent } from '../../src/domain/venue-event.ts';
import type { HttpRequest, RequestPurpose } from '../../src/domain/venue-spec.ts';
import { hyperliquid } from '../../src/venues/hyperliquid/index.ts';

const folder = new URL('../../src/venues/fixtures/hyperliquid/', import.meta.url);

export const fixtureNames: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length));

export function fixture(name: string): string {
  return readFileSync(new URL(`${name}.json`, folder), 'utf8').trimEnd();
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const infoTypes: Readonly<Record<string, readonly [type: string, purpose: RequestPurpose]>> = {
  'rest-clearinghouse-state': ['clearinghouseState', 'account-config'],
  'rest-exchange-status': ['exchangeStatus', 'server-time'],
  'rest-frontend-open-orders': ['frontendOpenOrders', 'open-orders'],
  'rest-funding-history': ['fundingHistory', 'funding-history'],
  'rest-historical-orders': ['historicalOrders', 'order-history'],
  'rest-l2book': ['l2Book', 'depth'],
  'rest-meta-and-asset-ctxs': ['metaAndAssetCtxs', 'instruments'],
  'rest-meta': ['meta', 'margin-tiers'],
  'rest-order-status': ['orderStatus', 'query-order'],
  'rest-order-status-unknown': ['orderStatus', 'query-order'],
  'rest-predicted-fundings': ['predictedFundings', 'funding-rates'],
  'rest-spot-clearinghouse-state': ['spotClearinghouseState', 'balances'],
  'rest-spot-meta-and-asset-ctxs': ['spotMetaAndAssetCtxs', 'instruments'],
  'rest-user-abstraction': ['userAbstraction', 'account-config'],
  'rest-user-fees': ['userFees', 'fee-rates'],
  'rest-user-fills': ['userFills', 'fills'],
  'rest-user-funding': ['userFunding', 'funding-payments'],
};

/** The request that a payload of this name answers; those without an info type answer an action. */
export function requestOf(name: string, purpose?: RequestPurpose): HttpRequest {
  const [type, meant] = infoTypes[name] ?? [null, 'place' as const];
  return {
    purpose: purpose ?? (name.startsWith('rest-cancel') ? 'cancel' : meant),
    host: 'rest',
    method: 'POST',
    path: type === null ? '/exchange' : '/info',
    query: '',
    body: type === null ? null : JSON.stringify({ type }),
    headers: {},
    auth: 'none',
    bucket: 'weight',
    weight: 1,
    market: null,
    clientOrderId: 'farb1A2B0001L',
  };
}

/** All instruments of the fixtures: perpetuals and spot. */
export function fixtureCatalog(): Catalog {
  const catalog = new Catalog();
  for (const name of ['rest-meta-and-asset-ctxs', 'rest-spot-meta-and-asset-ctxs']) {
    for (const event of decodeReplyFixture(name, { catalog })) {
      if (event.kind === 'instrument') catalog.put(event.spec);
    }
  }
  return catalog;
}

export function decodeFixture(name: string, catalog = fixtureCatalog()): readonly VenueEvent[] {
  const source = { stream: 'test', market: null };
  return hyperliquid.decode(bytesOf(fixture(name)), source, catalog);
}

export function decodeReplyFixture(
  name: string,
  options: { readonly purpose?: RequestPurpose; readonly catalog?: Catalog } = {},
): readonly VenueEvent[] {
  const reply = { status: 200, body: fixture(name) };
  const catalog = options.catalog ?? fixtureCatalog();
  return hyperliquid.decodeReply(requestOf(name, options.purpose), reply, catalog);
}
