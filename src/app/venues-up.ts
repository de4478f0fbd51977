// Brings the venues up at a boot and keeps trying those that cannot be reached: one dead venue must
// not keep the system from closing what is open on the others. What a retry cannot mend (a refused
// key, a wrong symbol) ends the start, unless all that is wanted is to close.
import { messageOf, UserError } from '../base/errors.ts';
import type { VenueDriver } from '../io/driver-types.ts';

/** After so long the system runs with the venues that it has (wall). */
const settleMsMax = 20_000;
const retryMsDefault = 10_000;

export interface VenuesUpOptions {
  readonly venues: readonly string[];
  /** A new driver of the venue; the one before, if any, has stopped. */
  readonly make: (venue: string) => VenueDriver;
  /** Run on without a venue that refuses us too: for a flatten. */
  readonly onlyToClose: boolean;
  readonly onDown: (venue: string, reason: string) => void;
  /** What ends the run after it began. */
  readonly onRefused: (error: unknown) => void;
  readonly retryMs?: number;
}

export interface VenuesUp {
  /** Stops trying; the drivers are the caller's to stop. */
  stop(): void;
}

/** Resolves when every venue is up or given up for now; rejects when none is, or one refuses. */
export async function bringUp(options: VenuesUpOptions): Promise<VenuesUp> {
  const { venues, make, onlyToClose, onDown, onRefused, retryMs = retryMsDefault } = options;
  const retries = new Set<NodeJS.Timeout>();
  const errors = new Map<string, unknown>();
  let isStopped = false;
  let isSettled = false;
  let upCount = 0;

  const start = async (venue: string): Promise<void> => {
    try {
      await make(venue).start();
      upCount++;
    } catch (thrown) {
      if (isStopped) return;
      errors.set(venue, thrown);
      if (!onlyToClose && isRefusal(thrown)) {
        if (isSettled) onRefused(thrown);
        throw thrown;
      }
      onDown(venue, messageOf(thrown));
      retryLater(venue);
    }
  };
  const retryLater = (venue: string): void => {
    const timer = setTimeout(() => {
      retries.delete(timer);
      if (!isStopped) start(venue).catch(() => undefined); // told by onRefused
    }, retryMs);
    retries.add(timer);
  };
  const stop = (): void => {
    isStopped = true;
    for (const timer of retries) clearTimeout(timer);
  };

  let late: NodeJS.Timeout | undefined;
  try {
    const all = Promise.all(venues.map(start));
    const enough = new Promise<void>((resolve) => {
      late = setTimeout(() => upCount > 0 && resolve(), settleMsMax);
    });
    await Promise.race([all, enough]);
    isSettled = true;
    all.catch(() => undefined); // from here on told by onRefused
    if (upCount === 0) throw [...errors.values()][0];
  } catch (thrown) {
    stop();
    throw thrown;
  } finally {
    clearTimeout(late);
  }
  return { stop };
}

/** Exit code 2: the user's to mend; anything else may pass. */
function isRefusal(thrown: unknown): boolean {
  return !(thrown instanceof UserError) || thrown.exitCode === 2;
}
