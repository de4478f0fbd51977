// One step: fold the event, decide, fold the decisions. The order is the whole point: facts first,
// and every decision becomes a fact before the next event is looked at.
import type { Effect, EffectRecord, EngineEvent } from '../domain/event.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import type { Policy } from './policy.ts';
import type { EngineState } from './state.ts';

/** Returns the effects as records, in the sequence in which the journal must hold them. */
export function step(
  state: EngineState,
  event: EngineEvent,
  policy: Policy,
): readonly EffectRecord[] {
  evolve(state, event);
  const effects = decide(state, event, policy);
  if (effects.length === 0) return nothing; // most events
  const records = effects.map((effect, i) => recordOf(event, effect, i));
  for (const record of records) evolve(state, record);
  return records;
}

const nothing: readonly EffectRecord[] = [];

function recordOf(event: EngineEvent, effect: Effect, i: number): EffectRecord {
  return { seq: event.seq + 1 + i, tsMs: event.tsMs, wallMs: event.wallMs, effect };
}
