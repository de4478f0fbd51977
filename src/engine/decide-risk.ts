// Limits that are judged at every marks record: of the whole account, where a breach stops opening,
// never closing, and of each leg's distance to its liquidation, which closes its pair.
import { type Decision, setTimer } from './decision.ts';
import { mayBeNear, nearLiquidation } from './liquidation.ts';
import { liquidationTimer } from './live.ts';
import { lossReferences } from './loss-references.ts';
import { livePairs } from './state.ts';

/** A leg that stays near its liquidation is told again after this (wall). */
const toldAgainMs = 60_000;

export function decideLimits(decision: Decision): void {
  tellNearLiquidation(decision);
  decideAccountLimits(decision);
}

/** The pair itself is closed when it is next looked at: that record has its quotes. */
function tellNearLiquidation(decision: Decision): void {
  const { state, policy, effects } = decision;
  const { liquidationDistanceMin } = policy.limits;
  if (!mayBeNear(state, liquidationDistanceMin)) return;
  for (const pair of livePairs(state)) {
    const near = nearLiquidation(state, pair, liquidationDistanceMin);
    const timer = liquidationTimer(pair.id);
    if (near === null || state.timers.has(timer)) continue;
    const distance = `${(near.distance * 100).toFixed(2)}%`;
    const message = `${near.instrument} of ${pair.id} is ${distance} from its liquidation`;
    effects.push({ kind: 'alert', severity: 'critical', code: 'liquidation-near', message });
    setTimer(decision, timer, state.wallMs + toldAgainMs);
  }
}

function decideAccountLimits(decision: Decision): void {
  const { state, policy, effects } = decision;
  const { lastUsd } = state.equity;
  const { dayStartUsd, peakUsd } = lossReferences(state, policy.limits);
  if (state.mode !== 'running' || lastUsd === null || dayStartUsd === null || peakUsd === null) {
    return;
  }
  const lossUsd = dayStartUsd - lastUsd;
  const drawdown = peakUsd > 0 ? 1 - lastUsd / peakUsd : 0;
  const { dailyLossUsdMax, drawdownMax } = policy.limits;
  let reason: string | null = null;
  if (lossUsd > dailyLossUsdMax) {
    reason = `daily loss ${lossUsd.toFixed(2)} USD passes the limit ${dailyLossUsdMax}`;
  } else if (drawdown > drawdownMax) {
    reason = `drawdown ${(drawdown * 100).toFixed(2)}% passes the limit ${drawdownMax * 100}%`;
  }
  if (reason === null) return;
  effects.push({ kind: 'mode-changed', mode: 'reduce-only', reason, by: 'risk' });
  effects.push({ kind: 'alert', severity: 'critical', code: 'limit-breached', message: reason });
}
