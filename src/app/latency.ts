// From the receive time of a frame to the decision and to the order's hand-off, in microseconds.
// One tick is timed at a time: the whole path runs in one synchronous stack.

import type { LatencyView } from '../api/contract.ts';
import { Histogram } from '../base/stats.ts';

/** A mark or a rate also wakes the scan: then the quote is old and nothing is timed. */
const tickAgeMsMax = 50;

export class Latency {
  private readonly decision = new Histogram();
  private readonly order = new Histogram();
  /** Receive time of the tick that is being worked on; NaN = none (timers, account events). */
  private tickMs = Number.NaN;

  /** `receivedMs`: when the instrument's last quote came; older than the age limit = not a tick. */
  tickStarts(receivedMs: number, nowMs: number): void {
    this.tickMs = nowMs - receivedMs <= tickAgeMsMax ? receivedMs : Number.NaN;
  }

  decided(nowMs: number): void {
    if (!Number.isNaN(this.tickMs)) this.decision.record((nowMs - this.tickMs) * 1_000);
    this.tickMs = Number.NaN;
  }

  orderLeft(nowMs: number): void {
    if (!Number.isNaN(this.tickMs)) this.order.record((nowMs - this.tickMs) * 1_000);
  }

  view(): LatencyView {
    return { tickToDecision: quantilesOf(this.decision), tickToOrder: quantilesOf(this.order) };
  }
}

function quantilesOf(histogram: Histogram): { p50: number | null; p99: number | null } {
  if (histogram.count === 0) return { p50: null, p99: null };
  return { p50: rounded(histogram.quantile(0.5)), p99: rounded(histogram.quantile(0.99)) };
}

function rounded(us: number): number {
  return Math.round(us * 10) / 10;
}
