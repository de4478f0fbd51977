// When entries are rehearsed: so many once the first pair is quoted, in short slices between which
// everything else has its turn; then, where it is asked for, one every so often while quotes come.
// A rehearsal that fails ends them all and harms nothing else.
import { messageOf } from '../base/errors.ts';
import type { PairKey } from '../domain/view.ts';
import type { DriverLog } from '../io/driver-types.ts';
import { Rehearsal, type RehearsalOptions } from './rehearsal.ts';

export interface RehearsalPlan {
  /** Entries that are rehearsed at the start; 0 = none. */
  readonly atStart: number;
  /** From one to the next after that (wall); 0 = none. */
  readonly everyMs: number;
}

export interface Rehearsals {
  readonly entries: number;
  stop(): void;
}

const sliceEveryMs = 20;
/** A slice ends with the entry that passes this. */
const sliceMs = 3;
/** Candidates are asked for again after this, while none of them is quoted. */
const askAgainMs = 1_000;
const candidatesMax = 5;

export function startRehearsals(
  plan: RehearsalPlan,
  options: Omit<RehearsalOptions, 'pairs'> & {
    /** Pairs that are quoted, best first. */
    readonly best: (count: number) => readonly { readonly pair: PairKey }[];
    /** Quotes that were looked at so far. */
    readonly looks: () => number;
    readonly log: DriverLog;
  },
): Rehearsals {
  const { best, looks, log } = options;
  let pairs: readonly PairKey[] = [];
  let askedMs = Number.NEGATIVE_INFINITY;
  const rehearsal = new Rehearsal({ ...options, pairs: () => pairs });
  let entries = 0;
  let tookMs = 0;
  let timer: NodeJS.Timeout | null = null;

  const stop = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  /** False = there was nothing to rehearse on. */
  const once = (): boolean => {
    if (rehearsal.once() > 0) {
      entries++;
      return true;
    }
    const nowMs = performance.now();
    if (nowMs - askedMs >= askAgainMs) {
      askedMs = nowMs;
      pairs = best(candidatesMax).map(({ pair }) => pair);
    }
    return false;
  };
  const guarded = (work: () => void): (() => void) => {
    return () => {
      try {
        work();
      } catch (thrown) {
        stop();
        log.warn({ reason: messageOf(thrown) }, 'entries are not rehearsed any more');
      }
    };
  };
  const slice = guarded(() => {
    const startedMs = performance.now();
    while (entries < plan.atStart && once()) {
      if (performance.now() - startedMs > sliceMs) break;
    }
    tookMs += performance.now() - startedMs;
    if (entries < plan.atStart) return;
    stop();
    if (entries > 0) log.debug({ entries, ms: Math.round(tookMs) }, 'entries were rehearsed');
    let looked = looks();
    const again = guarded(() => {
      if (looks() !== looked) once();
      looked = looks();
    });
    if (plan.everyMs > 0) timer = setInterval(again, plan.everyMs);
  });
  if (plan.atStart > 0 || plan.everyMs > 0) timer = setInterval(slice, sliceEveryMs);
  return {
    get entries() {
      return entries;
    },
    stop,
  };
}
