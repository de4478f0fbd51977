// What capital could earn elsewhere: entries that passed every threshold and were not made because
// their legs or the limits were taken. Bounded, and forgotten when they are not seen again.
import type { EntryWaits } from '../domain/event.ts';
import type { EngineState } from './state.ts';
import { noteWaits } from './waiting.ts';

export const waitingMax = 200;
/** Not seen for so long (wall): it does not wait any more, and starts anew when it comes back. */
export const waitingGapMs = 15_000;

export function foldWaiting(
  state: EngineState,
  { pair, netOnCapital, blockedBy }: EntryWaits,
): void {
  const { waiting, wallMs } = state;
  const known = waiting.get(pair);
  const goesOn = known !== undefined && wallMs - known.seenWallMs <= waitingGapMs;
  waiting.delete(pair);
  const sinceWallMs = goesOn ? known.sinceWallMs : wallMs;
  const entry = { netOnCapital, blockedBy, sinceWallMs, seenWallMs: wallMs };
  waiting.set(pair, entry);
  noteWaits(waiting, pair, entry);
  if (waiting.size <= waitingMax) return;
  for (const oldest of waiting.keys()) {
    waiting.delete(oldest);
    return;
  }
}
