// The live pairs of a state, found again only when they have changed: with their legs by
// instrument, and each leg's quantity as a number. Kept beside the state, never in it: it is not
// journaled or hashed, and can be dropped at any time.
import { assert } from '../base/assert.ts';
import { type Decimal, fromNumber, toNumber, zero } from '../base/decimal.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { Leg, Pair } from '../domain/pair.ts';
import type { EngineState } from './state.ts';

export interface LiveLeg {
  readonly pair: Pair;
  /** The pair's place among the live ones. */
  readonly at: number;
  readonly leg: Leg;
  /** Of its reference price in the attribution. */
  readonly priceKey: string;
  /** What `number` was made from. */
  qty: Decimal;
  number: number;
}

export interface LivePair {
  readonly pair: Pair;
  readonly long: LiveLeg;
  readonly short: LiveLeg;
  /** While a leg moves to another venue. */
  readonly incoming: LiveLeg | null;
  readonly liquidationTimer: string;
  /** What both legs hold, and the number that it was made from. */
  held: Decimal;
  heldNumber: number;
}

export interface LivePairs {
  /** In the order of their creation. */
  readonly pairs: readonly Pair[];
  readonly withLegs: readonly LivePair[];
  readonly legsOf: ReadonlyMap<InstrumentId, readonly LiveLeg[]>;
}

interface Kept {
  live: LivePairs;
  /** Created since then, oldest first. */
  created: Pair[];
  /** Pairs that the state remembers, as far as it was told here. */
  known: number;
}

const kept = new WeakMap<EngineState, Kept>();

export function livePairsOf(state: EngineState): LivePairs {
  const before = kept.get(state);
  if (before === undefined || before.known !== state.pairs.size) {
    const live = read(state.pairs.values());
    kept.set(state, { live, created: [], known: state.pairs.size });
    return live;
  }
  if (before.created.length > 0 || !isCurrent(before.live)) {
    // Closed pairs never live again: of the hundreds that are remembered none has to be looked at.
    before.live = read([...before.live.pairs, ...before.created]);
    before.created = [];
  }
  return before.live;
}

/** To be told of every pair that the state remembers from now on. */
export function noteCreated(state: EngineState, pair: Pair): void {
  const before = kept.get(state);
  if (before === undefined) return;
  before.created.push(pair);
  before.known++;
}

/** To be told of every closed pair that the state remembers no longer. */
export function noteForgotten(state: EngineState): void {
  const before = kept.get(state);
  if (before !== undefined) before.known--;
}

/** That what is kept is what the state says. */
export function checkLive(state: EngineState): void {
  const { pairs } = livePairsOf(state);
  const fresh = read(state.pairs.values()).pairs;
  const isSame = fresh.length === pairs.length && fresh.every((pair, i) => pair === pairs[i]);
  assert(isSame, `${pairs.length} pairs were taken for live, not ${fresh.length}`);
}

/** The legs of live pairs on an instrument, oldest pair first. */
export function liveLegsOn(state: EngineState, id: InstrumentId): readonly LiveLeg[] {
  return livePairsOf(state).legsOf.get(id) ?? none;
}

const none: readonly LiveLeg[] = [];

/** The leg's quantity as a number: converted when it has changed. */
export function qtyOf(live: LiveLeg): number {
  const { qty } = live.leg;
  if (qty !== live.qty) {
    live.qty = qty;
    live.number = toNumber(qty);
  }
  return live.number;
}

/** Base units held on both legs: the smaller of the two, through the text of its number. */
export function heldQtyOf(live: LivePair): Decimal {
  const { units } = live.pair;
  const number =
    units === undefined
      ? Math.min(qtyOf(live.long), -qtyOf(live.short))
      : Math.min(
          qtyOf(live.long) * toNumber(units.long),
          -qtyOf(live.short) * toNumber(units.short),
        );
  if (number !== live.heldNumber) {
    live.heldNumber = number;
    live.held = fromNumber(number);
  }
  return live.held;
}

/** Only closings and rolls have to be looked at. */
function isCurrent({ withLegs }: LivePairs): boolean {
  for (let i = 0; i < withLegs.length; i++) {
    const { pair, long, short, incoming } = withLegs[i] as LivePair;
    if (pair.phase === 'closed') return false;
    // A roll that begins or ends changes which legs there are; one can do both between two looks.
    if (pair.long !== long.leg || pair.short !== short.leg) return false;
    if (pair.incoming !== (incoming === null ? null : incoming.leg)) return false;
  }
  return true;
}

function read(all: Iterable<Pair>): LivePairs {
  const pairs: Pair[] = [];
  const withLegs: LivePair[] = [];
  const legsOf = new Map<InstrumentId, LiveLeg[]>();
  for (const pair of all) {
    if (pair.phase === 'closed') continue;
    const at = pairs.push(pair) - 1;
    const long = liveLeg(pair, pair.long, at);
    const short = liveLeg(pair, pair.short, at);
    const incoming = pair.incoming === null ? null : liveLeg(pair, pair.incoming, at);
    withLegs.push({
      pair,
      long,
      short,
      incoming,
      liquidationTimer: liquidationTimer(pair.id),
      held: zero,
      heldNumber: 0,
    });
    for (const live of incoming === null ? [long, short] : [long, short, incoming]) {
      const others = legsOf.get(live.leg.instrument);
      if (others === undefined) legsOf.set(live.leg.instrument, [live]);
      else others.push(live);
    }
  }
  return { pairs, withLegs, legsOf };
}

function liveLeg(pair: Pair, leg: Leg, at: number): LiveLeg {
  return { pair, at, leg, priceKey: legPriceKey(pair.id, leg.instrument), qty: zero, number: 0 };
}

/** Runs while a pair is known to be near its liquidation; set where marks are judged. */
export function liquidationTimer(pairId: string): string {
  return `liquidation:${pairId}`;
}

export function legPriceKey(pairId: string, instrument: InstrumentId): string {
  return `${pairId}|${instrument}`;
}
