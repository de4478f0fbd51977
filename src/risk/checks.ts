// The single limits, each as a function that lists what would pass it. A comparison with an unknown
// figure (NaN) counts as passed: what cannot be compared is denied.
import type { Basket, Denial, DenialCode, RiskBook, RiskLimits } from '../domain/verdict.ts';
import { exposureOf, type WorstCase } from './worst-case.ts';

/** With figures the message ends in "the limit N" by itself. */
export function denial(
  code: DenialCode,
  message: string,
  figures?: { readonly value: number; readonly limit: number },
): Denial {
  if (figures === undefined) return { code, message, limit: null, value: null };
  const { limit, value } = figures;
  return { code, message: `${message} the limit ${limit}`, limit, value };
}

/** Losses and counts: what opens nothing more, whatever the basket. */
export function accountDenials(
  { orders }: Basket,
  book: RiskBook,
  limits: RiskLimits,
): readonly Denial[] {
  const denials: Denial[] = [];
  const { equityUsd, dayStartEquityUsd, peakEquityUsd } = book;
  if (equityUsd === null || dayStartEquityUsd === null || peakEquityUsd === null) {
    denials.push(denial('equity-unknown', 'equity is not known before the first snapshots'));
  } else {
    const loss = dayStartEquityUsd - equityUsd;
    if (!(loss < limits.dailyLossUsdMax)) {
      const figures = { value: loss, limit: limits.dailyLossUsdMax };
      denials.push(
        denial('daily-loss-limit', `the day's loss of ${show(loss)} USD is at`, figures),
      );
    }
    const drawdown = 1 - equityUsd / peakEquityUsd;
    if (!(drawdown < limits.drawdownMax)) {
      const figures = { value: drawdown, limit: limits.drawdownMax };
      denials.push(denial('drawdown-limit', `the drawdown of ${drawdown} is at`, figures));
    }
  }
  const opensPair = orders.some(({ purpose }) => purpose === 'entry');
  const pairs = book.pairsOpen + 1;
  if (opensPair && !(pairs <= limits.pairsOpenMax)) {
    const figures = { value: pairs, limit: limits.pairsOpenMax };
    denials.push(denial('pairs-limit', `${pairs} open pairs would pass`, figures));
  }
  const open = book.ordersOpen + orders.length;
  if (!(open <= limits.ordersOpenMax)) {
    const figures = { value: open, limit: limits.ordersOpenMax };
    denials.push(denial('orders-open-limit', `${open} open orders would pass`, figures));
  }
  return denials;
}

/** Opening needs fresh quotes and rates of its instruments; everything else needs prices. */
export function dataDenials(judged: {
  readonly basket: Basket;
  readonly book: RiskBook;
  readonly worst: WorstCase;
  readonly limits: RiskLimits;
  readonly isOpening: boolean;
}): readonly Denial[] {
  const { basket, book, worst, limits, isOpening } = judged;
  const denials: Denial[] = [];
  for (const { instrument } of basket.orders) {
    const exposure = exposureOf(book, instrument);
    if (exposure === null) {
      denials.push(denial('stale-data', `nothing is known of ${instrument}`));
      continue;
    }
    if (!isOpening) continue;
    const { quoteAgeMs, fundingAgeMs, isSpot } = exposure;
    denials.push(...ageDenials(`quote of ${instrument}`, quoteAgeMs, limits.quoteAgeMsMax));
    if (isSpot) continue;
    denials.push(...ageDenials(`rate of ${instrument}`, fundingAgeMs, limits.fundingAgeMsMax));
  }
  for (const instrument of worst.unpriced) {
    denials.push(denial('stale-data', `${instrument} has no price: its exposure is not known`));
  }
  return denials;
}

/** The worst case against every exposure limit; `tolerance` widens all of them. */
export function exposureDenials(judged: {
  readonly book: RiskBook;
  readonly worst: WorstCase;
  readonly limits: RiskLimits;
  readonly tolerance: number;
}): readonly Denial[] {
  const { book, worst, limits, tolerance } = judged;
  const denials: Denial[] = [];
  const positionMax = limits.positionUsdMax * tolerance;
  for (const [instrument, usd] of worst.positionUsd) {
    if (usd <= positionMax) continue;
    const figures = { value: usd, limit: positionMax };
    denials.push(passing('position-limit', `position ${instrument}`, figures));
  }
  for (const { instrument, short } of worst.spotShort) {
    const figures = { value: short, limit: 0 };
    denials.push(
      denial('position-limit', `${short} of ${instrument} sold beyond what is held,`, figures),
    );
  }
  const venueMax = limits.venueExposureUsdMax * tolerance;
  for (const [venue, usd] of worst.venueUsd) {
    if (usd <= venueMax) continue;
    const figures = { value: usd, limit: venueMax };
    denials.push(passing('venue-exposure-limit', `exposure on ${venue}`, figures));
  }
  const deltaMax = limits.netDeltaUsdMax * tolerance;
  for (const [base, usd] of worst.netDeltaUsd) {
    if (usd <= deltaMax) continue;
    const figures = { value: usd, limit: deltaMax };
    denials.push(passing('net-delta-limit', `net delta of ${base}`, figures));
  }
  const grossMax = limits.grossExposureUsdMax * tolerance;
  if (!(worst.grossUsd <= grossMax)) {
    const figures = { value: worst.grossUsd, limit: grossMax };
    denials.push(passing('gross-exposure-limit', 'gross exposure', figures));
  }
  if (book.equityUsd !== null) {
    const most = limits.leverageMax * book.equityUsd * tolerance;
    if (!(worst.grossUsd <= most)) {
      const value = worst.grossUsd / book.equityUsd;
      const figures = { value, limit: limits.leverageMax * tolerance };
      denials.push(denial('leverage-limit', `leverage ${show(value)} would pass`, figures));
    }
  }
  return denials;
}

function passing(
  code: DenialCode,
  what: string,
  figures: { readonly value: number; readonly limit: number },
): Denial {
  return denial(code, `${what} ${show(figures.value)} USD would pass`, figures);
}

function ageDenials(what: string, ageMs: number | null, limit: number): readonly Denial[] {
  if (ageMs === null) return [denial('stale-data', `age of the ${what} is not known`)];
  if (ageMs <= limit) return [];
  return [denial('stale-data', `the ${what} is ${ageMs} ms old, beyond`, { value: ageMs, limit })];
}

/** At most two decimals, for messages. */
function show(value: number): string {
  return String(Math.round(value * 100) / 100);
}
