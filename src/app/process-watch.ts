// How the process itself fares: how late the event loop is, and what garbage collection takes from
// it. Both delay an order like a slow venue does, and neither shows in a trace of our own code.
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import type { ProcessView } from '../api/contract.ts';

/** How often the loop's delay is sampled: each costs a wake-up. */
const sampleEveryMs = 20;

export interface ProcessWatch {
  view(): ProcessView;
  stop(): void;
}

export function watchProcess(): ProcessWatch {
  const delay = monitorEventLoopDelay({ resolution: sampleEveryMs });
  delay.enable();
  const pauses = { count: 0, totalMs: 0, maxMs: 0 };
  const collections = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      pauses.count++;
      pauses.totalMs += duration;
      pauses.maxMs = Math.max(pauses.maxMs, duration);
    }
  });
  collections.observe({ entryTypes: ['gc'] });
  return {
    view() {
      // A sample is the time between two wake-ups: what is beyond the wanted pause is delay.
      const late = (ns: number): number | null =>
        delay.count === 0 ? null : Math.max(0, ns / 1e6 - sampleEveryMs);
      return {
        eventLoopDelayMs: {
          p50: late(delay.percentile(50)),
          p99: late(delay.percentile(99)),
          max: late(delay.max),
        },
        gcPauses: { ...pauses },
      };
    },
    stop() {
      delay.disable();
      collections.disconnect();
    },
  };
}
