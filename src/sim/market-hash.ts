// A digest of what a market shows over a stretch of venue time: two markets with the same digest
// are the same market. Nothing of a run (speed, orders, wall time) enters.
import { sha256Hex } from '../base/hmac.ts';
import { isPerp } from '../domain/instrument.ts';
import type { ExogenousMarket } from './market-api.ts';

export interface HashRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** SHA-256 (hex) over best quotes, marks, estimates and settled rates of everything listed. */
export function marketHash(market: ExogenousMarket, range: HashRange): string {
  let digest = sha256Hex(`${market.kind} ${range.fromMs} ${range.toMs} ${range.stepMs}`);
  for (let tsMs = range.fromMs; tsMs <= range.toMs; tsMs += range.stepMs) {
    digest = sha256Hex(`${digest}\n${linesAt(market, tsMs).join('\n')}`);
  }
  return sha256Hex(`${digest}\n${settledLines(market, range).join('\n')}`);
}

function linesAt(market: ExogenousMarket, tsMs: number): readonly string[] {
  const listed = market.venues.flatMap((venue) => market.instruments(venue));
  return listed.map(({ instrument, underlying }) => {
    const { id, kind } = instrument;
    const { bids, asks } = market.baseBook(id, tsMs, 1);
    const rate = isPerp(kind) ? market.fundingEstimate(id, tsMs) : '';
    const prices = `${market.index(underlying, tsMs)} ${market.mark(id, tsMs)}`;
    return `${id} ${market.gridTime(tsMs)} ${bids[0]} ${asks[0]} ${prices} ${rate}`;
  });
}

function settledLines(market: ExogenousMarket, range: HashRange): readonly string[] {
  const perps = market.venues
    .flatMap((venue) => market.instruments(venue))
    .filter(({ instrument }) => isPerp(instrument.kind));
  return perps.flatMap(({ instrument: { id } }) =>
    market
      .settlements(id, range)
      .map((settlesAtMs) => `${id} ${settlesAtMs} ${market.fundingSettled(id, settlesAtMs)}`),
  );
}
