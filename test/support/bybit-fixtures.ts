// Raw Bybit payloads of src/venues/fixtures/bybit, and the catalog that their instruments make.
import { readdirSync, readFileSync } from 'node:fs';
import { Catalog, type Market } from '../../src/domain/instrument.ts';
import type { VenueEvent } from '../../src/domain/venue-event.ts';
import type { HttpRequest } from '../../src/domain/venue-spec.ts';
import { bybit, purposeOfPath } from '../../src/venues/bybit/index.ts';

const folder = new URL('../../src/venues/fixtures/bybit/', import.meta.url);

export const fixtureNames: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length));

export function fixture(name: string): string {
  return readFileSync(new URL(`${name}.json`, folder), 'utf8').trimEnd();
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A request as `farb decode --request "GET /path"` makes it. */
export function requestTo(line: string, market: Market | null = null): HttpRequest {
  const [method = 'GET', target = ''] = line.split(' ');
  const [path = '', query = ''] = target.split('?');
  const purpose = purposeOfPath(method, path);
  if (purpose === null) throw new Error(`no purpose: ${line}`);
  return {
    purpose,
    host: 'rest',
    method: method === 'POST' ? 'POST' : 'GET',
    path,
    query,
    body: null,
    headers: {},
    auth: 'none',
    bucket: 'reads',
    weight: 1,
    market,
    clientOrderId: null,
  };
}

/** All instruments of the fixtures: linear, spot and inverse. */
export function fixtureCatalog(): Catalog {
  const catalog = new Catalog();
  for (const market of ['linear', 'spot', 'inverse']) {
    const body = fixture(`rest-instruments-${market}`);
    const request = requestTo('GET /v5/market/instruments-info');
    for (const event of bybit.decodeReply(request, { status: 200, body }, catalog)) {
      if (event.kind === 'instrument') catalog.put(event.spec);
    }
  }
  return catalog;
}

export function decodeFixture(
  name: string,
  market: Market | null = null,
  catalog: Catalog = fixtureCatalog(),
): readonly VenueEvent[] {
  return bybit.decode(bytesOf(fixture(name)), { stream: 'test', market }, catalog);
}

export function decodeReplyFixture(
  name: string,
  line: string,
  market: Market | null = null,
  catalog: Catalog = fixtureCatalog(),
): readonly VenueEvent[] {
  const reply = { status: 200, body: fixture(name) };
  return bybit.decodeReply(requestTo(line, market), reply, catalog);
}
