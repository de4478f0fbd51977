// Events that carry no market or account data: acks and notices, and what could not be read.
import type { ControlEvent, UnrecognizedEvent } from '../../domain/venue-event.ts';
import { venue } from './names.ts';

export function control(name: ControlEvent['name'], value: string | null): ControlEvent {
  return { kind: 'control', venue, symbol: null, instrument: null, venueTsMs: null, name, value };
}

export function unrecognized(reason: string): UnrecognizedEvent {
  return { kind: 'unrecognized', venue, symbol: null, instrument: null, venueTsMs: null, reason };
}
