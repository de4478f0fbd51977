// Small makers of events that carry no market or account data, and the stamp of those that do.
import type { ControlEvent, UnrecognizedEvent } from '../../domain/venue-event.ts';
import { type CoinFacts, venueId } from './names.ts';

export interface Stamp {
  readonly venue: string;
  readonly symbol: string | null;
  readonly instrument: string | null;
  readonly venueTsMs: number | null;
}

export function stampFor(facts: CoinFacts, venueTsMs: number | null): Stamp {
  return { venue: venueId, symbol: facts.symbol, instrument: facts.instrument, venueTsMs };
}

export function blankStamp(venueTsMs: number | null): Stamp {
  return { venue: venueId, symbol: null, instrument: null, venueTsMs };
}

export function control(name: ControlEvent['name'], value: string | null): ControlEvent {
  return { kind: 'control', ...blankStamp(null), name, value };
}

export function unrecognized(reason: string, symbol: string | null = null): UnrecognizedEvent {
  return { kind: 'unrecognized', ...blankStamp(null), symbol, reason };
}
