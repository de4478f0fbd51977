// What losses are measured from. The coins that lay as margin at the opening are their owner's own
// choice unless the limits say otherwise (`coinMarginShare`): then what they moved since is no loss
// and no profit, so the day's start and the peak move with it.
import type { RiskLimits } from '../domain/verdict.ts';
import type { EngineState } from './state.ts';

export interface LossReferences {
  readonly dayStartUsd: number | null;
  readonly peakUsd: number | null;
}

export function lossReferences(
  { equity, attribution }: EngineState,
  { coinMarginShare }: Pick<RiskLimits, 'coinMarginShare'>,
): LossReferences {
  const { dayStartUsd, peakUsd, peakApartUsd, coinFxDayStartUsd } = equity;
  const coinFx = attribution.openingCoinFxUsd;
  if (coinMarginShare > 0 || dayStartUsd === null || peakApartUsd === null) {
    return { dayStartUsd, peakUsd };
  }
  return { dayStartUsd: dayStartUsd + coinFx - coinFxDayStartUsd, peakUsd: peakApartUsd + coinFx };
}
