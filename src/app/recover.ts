// Boot is recovery: the state is the fold of the journal by `evolve` alone, whatever the strategies
// are now. A snapshot only spares the folding of what came before it; one that does not verify is
// passed over. A fresh directory is an empty journal.
import { UserError } from '../base/errors.ts';
import { emptyAttribution } from '../engine/attribution.ts';
import { evolve } from '../engine/evolve.ts';
import { checkInvariants } from '../engine/invariants.ts';
import { type EngineState, emptyState, emptyVenueState } from '../engine/state.ts';
import { stateHashOf } from '../engine/summary.ts';
import { type JournalTail, MissingRecords, readJournal } from '../store/journal.ts';
import {
  listSnapshots,
  readSnapshot,
  type Snapshot,
  type SnapshotFile,
} from '../store/snapshot.ts';
import { foldCode } from './fold-code.ts';

export interface Recovered {
  readonly state: EngineState;
  /** Records that were folded: those after the snapshot. */
  readonly records: number;
  readonly tornBytes: number;
  /** What `openJournal` goes on from. */
  readonly tail: JournalTail;
  /** The record up to which a snapshot was taken over; 0 = none, all was folded. */
  readonly snapshotSeq: number;
  /** Snapshots that were not used, and why. */
  readonly passedOver: readonly string[];
}

export interface RecoverOptions {
  /** Reads only the segments that begin by this record: another process writes the later ones. */
  readonly untilSeq?: number;
}

export function recover(journalPath: string, options: RecoverOptions = {}): Recovered {
  const { untilSeq = Number.POSITIVE_INFINITY } = options;
  const passedOver: string[] = [];
  const source: Source = { journalPath, untilSeq, passedOver };
  let older: Usable | null = null;
  for (const file of listSnapshots(journalPath)) {
    if (file.seq > untilSeq) continue;
    const found = usable(file);
    if ('bad' in found) passedOver.push(`${file.path}: ${found.bad}`);
    else if (found.code === foldCode()) return foldFrom(found, source);
    else {
      passedOver.push(`${file.path}: another version of the code made it`);
      older ??= found;
    }
  }
  try {
    return foldFrom(null, source);
  } catch (thrown) {
    if (!(thrown instanceof MissingRecords)) throw thrown;
    // Segments that a snapshot covers may have been removed: then it is all that there is.
    if (older !== null) return foldFrom(older, source);
    if (passedOver.length === 0) throw thrown;
    throw new UserError(`${thrown.message} No snapshot helps: ${passedOver.join('; ')}.`, {
      exitCode: 1,
    });
  }
}

interface Source {
  readonly journalPath: string;
  readonly untilSeq: number;
  readonly passedOver: readonly string[];
}

type Usable = Snapshot & { readonly path: string; readonly engine: EngineState };

/** Verified: the state has the hash that was taken of it when it was folded. */
function usable(file: SnapshotFile): Usable | { readonly bad: string } {
  const snapshot = readSnapshot(file);
  if ('bad' in snapshot) return snapshot;
  const stored = snapshot.state as EngineState; // its hash is compared
  if (stateHashOf(stored) !== snapshot.stateHash) {
    return { bad: 'its state does not match its hash' };
  }
  const attribution = { ...emptyAttribution(), ...stored.attribution };
  const equity = { ...emptyState().equity, ...stored.equity };
  const engine: EngineState = { ...emptyState(), ...stored, attribution, equity };
  for (const [id, venue] of engine.venues) {
    engine.venues.set(id, { ...emptyVenueState(), ...venue });
  }
  if (engine.seq !== snapshot.seq) return { bad: `its state is of record ${engine.seq}` };
  return { ...snapshot, path: file.path, engine };
}

function foldFrom(
  snapshot: Usable | null,
  { journalPath, untilSeq, passedOver }: Source,
): Recovered {
  const state = snapshot?.engine ?? emptyState();
  const snapshotSeq = snapshot?.seq ?? 0;
  const fold = (record: Parameters<typeof evolve>[1]): void => evolve(state, record);
  const tail = readJournal(journalPath, fold, {
    afterSeq: snapshotSeq,
    untilSeq,
    factsOnly: true,
    mayBeNew: true,
  });
  if (tail.lastSeq < snapshotSeq) {
    throw new UserError(
      `${journalPath}: the journal is corrupted: it ends with record ${tail.lastSeq}, but ` +
        `${snapshot?.path} holds the state after record ${snapshotSeq}, which was on the disk ` +
        'before. Nothing may be traded on it: restore the segments that are missing.',
      { exitCode: 1 },
    );
  }
  checkInvariants(state);
  const { records, tornBytes } = tail;
  return { state, records, tornBytes, tail, snapshotSeq, passedOver };
}
