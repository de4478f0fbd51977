// The exposure of what is held and not touched by a decision: made once, and again only when its
// mark or its terms are others. Kept beside the state, never in it; each is held against the state
// whenever it is asked for.
import { baseQtyAt } from '../domain/contract-value.ts';
import type { MarginTerms } from '../domain/event.ts';
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import type { InstrumentExposure } from '../domain/verdict.ts';
import type { LegView } from '../domain/view.ts';
import { exposureMargin } from './funds.ts';
import { type HeldRow, heldOf } from './held.ts';
import type { EngineState } from './state.ts';

export interface Standing {
  readonly row: HeldRow;
  readonly listed: Instrument;
  /** In the order of the listing. */
  readonly place: number;
  /** Without orders, and without ages: nobody looks at those of what is only held. */
  exposure: InstrumentExposure;
  terms: MarginTerms | undefined;
}

const kept = new WeakMap<readonly HeldRow[], readonly Standing[]>();

/** Of every listed position, in the order of the listing. */
export function standingOf(state: EngineState): readonly Standing[] {
  const rows = heldOf(state);
  let standing = kept.get(rows);
  if (standing === undefined) {
    standing = read(state, rows);
    kept.set(rows, standing);
    return standing;
  }
  for (const one of standing) {
    const { row, exposure, terms } = one;
    const price = row.mark?.price ?? null;
    const taker = state.feeRates.get(row.id)?.taker ?? null;
    if (exposure.price === price && exposure.margin.feeRateTaker === taker) {
      if (terms === state.marginTerms.get(row.id)) continue;
    }
    one.terms = state.marginTerms.get(row.id);
    one.exposure = standingExposure(state, row, one.listed);
  }
  return standing;
}

function read(state: EngineState, rows: readonly HeldRow[]): readonly Standing[] {
  const standing: Standing[] = [];
  for (const row of rows) {
    const { id, listed } = row;
    if (listed === undefined) continue;
    const exposure = standingExposure(state, row, listed);
    const place = placeOf(state.instruments, id);
    standing.push({ row, listed, place, exposure, terms: state.marginTerms.get(id) });
  }
  return standing.sort((a, b) => a.place - b.place);
}

function standingExposure(state: EngineState, { qty, mark }: HeldRow, listed: Instrument) {
  const price = mark?.price ?? null;
  const alone = { price, qty, buysLeft: 0, sellsLeft: 0, quoteAgeMs: null };
  return exposureOf(state, listed, alone, undefined);
}

/** `known`: of the instrument, its quantities in its own units. `leg`: its quote; absent = none. */
export function exposureOf(
  state: EngineState,
  instrument: Instrument,
  known: Pick<InstrumentExposure, 'price' | 'qty' | 'buysLeft' | 'sellsLeft' | 'quoteAgeMs'>,
  leg: LegView | undefined,
): InstrumentExposure {
  const { price } = known;
  // Without a price an inverse contract's base units are not known: what is held stays in sight.
  const baseUnit = price === null ? 1 : baseQtyAt(instrument, 1, price);
  return {
    instrument: instrument.id,
    venue: instrument.venue,
    base: instrument.base,
    isSpot: instrument.kind === 'spot',
    qty: known.qty * baseUnit,
    baseUnit,
    buysLeft: known.buysLeft * baseUnit,
    sellsLeft: known.sellsLeft * baseUnit,
    price,
    quoteAgeMs: known.quoteAgeMs,
    fundingAgeMs: leg?.fundingAgeMs ?? null,
    margin: exposureMargin(state, instrument, leg),
  };
}

const places = new WeakMap<EngineState['instruments'], ReadonlyMap<InstrumentId, number>>();

/** In the listing: made again when an instrument is new, as none is ever removed. */
export function placeOf(instruments: EngineState['instruments'], id: InstrumentId): number {
  let found = places.get(instruments);
  if (found === undefined || found.size !== instruments.size) {
    found = new Map([...instruments.keys()].map((each, place) => [each, place]));
    places.set(instruments, found);
  }
  return found.get(id) ?? 0;
}
