// What margin the venue asks for and what borrowing costs: tiers and leverage of the wanted
// perpetuals, hourly rates of the spot assets. Read at the start and seldom after it; only what
// changed is reported. What could not be read is not reported: the engine then opens nothing on it.
import { formatDecimal } from '../base/decimal.ts';
import type { MarginTerms } from '../domain/event.ts';
import { type Instrument, type InstrumentId, isPerp } from '../domain/instrument.ts';
import type { MarginTiers } from '../domain/margin.ts';
import type { VenueEvent } from '../domain/venue-event.ts';
import type { HttpRequest } from '../domain/venue-spec.ts';
import type { DriverContext } from './driver-types.ts';

interface Reading {
  /** Wall time at which it is due. */
  dueWallMs: number;
  running: boolean;
}

interface Question {
  readonly requests: readonly HttpRequest[];
  readonly what: string;
  /** After a failure. */
  readonly againMs: number;
}

export class Margin {
  private readonly context: DriverContext;
  private readonly tiers: Reading = { dueWallMs: 0, running: false };
  private readonly rates: Reading = { dueWallMs: 0, running: false };
  /** What was reported last, as text. */
  private readonly reported = new Map<InstrumentId, string>();
  private readonly ratesReported = new Map<string, number>();
  private stopped = false;

  constructor(context: DriverContext) {
    this.context = context;
  }

  tick(wallMs: number): void {
    const { tiers, rates } = this;
    if (wallMs >= tiers.dueWallMs && !tiers.running) void this.readTiers(wallMs);
    if (wallMs >= rates.dueWallMs && !rates.running) void this.readRates(wallMs);
  }

  stop(): void {
    this.stopped = true;
  }

  private async readTiers(wallMs: number): Promise<void> {
    const { spec, instruments } = this.context;
    const perps = instruments.filter(({ kind }) => isPerp(kind));
    const ask = spec.requests.marginTiers;
    const requests = ask === undefined ? [] : this.allowed(ask(perps));
    const { marginRetryMs: againMs } = this.context.limits;
    const what = 'margin tiers';
    const events = await this.read(this.tiers, wallMs, { requests, what, againMs });
    if (events === null) return;
    const tables = new Map<InstrumentId, MarginTiers>();
    for (const event of events) {
      if (event.kind === 'margin-tiers' && event.instrument !== null) {
        tables.set(event.instrument, event.table);
      }
    }
    const terms: Record<InstrumentId, MarginTerms> = {};
    const missing: InstrumentId[] = [];
    for (const perp of perps) {
      const table = tables.get(perp.id) ?? null;
      // A venue that lists tables and none for this contract: not known, rather than none.
      if (table === null && ask !== undefined) missing.push(perp.id);
      else if (this.isNews(perp.id, table)) {
        terms[perp.id] = { leverage: this.leverageOf(perp), tiers: table };
      }
    }
    const { venue, log, emit } = this.context;
    if (missing.length > 0) log.warn({ venue, missing }, 'no margin tiers: nothing opens there');
    if (Object.keys(terms).length > 0) emit({ kind: 'margin-terms', venue, terms });
  }

  private async readRates(wallMs: number): Promise<void> {
    const { spec, instruments, venue, emit } = this.context;
    const spots = instruments.filter(({ kind }) => kind === 'spot');
    const assets = [...new Set(spots.map(({ base }) => base))];
    const requests = this.allowed(spec.requests.borrowRates?.(assets) ?? []);
    // A cost to show: where a host does not tell it, it stays unknown.
    const { marginReadEveryMs: againMs } = this.context.limits;
    const what = 'borrow rates';
    const events = await this.read(this.rates, wallMs, { requests, what, againMs });
    const ratesPerHour: Record<string, number> = {};
    for (const event of events ?? []) {
      if (event.kind !== 'borrow-rate' || !assets.includes(event.asset)) continue;
      const { asset, ratePerHour } = event;
      if (this.ratesReported.get(asset) === ratePerHour) continue;
      this.ratesReported.set(asset, ratePerHour);
      ratesPerHour[asset] = ratePerHour;
    }
    if (Object.keys(ratesPerHour).length > 0) emit({ kind: 'borrow-rates', venue, ratesPerHour });
  }

  /** Without a key only what the venue shows to anybody is asked for. */
  private allowed(requests: readonly HttpRequest[]): readonly HttpRequest[] {
    return this.context.credentials === null
      ? requests.filter(({ auth }) => auth === 'none')
      : requests;
  }

  /** Null: it could not be read, and is asked for again. */
  private async read(
    reading: Reading,
    wallMs: number,
    { requests, what, againMs }: Question,
  ): Promise<readonly VenueEvent[] | null> {
    const { rest, limits, venue, log } = this.context;
    reading.running = true;
    const result = await rest.readAll(requests);
    reading.running = false;
    reading.dueWallMs = wallMs + (result.ok ? limits.marginReadEveryMs : againMs);
    if (this.stopped) return null;
    if (result.ok) return result.events;
    log.warn({ venue, reason: result.error.message }, `${what} not read`);
    return null;
  }

  private isNews(id: InstrumentId, table: MarginTiers | null): boolean {
    const text = JSON.stringify(table, (_key, value: unknown) =>
      typeof value === 'bigint' ? formatDecimal(value as never) : value,
    );
    if (this.reported.get(id) === text) return false;
    this.reported.set(id, text);
    return true;
  }

  /** As the set-up asked for it. */
  private leverageOf({ leverageMax }: Instrument): number {
    const { leverage } = this.context;
    return Math.max(1, Math.floor(Math.min(leverage, leverageMax ?? leverage)));
  }
}
