// What befalls single requests as they arrive, beside all else: the depth is gone before an order
// does, nothing is heard of one, its sender dies at that moment. Together they are orders that
// nobody knows of and that have expired, or that rest although their cancel had left.
import type { Prng } from '../base/prng.ts';
import type { VenueEffect } from '../domain/event.ts';
import type { ClientOrderId } from '../domain/order.ts';
import type { SimEvent, SimNow } from './api.ts';
import type { FaultableExchange } from './exchange.ts';
import type { FaultKind, FaultMoment, PlacementFault } from './faults.ts';

/** Nothing is heard of such an order for so long: more than a driver waits for an answer. */
const unheardMs = 2_500;
/** Of the depths that are taken, this share is taken whole. */
const wholeShare = 0.5;
/** Likewise, of those that meet an order whose sender is about to die: there are few of them. */
const fatalShare = 0.5;
/** Of the deaths, so many come with a placement, the others with the cancel of a silent order. */
const placementShare = 0.4;

/** What a request that meets its venue means for its sender. */
export type Fate = 'nothing' | 'silence' | 'death';

export interface PlacementStrikesOptions {
  readonly exchange: FaultableExchange;
  readonly kinds: ReadonlySet<FaultKind>;
  /** Of its own: what it draws changes nothing else. */
  readonly prng: Prng;
  /** Zero while it cannot strike. */
  readonly probabilityOf: (kind: PlacementFault) => number;
  readonly onStrike: (kind: PlacementFault) => void;
}

export class PlacementStrikes {
  private readonly options: PlacementStrikesOptions;
  private readonly unheardUntilMs = new Map<ClientOrderId, number>();

  constructor(options: PlacementStrikesOptions) {
    this.options = options;
  }

  /** Right before a request arrives. True = nothing will be heard of the order. */
  strike(effect: VenueEffect, fate: Fate, now: SimNow): boolean {
    if (effect.kind !== 'place-order') return false;
    const { clientOrderId, instrument, side } = effect.order;
    const { exchange, kinds, prng, probabilityOf, onStrike } = this.options;
    const isUnheard = prng.chance(probabilityOf('order-unheard')) || fate === 'silence';
    if (isUnheard) {
      this.unheardUntilMs.set(clientOrderId, now.wallMs + unheardMs);
      onStrike('order-unheard');
    }
    const isLikely = fate !== 'nothing' && kinds.has('depth-taken');
    if (!prng.chance(isLikely ? fatalShare : probabilityOf('depth-taken'))) return isUnheard;
    const share = isLikely || prng.chance(wholeShare) ? 1 : prng.float();
    if (exchange.takeDepth(instrument, { side, share }, now)) onStrike('depth-taken');
    return isUnheard;
  }

  /** Whether an event is of an order that nothing is heard of at this time. */
  isMute(event: SimEvent, wallMs: number): boolean {
    if (event.kind !== 'order' && event.kind !== 'fill') return false;
    return wallMs < (this.unheardUntilMs.get(event.order.clientOrderId) ?? 0);
  }
}

/**
 * The process dies as one of its requests meets a venue, and never hears what became of it: an
 * order, or the cancel of one of which nothing was heard.
 */
export class FatalArrival {
  private readonly onDeath: (moment: FaultMoment) => void;
  private armed: FaultMoment | null = null;
  private silent: ClientOrderId | null = null;

  constructor(onDeath: (moment: FaultMoment) => void) {
    this.onDeath = onDeath;
  }

  arm(moment: FaultMoment): void {
    this.armed = moment;
    this.silent = null;
  }

  disarm(): void {
    this.armed = null;
  }

  /** Asked once for every request that arrives while its sender lives. */
  fateOf(effect: VenueEffect): Fate {
    if (this.armed === null) return 'nothing';
    if (effect.kind === 'place-order') {
      if (this.armed.value < placementShare) return 'death';
      if (this.silent !== null) return 'nothing';
      this.silent = effect.order.clientOrderId;
      return 'silence';
    }
    const isIts = effect.kind === 'cancel-order' && effect.clientOrderId === this.silent;
    return isIts ? 'death' : 'nothing';
  }

  strike(): void {
    const { armed } = this;
    this.armed = null;
    if (armed !== null) this.onDeath(armed);
  }
}
