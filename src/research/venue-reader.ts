// The public interface of one venue, for research: its instruments, and requests within its rate
// limits. Nothing is signed: there are no keys here.
import { Catalog, type Instrument } from '../domain/instrument.ts';
import type { Clock } from '../domain/ports.ts';
import type { Endpoints, VenueSpec } from '../domain/venue-spec.ts';
import { driverLimits } from '../io/driver-limits.ts';
import type { DriverLog } from '../io/driver-types.ts';
import { HttpClient } from '../io/http.ts';
import { RateLimiter } from '../io/rate-limit.ts';
import { Rest } from '../io/rest.ts';

export interface PublicVenue {
  readonly spec: VenueSpec;
  readonly endpoints: Endpoints;
}

export interface VenueReader {
  readonly rest: Rest;
  readonly instruments: readonly Instrument[];
}

/** Reads the listings, works, closes; `onError` makes the answer where they cannot be read. */
export async function withVenue<T>(
  { spec, endpoints }: PublicVenue,
  { clock, log }: { readonly clock: Clock; readonly log: DriverLog },
  work: (reader: VenueReader) => Promise<T>,
  onError: (message: string) => T,
): Promise<T> {
  const http = new HttpClient();
  const limiter = new RateLimiter(spec.rateLimits, clock);
  const catalog = new Catalog();
  const rest = new Rest({
    ...{ spec, endpoints, credentials: null, clock, catalog, http, limiter, log },
    limits: driverLimits,
    reached: () => undefined,
  });
  try {
    // Hosts that are not named, as a testnet may lack some, are not asked.
    const listings = spec.requests
      .instruments(['spot', 'linear', 'inverse'])
      .filter(({ host }) => endpoints.http[host] !== undefined);
    const listed = await rest.readAll(listings);
    if (!listed.ok) return onError(listed.error.message);
    for (const event of listed.events) if (event.kind === 'instrument') catalog.put(event.spec);
    return await work({ rest, instruments: catalog.all() });
  } finally {
    rest.stop();
    limiter.stop();
    await http.close();
  }
}
