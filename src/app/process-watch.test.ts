import { expect, it } from 'vitest';
import { watchProcess } from './process-watch.ts';

/** A wait for the process, not of a length that is asserted on. */
const turn = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it('sees a blocked event loop and the pauses of garbage collection', async () => {
  const watch = watchProcess();
  try {
    await turn(60); // the first sample has to be on its way
    const until = performance.now() + 200;
    let kept: object[] = [];
    while (performance.now() < until) {
      kept = Array.from({ length: 50_000 }, (_, i) => ({ i, kept }));
    }
    for (let i = 0; i < 100 && (watch.view().eventLoopDelayMs.max ?? 0) < 100; i++) await turn(20);
    const { eventLoopDelayMs, gcPauses } = watch.view();
    expect(eventLoopDelayMs.max).toBeGreaterThan(100);
    expect(eventLoopDelayMs.p50).toBeLessThanOrEqual(eventLoopDelayMs.max ?? 0);
    expect(gcPauses.count).toBeGreaterThan(0);
    expect(gcPauses.totalMs).toBeGreaterThanOrEqual(gcPauses.maxMs);
    expect(gcPauses.maxMs).toBeGreaterThan(0);
  } finally {
    watch.stop();
  }
});
