// Cancels what rests at one venue under our own client ids, over REST alone: no streams, no set-up
// of the account, few requests, so that it works while much else does not. It places nothing, and
// never touches an order whose id is not ours.
import { Catalog, type Market } from '../domain/instrument.ts';
import type { Clock } from '../domain/ports.ts';
import type { OrderEvent } from '../domain/venue-event.ts';
import type { Credentials, Endpoints, HttpRequest, VenueSpec } from '../domain/venue-spec.ts';
import { driverLimits } from './driver-limits.ts';
import type { DriverLog } from './driver-types.ts';
import { HttpClient } from './http.ts';
import { redactCredentials } from './keys.ts';
import { type Batchable, groupsOf, joined } from './order-batches.ts';
import { RateLimiter } from './rate-limit.ts';
import { Rest, type Turn } from './rest.ts';

/** Listing, cancelling, listing again: the last listing must be empty. */
const roundsMax = 4;

export interface CancelOwnOptions {
  readonly spec: VenueSpec;
  readonly endpoints: Endpoints;
  readonly credentials: Credentials;
  /** Absent = spot and linear. */
  readonly markets?: readonly Market[];
  readonly clock: Clock;
  readonly isOurs: (clientOrderId: string) => boolean;
  readonly log: DriverLog;
}

export interface CancelReport {
  /** The venue listed no order of ours any more. */
  readonly ok: boolean;
  /** Client ids of ours that rested there. */
  readonly found: readonly string[];
  /** Those of the last listing. */
  readonly left: readonly string[];
  /** Open orders that are not ours: left alone. */
  readonly foreign: number;
  readonly error: string | null;
}

export async function cancelOwn(options: CancelOwnOptions): Promise<CancelReport> {
  const { spec, endpoints, clock, log } = options;
  const credentials = redactCredentials(options.credentials);
  const http = new HttpClient();
  const limiter = new RateLimiter(spec.rateLimits, clock);
  const catalog = new Catalog();
  const rest = new Rest({
    spec,
    endpoints,
    credentials,
    clock,
    catalog,
    http,
    limiter,
    limits: driverLimits,
    log,
    reached: () => undefined,
  });
  try {
    return await cancelAll(rest, catalog, options);
  } finally {
    rest.stop();
    limiter.stop();
    await http.close();
  }
}

async function cancelAll(
  rest: Rest,
  catalog: Catalog,
  { spec, markets, isOurs, log }: CancelOwnOptions,
): Promise<CancelReport> {
  const found = new Set<string>();
  const givenUp = (error: string, left: readonly string[] = []): CancelReport => {
    return { ok: false, found: [...found], left, foreign: 0, error };
  };
  if (!(await rest.syncClock())) return givenUp('no server time');
  const listed = await rest.readAll(spec.requests.instruments(markets), 'exit');
  if (!listed.ok) return givenUp(`instruments: ${listed.error.message}`);
  for (const event of listed.events) if (event.kind === 'instrument') catalog.put(event.spec);
  let error: string | null = null;
  let open: Open = { ours: [], foreign: 0 };
  for (let round = 1; round <= roundsMax; round++) {
    const read = await rest.readAll(spec.requests.openOrders(catalog.all()), 'exit');
    if (!read.ok) return givenUp(`open orders: ${read.error.message}`, open.ours.map(idOf));
    open = sorted(
      read.events.filter((event): event is OrderEvent => event.kind === 'order'),
      isOurs,
    );
    if (open.ours.length === 0) {
      return { ok: true, found: [...found], left: [], foreign: open.foreign, error: null };
    }
    for (const order of open.ours) found.add(idOf(order));
    if (round === roundsMax) break;
    const failed = (reason: string, ids: readonly (string | null)[]): void => {
      error = reason;
      log.warn({ venue: spec.id, clientOrderIds: ids, reason }, 'not cancelled');
    };
    const cancels: Batchable[] = [];
    for (const order of open.ours) {
      const instrument = order.instrument === null ? undefined : catalog.byId(order.instrument);
      if (instrument === undefined) failed(`${order.symbol}: not listed`, [idOf(order)]);
      else {
        const request = spec.requests.cancel(idOf(order), instrument);
        cancels.push({ request, priority: 'urgent' });
      }
    }
    for (const group of groupsOf(cancels, spec.batches)) {
      const requests = group.map(({ request }) => request);
      const reason = await askToCancel(rest, joined(requests, spec.batches));
      if (reason !== null)
        failed(
          reason,
          requests.map(({ clientOrderId }) => clientOrderId),
        );
    }
  }
  const { ours, foreign } = open;
  return { ok: false, found: [...found], left: ours.map(idOf), foreign, error };
}

interface Open {
  readonly ours: readonly OrderEvent[];
  readonly foreign: number;
}

function sorted(orders: readonly OrderEvent[], isOurs: (id: string) => boolean): Open {
  const ours = orders.filter(({ clientOrderId }) => {
    return clientOrderId !== null && isOurs(clientOrderId);
  });
  return { ours, foreign: orders.length - ours.length };
}

function idOf({ clientOrderId }: OrderEvent): string {
  return clientOrderId ?? '';
}

/** Null when it was asked for; the next listing says whether it is gone. */
async function askToCancel(rest: Rest, request: HttpRequest): Promise<string | null> {
  const turn: Turn = {
    priority: 'urgent',
    lane: 'order',
    timeoutMs: driverLimits.cancelTimeoutMs,
    queueMsMax: driverLimits.urgentQueueMsMax,
  };
  const reply = await rest.ask(request, turn);
  if (reply.kind !== 'reply') return reply.message;
  const refused = reply.events.find((event) => event.kind === 'error');
  return refused?.kind === 'error' ? `${refused.venueCode} ${refused.message}` : null;
}
