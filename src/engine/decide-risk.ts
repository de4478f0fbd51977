// Limits on the whole account, judged at every marks record: a breach stops opening, never closing.
import type { Decision } from './decision.ts';
import { lossReferences } from './loss-references.ts';

export function decideLimits(decision: Decision): void {
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
