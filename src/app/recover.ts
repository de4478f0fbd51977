// Boot is recovery: the state is the fold of the journal by `evolve` alone, whatever the strategies are
// now. A fresh directory is an empty journal.
import { existsSync } from 'node:fs';
import { evolve } from '../engine/evolve.ts';
import { checkInvariants } from '../engine/invariants.ts';
import { type EngineState, emptyState } from '../engine/state.ts';
import { readJournal } from '../store/journal.ts';

export interface Recovered {
  readonly state: EngineState;
  readonly records: number;
  readonly tornBytes: number;
  readonly endsAt: number;
}

export function recover(journalPath: string): Recovered {
  const state = emptyState();
  if (!existsSync(journalPath)) return { state, records: 0, tornBytes: 0, endsAt: 0 };
  const tail = readJournal(journalPath, (record) => evolve(state, record));
  checkInvariants(state);
  return { state, ...tail };
}
