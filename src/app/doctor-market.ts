// What the doctor looks at in the venues' public data: reachable, clocks, listings, filters,
// whether the same name is the same asset everywhere.
import type { Check } from '../api/doctor-report.ts';
import { toNumber } from '../base/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import { isPerp } from '../domain/instrument.ts';
import type { LegView } from '../domain/view.ts';
import type { Config } from './config.ts';
import { fail, ok, warn } from './doctor-check.ts';
import type { LiveLook, VenueLook } from './scan-live.ts';

/** Signatures are refused beyond a few seconds; the driver corrects what it measures. */
const skewMsWarn = 1_000;
const skewMsMax = 30_000;
/** The same asset costs the same on all venues, within this fraction. */
const identityMax = 0.05;
const namesShownMax = 6;

export function marketChecks(look: LiveLook, config: Config): readonly Check[] {
  const reached = look.venues.filter(({ error }) => error === null);
  return [
    ...look.venues.flatMap(venueChecks),
    ...look.venues.flatMap(capabilityChecks),
    ...(reached.length === 0 ? [] : listingChecks(look, config)),
  ];
}

function venueChecks(look: VenueLook): readonly Check[] {
  const name = `${look.venue} reachable`;
  if (look.error !== null) {
    const mend = 'check the network, the profile and the endpoints in exchanges.yaml';
    return [fail(name, look.error, mend)];
  }
  const skew = Math.round(look.clockOffsetMs);
  const clock = `${look.venue} clock`;
  const text = `${skew} ms ahead of ours`;
  const trip = ok(name, `round trip ${Math.round(look.roundTripMs)} ms`);
  const mend = 'let NTP set the clock of this machine';
  if (Math.abs(skew) > skewMsMax) return [trip, fail(clock, text, mend)];
  return [trip, Math.abs(skew) > skewMsWarn ? warn(clock, text, mend) : ok(clock, text)];
}

/** What a venue behind ccxt cannot do, or only in a way that costs something. */
function capabilityChecks({ venue, capabilities }: VenueLook): readonly Check[] {
  if (capabilities.length === 0) return [];
  const name = `${venue} through ccxt`;
  const lacking = capabilities.filter(({ status }) => status !== 'yes');
  const checks = lacking.map(({ name: what, status, detail, neededToTrade }) =>
    status === 'no' && neededToTrade
      ? fail(name, `${what}: ${detail}`, 'leave its key empty: market data alone')
      : warn(name, `${what}: ${detail}`, 'nothing to do if that is acceptable'),
  );
  return [ok(name, `${capabilities.length - lacking.length} of ${capabilities.length}`), ...checks];
}

function listingChecks({ catalog, snapshot }: LiveLook, config: Config): readonly Check[] {
  const all = catalog.all();
  const perps = all.filter(({ kind }) => isPerp(kind));
  const missing = config.exchanges.symbols.filter(
    (symbol) => !perps.some(({ base }) => base === symbol),
  );
  const views = [...snapshot.legs.values()];
  const unknown = perps.filter(({ id }) => snapshot.legs.get(id)?.view.funding == null);
  return [
    missing.length === 0
      ? ok('symbols', `${perps.length} perpetuals, ${all.length - perps.length} spot pairs`)
      : warn(
          'symbols',
          `listed nowhere: ${missing.join(', ')}`,
          'correct symbols in exchanges.yaml',
        ),
    filtersCheck(views, config),
    identityCheck(views),
    unknown.length === 0
      ? ok('funding', 'rate and interval of every perpetual are known')
      : warn(
          'funding',
          `not known: ${names(unknown)}`,
          'nothing to do: what is unknown is not opened',
        ),
  ];
}

export type Seen = { readonly instrument: Instrument; readonly view: LegView };

/** Whether the configured notional passes the venues' smallest orders. */
export function filtersCheck(views: readonly Seen[], config: Config): Check {
  const notionalUsd = Math.min(...config.strategies.map(({ params }) => params.notionalUsd));
  const tooSmall = views.filter(({ instrument, view }) => {
    const { lotSize, qtyMin, notionalMin } = instrument;
    const least = Math.max(
      lotSize === null ? 0 : toNumber(lotSize) * view.ask,
      qtyMin === null ? 0 : toNumber(qtyMin) * view.ask,
      notionalMin === null ? 0 : toNumber(notionalMin),
    );
    return least > notionalUsd;
  });
  if (tooSmall.length === 0) {
    return ok('filters', `${notionalUsd} USD a leg passes every smallest order`);
  }
  const list = names(tooSmall.map(({ instrument }) => instrument));
  return warn(
    'filters',
    `${notionalUsd} USD is less than the smallest order of ${list}`,
    'raise notionalUsd in strategies.yaml, or drop the symbols',
  );
}

/** The same name must be the same asset in the same unit: 1000x and collisions show here. */
export function identityCheck(views: readonly Seen[]): Check {
  const byBase = new Map<string, Seen[]>();
  for (const seen of views) {
    const group = byBase.get(seen.instrument.base) ?? [];
    group.push(seen);
    byBase.set(seen.instrument.base, group);
  }
  const odd: string[] = [];
  for (const [base, group] of byBase) {
    const prices = group.map(({ view }) => view.index ?? (view.bid + view.ask) / 2);
    const low = Math.min(...prices);
    const high = Math.max(...prices);
    if (high / low - 1 > identityMax) odd.push(`${base} ${low} to ${high}`);
  }
  if (odd.length === 0) return ok('identity', 'prices of every asset agree within 5%');
  return fail(
    'identity',
    `not one asset, or another unit: ${odd.slice(0, namesShownMax).join('; ')}`,
    'take the asset out of symbols: its legs do not hedge each other',
  );
}

function names(instruments: readonly Instrument[]): string {
  const shown = instruments.slice(0, namesShownMax).map(({ id }) => id);
  const more = instruments.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
