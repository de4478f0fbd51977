// A simulated exchange behind the engine's `VenuePort`, in virtual time: what a driver and a venue
// do over sockets, without either. Answers come back as events after a latency; nothing is ever
// returned.
import type { DriverEvent, VenueEffect } from '../domain/event.ts';
import type { VenuePort } from '../domain/ports.ts';
import type { SimExchange, SimNow } from './api.ts';
import { answerTo, eventOf, refusedPlacement, unansweredOf } from './venue-answers.ts';

export interface SimPortOptions {
  readonly exchange: SimExchange;
  readonly now: () => SimNow;
  /** Runs the action after a wall delay in virtual time. */
  readonly after: (delayMs: number, action: () => void) => void;
  /** One way, wall ms. */
  readonly latencyMs: () => number;
  readonly emit: (event: DriverEvent) => void;
  /** What goes wrong with this effect; null = nothing. Absent = nothing ever does. */
  readonly disturb?: (effect: VenueEffect) => Disturbance | null;
}

/**
 * request-lost: it never arrives. answer-lost: it arrives and its answer does not, the stream
 * tells. silent: neither the answer nor the stream tells. rejected: the venue refuses. The driver's
 * report of a lost answer is `unknown`, after its timeout.
 */
export type Disturbance = 'request-lost' | 'answer-lost' | 'silent' | 'rejected';

/** How long the driver waits for an answer that does not come. */
const timeoutMs = 1_000;

export function createSimPort(options: SimPortOptions): VenuePort {
  const { exchange, after, latencyMs, now, emit } = options;
  let silent = false;
  exchange.onEvent((event) => {
    if (silent) return;
    const said = eventOf(exchange, event);
    if (said !== null) after(latencyMs(), () => emit(said));
  });
  return {
    venue: exchange.venue,
    act(effect) {
      const wrong = options.disturb?.(effect) ?? null;
      if (wrong === 'rejected' && effect.kind === 'place-order') {
        const refused = refusedPlacement(exchange, effect.order, disturbed);
        after(2 * latencyMs(), () => emit(refused));
        return;
      }
      if (wrong === 'rejected' || wrong === 'request-lost') {
        after(timeoutMs, () => emit(unansweredOf(exchange, effect, wrong)));
        return;
      }
      after(latencyMs(), () => {
        silent = wrong === 'silent';
        const said = answerTo(exchange, effect, now());
        silent = false;
        if (wrong === null) after(latencyMs(), () => emit(said));
        else after(timeoutMs, () => emit(unansweredOf(exchange, effect, wrong)));
      });
    },
  };
}

const disturbed = {
  venueCode: 'insufficient-funds',
  code: 'REJECTED',
  reaction: 'funds',
  message: 'disturbed',
} as const;
