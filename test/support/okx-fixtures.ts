// The raw OKX payloads of src/venues/fixtures/okx, and the catalog that their instrument listings
// make.
import { readdirSync, readFileSync } from 'node:fs';
import { Catalog } from '../../src/domain/instrument.ts';
import type { VenueEvent } from '../../src/domain/venue-event.ts';
import type { HttpRequest } from '../../src/domain/venue-spec.ts';
import { okx } from '../../src/venues/okx/index.ts';
import { endpointOfPath } from '../../src/venues/okx/paths.ts';

const folder = new URL('../../src/venues/fixtures/okx/', import.meta.url);

export const okxFixtureNames: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace(/\.json$/, ''));

export function okxFixture(name: string): string {
  return readFileSync(new URL(`${name}.json`, folder), 'utf8').trim();
}

export function okxCatalog(): Catalog {
  const catalog = new Catalog();
  for (const name of ['reply-instruments-spot', 'reply-instruments-swap']) {
    for (const event of okxReply('GET /api/v5/public/instruments', okxFixture(name), catalog)) {
      if (event.kind === 'instrument') catalog.put(event.spec);
    }
  }
  return catalog;
}

export function okxFrame(text: string, catalog: Catalog): readonly VenueEvent[] {
  const bytes = new TextEncoder().encode(text);
  return okx.decode(bytes, { stream: 'public-1', market: null }, catalog);
}

/** Decodes a body as the answer to "GET /path?query". */
export function okxReply(
  line: string,
  body: string,
  catalog: Catalog,
  options: { readonly status?: number; readonly clientOrderId?: string } = {},
): readonly VenueEvent[] {
  const request = { ...okxRequest(line), clientOrderId: options.clientOrderId ?? null };
  return okx.decodeReply(request, { status: options.status ?? 200, body }, catalog);
}

export function okxRequest(line: string): HttpRequest {
  const [method = '', target = ''] = line.split(' ');
  const [path = '', query = ''] = target.split('?');
  const known = endpointOfPath(method, path);
  if (known === null) throw new Error(`no such path: ${line}`);
  return {
    purpose: known.purpose,
    host: 'rest',
    method: known.method,
    path,
    query,
    body: null,
    headers: {},
    auth: known.signed ? 'signed' : 'none',
    bucket: known.bucket,
    weight: 1,
    market: null,
    clientOrderId: null,
  };
}
