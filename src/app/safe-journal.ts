// The journal of a boot that is only to close. When the directory's own cannot be read, closing
// must not wait for it: the boot gets a new one, and the engine takes over what the venues hold.
// The old one is left as it is, and no boot that could open anything ever comes by here.
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { DriverLog } from '../io/driver-types.ts';
import type { StateDir } from '../store/state-dir.ts';
import { recover } from './recover.ts';

export function withJournalToClose(stateDir: StateDir, log: DriverLog): StateDir {
  try {
    recover(stateDir.journalPath);
    return stateDir;
  } catch (thrown) {
    const journalPath = join(stateDir.path, `closing-${stateDir.epoch}`);
    log.error(
      { reason: messageOf(thrown), journal: journalPath },
      'the journal cannot be read: closing what the venues themselves say is held',
    );
    return { ...stateDir, journalPath, fromVenuesAlone: true };
  }
}
