// Whether one leg should move to another venue while the other one stays: iff
//   E[best later exit there] - max(0, E[best later exit here]) - cost of the swap
//     - what closing costs more there than here > the margin.
// The swap is two taker fills, from the mids; the held leg pays nothing, which is what makes a roll
// cheaper than closing and opening anew. All per unit of leg notional.

import { executable, midOf } from '../domain/executable.ts';
import type { LegName } from '../domain/pair.ts';
import type { LegView, PairView } from '../domain/view.ts';
import { basisMidOf } from './costs.ts';
import { bestLaterExit, mayDecide } from './exit.ts';
import type { StrategyParams } from './params.ts';

export interface RollDecision {
  readonly roll: boolean;
  /** What moving is expected to earn beyond staying, after all its costs. */
  readonly gain: number;
  readonly swapCost: number;
}

/** A pair as it is held, and as it would be with one leg elsewhere. */
export interface RollViews {
  readonly held: PairView;
  readonly offered: PairView;
  /** The leg that would move. */
  readonly leg: LegName;
}

export function carryRoll(views: RollViews, qty: number, params: StrategyParams): RollDecision {
  const { held, offered, leg } = views;
  const none = { roll: false, gain: 0, swapCost: 0 };
  if (!(qty > 0) || !mayDecide(held, params) || !mayDecide(offered, params)) return none;
  const leaving = leg === 'long' ? held.longLeg : held.shortLeg;
  const incoming = leg === 'long' ? offered.longLeg : offered.shortLeg;
  const opens = leg === 'long' ? 'buy' : 'sell';
  const closes = leg === 'long' ? 'sell' : 'buy';
  const slip = (view: LegView, side: 'buy' | 'sell'): number => {
    const { vwap } = executable(view, { side, qty, slippageMax: params.slippageMax });
    const mid = midOf(view);
    return Math.abs(vwap - mid) / mid;
  };
  const closeHere = leaving.feeRateTaker + slip(leaving, closes);
  const closeThere = incoming.feeRateTaker + slip(incoming, closes);
  const swapCost = closeHere + incoming.feeRateTaker + slip(incoming, opens);
  const stay = bestLaterExit(held, basisMidOf(held), params).value;
  const move = bestLaterExit(offered, basisMidOf(offered), params).value;
  const gain = move - Math.max(0, stay) - swapCost - (closeThere - closeHere);
  return { roll: gain > params.betterUseMargin, gain, swapCost };
}
