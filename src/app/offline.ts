// A word of the operator into the journal of a system that is not running. The caller holds the
// lock of the state directory.
import type { Command } from '../api/contract.ts';
import type { EngineEvent } from '../domain/event.ts';
import type { Clock } from '../domain/ports.ts';
import { evolve } from '../engine/evolve.ts';
import type { EngineState } from '../engine/state.ts';
import { openJournal } from '../store/journal.ts';
import type { StateDir } from '../store/state-dir.ts';
import { recover } from './recover.ts';

export interface OfflineCommand {
  readonly stateDir: StateDir;
  /**
   * Only its wall time is read: venue time belongs to the venues, and a testnet's may be years from
   * ours. A record with our time in it would stop the engine's venue clock until then.
   */
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly command: Command;
  readonly by: string;
}

/** Appends the record, synced; returns the state after it. */
export function putOffline({ stateDir, clock, command, by }: OfflineCommand): EngineState {
  const { state, tail } = recover(stateDir.journalPath);
  const event: EngineEvent = {
    seq: state.seq + 1,
    tsMs: state.tsMs,
    wallMs: Math.max(state.wallMs, clock.wallMs()),
    input: { kind: 'operator', command, by },
    legs: [],
  };
  const journal = openJournal({
    path: stateDir.journalPath,
    tail,
    durability: 'disk',
    onError: () => undefined, // every commit here is a synchronous one
  });
  journal.append(event);
  journal.commit();
  journal.close();
  evolve(state, event);
  return state;
}
