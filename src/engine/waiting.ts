// Which entries wait, newest note first, without a walk through all that are remembered: one that
// was not seen lately does not wait any more. Kept beside the state, never in it, and held against
// it whenever it is read.
import type { EngineState, WaitingEntry } from './state.ts';

export interface Waiting {
  readonly key: string;
  readonly entry: WaitingEntry;
}

type Notes = EngineState['waiting'];

/** In the order of their notes; one that was noted again stands there twice. */
const kept = new WeakMap<Notes, Waiting[]>();
/** Superseded notes that may lie between those that count. */
const supersededMax = 400;

/** To be called when an entry was noted, once it stands in the state. */
export function noteWaits(notes: Notes, key: string, entry: WaitingEntry): void {
  const known = kept.get(notes);
  if (known === undefined) return;
  if (known.length > notes.size + supersededMax) kept.delete(notes);
  else known.push({ key, entry });
}

/** Of those seen from this wall time on, the newest first. */
export function waitingSince(state: EngineState, fromWallMs: number): readonly Waiting[] {
  const { waiting } = state;
  const known = kept.get(waiting) ?? read(waiting);
  let found: Waiting[] | null = null;
  for (let i = known.length - 1; i >= 0; i--) {
    const one = known[i] as Waiting;
    if (one.entry.seenWallMs < fromWallMs) break; // those before it are older
    if (waiting.get(one.key) === one.entry) (found ??= []).push(one);
  }
  return found ?? none;
}

const none: readonly Waiting[] = [];

/** A note takes its entry to the end: the map is in the order of the notes. */
function read(notes: Notes): Waiting[] {
  const known: Waiting[] = [];
  for (const [key, entry] of notes) known.push({ key, entry });
  kept.set(notes, known);
  return known;
}
