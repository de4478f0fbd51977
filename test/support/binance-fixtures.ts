// The raw samples of Binance's payloads, and a catalog made from its own exchangeInfo samples.
import { readdirSync, readFileSync } from 'node:fs';
import { Catalog, type Instrument, type Market } from '../../src/domain/instrument.ts';
import type { HttpRequest } from '../../src/domain/venue-spec.ts';
import { hostOfMarket } from '../../src/venues/binance/endpoints.ts';
import { marketOfPath } from '../../src/venues/binance/market-paths.ts';
import { purposeOfPath } from '../../src/venues/binance/paths.ts';
import { decodePayload } from '../../src/venues/binance/replies.ts';

const directory = new URL('../../src/venues/fixtures/binance/', import.meta.url);

export const fixtureNames: readonly string[] = readdirSync(directory)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length));

export function fixture(name: string): string {
  return readFileSync(new URL(`${name}.json`, directory), 'utf8').trim();
}

export function exampleCatalog(): Catalog {
  const catalog = new Catalog();
  for (const [name, path] of [
    ['usdm-exchange-info', 'GET /fapi/v1/exchangeInfo'],
    ['spot-exchange-info', 'GET /api/v3/exchangeInfo'],
    ['coinm-exchange-info', 'GET /dapi/v1/exchangeInfo'],
  ] as const) {
    const json: unknown = JSON.parse(fixture(name));
    for (const event of decodePayload(json, { path, query: '', catalog })) {
      if (event.kind === 'instrument') catalog.put(event.spec);
    }
  }
  return catalog;
}

export function exampleInstrument(symbol: string, market: Market): Instrument {
  const found = exampleCatalog().bySymbol('binance', market, symbol);
  if (found === undefined) throw new Error(`no sample instrument ${symbol}`);
  return found;
}

/** The request that a recorded "GET /path?query" was. */
export function requestOf(line: string, changes: Partial<HttpRequest> = {}): HttpRequest {
  const [method = '', rest = ''] = line.split(' ');
  const [path = '', query = ''] = rest.split('?');
  const purpose = purposeOfPath(method, path);
  if (purpose === null) throw new Error(`no purpose of ${line}`);
  return {
    purpose,
    host: hostOfMarket[marketOfPath(path)],
    method: method as HttpRequest['method'], // a purpose was found, so it is one of them
    path,
    query,
    body: null,
    headers: {},
    auth: 'none',
    bucket: 'spot-weight',
    weight: 1,
    market: null,
    clientOrderId: null,
    ...changes,
  };
}
