// The orderly end of a run: no new pairs, close the open ones, then one last snapshot of every
// venue until the books match. Bounded: what is still open after the time given is told in the
// summary.
import type { EngineInput } from '../domain/event.ts';
import { isSettled } from '../domain/order-state.ts';
import type { Clock } from '../domain/ports.ts';
import { reconcileTimer } from '../engine/decide-adoption.ts';
import { type EngineState, livePairs } from '../engine/state.ts';

const pollMs = 40;
/** For the last snapshots, after the closing. */
const reconcileMsMax = 6_000;

export interface WindDownOptions {
  readonly state: EngineState;
  readonly clock: Clock;
  readonly put: (input: EngineInput) => void;
  /** 0 = all that can be closed is closed: venues that are out of reach are not waited for. */
  readonly windDownMs: number;
}

export async function windDown({ state, clock, put, windDownMs }: WindDownOptions): Promise<void> {
  put({ kind: 'operator', command: 'wind-down', by: 'shutdown' });
  const closedBy = clock.wallMs() + windDownMs;
  await until(clock, closedBy, () => livePairs(state).length === 0 && ordersSettled(state));
  const before = new Map([...state.venues].map(([id, venue]) => [id, venue.snapshots]));
  for (const id of state.venues.keys()) put({ kind: 'timer', timer: reconcileTimer(id) });
  await until(clock, clock.wallMs() + reconcileMsMax, () =>
    [...state.venues].every(
      ([id, venue]) =>
        (!venue.restUp && windDownMs === 0) ||
        (venue.snapshots > (before.get(id) ?? 0) && venue.differences.length === 0),
    ),
  );
}

function ordersSettled(state: EngineState): boolean {
  for (const known of state.orders.values()) if (!isSettled(known)) return false;
  return true;
}

async function until(clock: Clock, deadlineMs: number, done: () => boolean): Promise<void> {
  while (!done() && clock.wallMs() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
