// What a forecast of funding needs from a venue: its estimate, mark and index, quotes and the rates
// that settled last.
import { minuteMs } from '../base/time.ts';
import { type Instrument, isPerp } from '../domain/instrument.ts';
import type { Clock } from '../domain/ports.ts';
import type { VenueEvent } from '../domain/venue-event.ts';
import type { ForecastTerms } from '../history/forecast.ts';
import { settlementIntervals } from '../history/intervals.ts';
import type { DriverLog } from '../io/driver-types.ts';
import { type PublicVenue, withVenue } from './venue-reader.ts';

/** Settled rates that are asked for. */
const settledIntervals = 40;
const dayMs = 1_440 * minuteMs;

export interface ForecastFacts {
  readonly instrument: Instrument;
  readonly terms: ForecastTerms;
  readonly settlesAtMs: number;
  readonly published: number | null;
  readonly premiumNow: number | null;
  readonly settled: readonly number[];
}

export interface ForecastRead {
  readonly facts: readonly ForecastFacts[];
  readonly errors: readonly { readonly venue: string; readonly message: string }[];
}

export async function readForecastFacts(
  venue: PublicVenue,
  options: {
    readonly clock: Clock;
    readonly log: DriverLog;
    readonly wants: (instrument: Instrument) => boolean;
  },
): Promise<ForecastRead> {
  const { spec } = venue;
  const fail = (message: string): ForecastRead => ({
    facts: [],
    errors: [{ venue: spec.id, message }],
  });
  return withVenue(
    venue,
    options,
    async ({ rest, instruments }) => {
      const perps = instruments.filter((one) => isPerp(one.kind) && options.wants(one));
      if (perps.length === 0) return { facts: [], errors: [] };
      const rates = await rest.readAll(spec.requests.fundingRates(perps));
      if (!rates.ok) return fail(rates.error.message);
      const quotes = await rest.readAll(spec.requests.quotes(perps));
      if (!quotes.ok) return fail(quotes.error.message);
      const events = [...rates.events, ...quotes.events];
      const facts: ForecastFacts[] = [];
      const errors: ForecastRead['errors'][number][] = [];
      for (const instrument of perps) {
        const toMs = Math.floor(options.clock.venueMs());
        const fromMs = toMs - settledIntervals * (instrument.fundingIntervalMs ?? dayMs / 3);
        const history = await rest.read(spec.requests.fundingHistory(instrument, { fromMs, toMs }));
        if (!history.ok) {
          errors.push({
            venue: spec.id,
            message: `${instrument.symbol}: ${history.error.message}`,
          });
          continue;
        }
        const found = factsOf(instrument, events, history.events);
        if (found !== null) facts.push(found);
      }
      return { facts, errors };
    },
    fail,
  );
}

function factsOf(
  instrument: Instrument,
  events: readonly VenueEvent[],
  history: readonly VenueEvent[],
): ForecastFacts | null {
  const settled = settledOf(history);
  const facts = { published: null as number | null, settlesAtMs: null as number | null };
  let intervalMs: number | null = null;
  let [cap, floor] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const price = { index: Number.NaN, bid: Number.NaN, ask: Number.NaN };
  for (const event of events) {
    if (!('instrument' in event) || event.instrument !== instrument.id) continue;
    if (event.kind === 'funding-rate' && !event.settled) {
      facts.published = event.ratePerInterval ?? facts.published;
      facts.settlesAtMs = event.settlesAtMs ?? facts.settlesAtMs;
      intervalMs = event.intervalMs ?? intervalMs;
      cap = event.cap ?? cap;
      floor = event.floor ?? floor;
    } else if (event.kind === 'mark-price') {
      price.index = event.index ?? price.index;
    } else if (event.kind === 'quote') {
      price.bid = event.bid ?? price.bid;
      price.ask = event.ask ?? price.ask;
    }
  }
  const { settlesAtMs } = facts;
  // Where the venue states no interval it is the step from the last settlement to the next.
  const times = [...settled.keys(), ...(settlesAtMs === null ? [] : [settlesAtMs])];
  intervalMs ??= settlementIntervals(Float64Array.from(times)).at(-1) ?? null;
  if (settlesAtMs === null || intervalMs === null || !(intervalMs > 0)) return null;
  const terms = { intervalMs, cap, floor };
  const premiumNow = premiumOf(price);
  return { instrument, terms, ...facts, settlesAtMs, premiumNow, settled: [...settled.values()] };
}

/** Rates by settlement, in the order of time. */
function settledOf(history: readonly VenueEvent[]): ReadonlyMap<number, number> {
  const rates = history.flatMap((event): [number, number][] => {
    if (event.kind !== 'funding-rate' || !event.settled) return [];
    const { settlesAtMs, ratePerInterval } = event;
    if (settlesAtMs === null || ratePerInterval === null) return [];
    return [[Math.round(settlesAtMs / minuteMs) * minuteMs, ratePerInterval]];
  });
  return new Map(rates.sort(([a], [b]) => a - b));
}

/** [max(0, bid - index) - max(0, index - ask)] / index, the best prices for the impact prices. */
function premiumOf(price: {
  readonly index: number;
  readonly bid: number;
  readonly ask: number;
}): number | null {
  const { index, bid, ask } = price;
  if (!(index > 0) || !(bid > 0) || !(ask > 0)) return null;
  return (Math.max(0, bid - index) - Math.max(0, index - ask)) / index;
}
