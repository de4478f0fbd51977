// Which entries wait, in the order of their notes, so that a look need not walk through all that
// are remembered: one that was not seen lately does not wait any more. Kept beside the state, never
// in it.
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

/** The newest last; one that was noted again since stands there too: ask `isLatest`. */
export function waitingOf({ waiting }: EngineState): readonly Waiting[] {
  return kept.get(waiting) ?? read(waiting);
}

/** False: it was noted anew, or is forgotten. */
export function isLatest({ waiting }: EngineState, { key, entry }: Waiting): boolean {
  return waiting.get(key) === entry;
}

/** A note takes its entry to the end: the map is in the order of the notes. */
function read(notes: Notes): Waiting[] {
  const known: Waiting[] = [];
  for (const [key, entry] of notes) known.push({ key, entry });
  kept.set(notes, known);
  return known;
}
