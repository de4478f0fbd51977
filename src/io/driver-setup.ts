// What must stand before the first stream: the clock offset, the wanted instruments, the account's
// modes, leverage and fees. Everything here either succeeds or ends the start with a UserError that
// says what to mend; it must never trade on a guess.
import { UserError } from '../base/errors.ts';
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import { slot } from '../domain/market-table.ts';
import type { ErrorEvent, VenueEvent } from '../domain/venue-event.ts';
import type { DriverContext } from './driver-types.ts';

export async function prepare(context: DriverContext): Promise<void> {
  const { venue, rest, endpoints } = context;
  if (!(await rest.syncClock())) {
    const urls = Object.values(endpoints.http).join(', ');
    throw new UserError(`${venue}: no server time from ${urls}: check the URLs and the network`, {
      exitCode: 1,
    });
  }
  await listInstruments(context);
  if (context.credentials === null) return;
  // What the fees are does not hang on the modes; the leverage of many symbols takes seconds.
  await Promise.all([setUpAccount(context), readFeeRates(context)]);
}

/** Reads the listing again; known instruments only. False when it could not be read. */
export async function reloadInstruments(context: DriverContext): Promise<boolean> {
  const result = await context.rest.readAll(context.spec.requests.instruments(context.markets));
  if (!result.ok) {
    const { venue, log } = context;
    log.warn({ venue, reason: result.error.message }, 'instruments not reloaded');
    return false;
  }
  const listed = new Map(listedIn(result.events).map((instrument) => [instrument.id, instrument]));
  context.instruments = context.instruments.map((old) => {
    // What the venue no longer lists may not be opened.
    const fresh = listed.get(old.id) ?? { ...old, status: 'unknown' as const };
    const merged = {
      ...fresh,
      fundingIntervalMs: fresh.fundingIntervalMs ?? old.fundingIntervalMs,
    };
    context.catalog.put(merged);
    return merged;
  });
  emitInstruments(context);
  return true;
}

export function emitInstruments(context: DriverContext): void {
  context.emit({
    kind: 'instruments',
    venue: context.venue,
    instruments: context.instruments,
    feeRates: Object.fromEntries(context.feeRates),
  });
}

/** Intervals that only the funding channel states, into the catalog's instruments. */
export function adoptIntervals(context: DriverContext): void {
  const { catalog, table } = context;
  context.instruments = context.instruments.map((instrument) => {
    const index = catalog.indexOf(instrument.id);
    const intervalMs = table.get(index, slot.intervalMs);
    if (Number.isNaN(intervalMs) || instrument.fundingIntervalMs === intervalMs) return instrument;
    const merged = { ...instrument, fundingIntervalMs: intervalMs };
    catalog.put(merged);
    return merged;
  });
}

async function listInstruments(context: DriverContext): Promise<void> {
  const { venue, rest, spec, catalog, table } = context;
  const result = await rest.readAll(spec.requests.instruments(context.markets));
  if (!result.ok) throw refusal(context, 'instruments', result.error);
  const wanted = listedIn(result.events).filter(context.symbols);
  if (wanted.length === 0) {
    throw new UserError(`${venue}: none of the wanted symbols is listed: check \`symbols\``);
  }
  for (const instrument of wanted) {
    const index = catalog.put(instrument);
    if (index >= table.books.length) {
      throw new UserError(
        `${venue}: more than ${table.books.length} instruments: want fewer symbols`,
      );
    }
    if (instrument.fundingIntervalMs !== null) {
      table.set(index, slot.intervalMs, instrument.fundingIntervalMs);
    }
  }
  context.instruments = wanted;
}

function listedIn(events: readonly VenueEvent[]): readonly Instrument[] {
  const byId = new Map<InstrumentId, Instrument>();
  for (const event of events) if (event.kind === 'instrument') byId.set(event.spec.id, event.spec);
  return [...byId.values()];
}

/** Modes first, one request after the other: leverage depends on them. */
async function setUpAccount(context: DriverContext): Promise<void> {
  const { rest, spec, instruments, leverage } = context;
  for (const request of spec.requests.setup(instruments, { leverage })) {
    const result = await rest.read(request);
    if (!result.ok) throw refusal(context, `set-up (${request.path})`, result.error);
  }
  const config = await rest.readAll(spec.requests.accountConfig());
  if (!config.ok) throw refusal(context, 'account configuration', config.error);
}

async function readFeeRates(context: DriverContext): Promise<void> {
  const { rest, spec, instruments } = context;
  const result = await rest.readAll(spec.requests.feeRates(instruments));
  if (!result.ok) throw refusal(context, 'fee rates', result.error);
  for (const event of result.events) {
    if (event.kind !== 'fee-rate' || event.instrument === null) continue;
    context.feeRates.set(event.instrument, { taker: event.taker, maker: event.maker });
  }
}

/** The venue's refusal as one line for the operator. */
export function refusal(context: DriverContext, step: string, error: ErrorEvent): UserError {
  const { venue } = context;
  const said = `${error.venueCode} ${error.message}`.trim();
  if (error.code === 'AUTH') {
    return new UserError(
      `${venue}: the API key was refused at ${step} (${said}): check key, secret, permissions ` +
        'and the allowed addresses in config/exchanges.yaml',
    );
  }
  return new UserError(`${venue}: ${step} failed (${said})`, { exitCode: 1 });
}
