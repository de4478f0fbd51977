// Crash points for the recovery tests: FARB_FAILPOINT=<pair phase>/<moment> kills this process with
// SIGKILL when a pair enters the phase. Moments: before-append (nothing written), after-append
// (written, nothing sent), after-send (the bytes left). Never set outside a test.
import { UserError } from '../base/errors.ts';
import type { JournalRecord } from '../domain/event.ts';

const phases = ['opening', 'mending', 'open', 'closing', 'unwinding', 'closed'] as const;
const moments = ['before-append', 'after-append', 'after-send'] as const;
/** Time for the request's bytes to leave the process. */
const sendMs = 20;

export interface Failpoint {
  beforeAppend(record: JournalRecord): void;
  /** The whole decision is in the journal; none of it has left. */
  afterAppend(): void;
  afterSend(): void;
}

export function parseFailpoint(text: string | undefined): Failpoint | null {
  if (text === undefined || text === '') return null;
  const [phase = '', moment = ''] = text.split('/');
  const known = phases.some((item) => item === phase) && moments.some((item) => item === moment);
  if (!known) {
    throw new UserError(
      `FARB_FAILPOINT=${text}: write ${phases.join('|')} / ${moments.join('|')}, or unset it.`,
    );
  }
  let reached = false;
  return {
    beforeAppend(record) {
      if (!enters(record, phase)) return;
      reached = true;
      if (moment === 'before-append') die();
    },
    afterAppend() {
      if (reached && moment === 'after-append') die();
    },
    afterSend() {
      if (reached && moment === 'after-send') setTimeout(die, sendMs);
    },
  };
}

function enters(record: JournalRecord, phase: string): boolean {
  if (!('effect' in record)) return false;
  const { effect } = record;
  if (effect.kind === 'pair-created') return phase === 'opening';
  return effect.kind === 'pair-moved' && effect.phase === phase;
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
