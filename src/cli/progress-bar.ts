// A progress bar on a terminal's stderr: share done, rate, time left. Silent everywhere else.
import { formatDuration } from '../base/time.ts';

const width = 24;
/** Least time between two drawings. */
const everyMs = 100;

export interface ProgressBar {
  update(done: number, total: number): void;
  /** Takes the bar off the screen. */
  clear(): void;
}

/** `unit` is what is counted: "bars", "runs". */
export function progressBar(unit: string): ProgressBar {
  if (process.stderr.isTTY !== true) return { update: () => undefined, clear: () => undefined };
  const startedMs = performance.now();
  let drawnMs = Number.NEGATIVE_INFINITY;
  return {
    update(done, total) {
      const nowMs = performance.now();
      if (nowMs - drawnMs < everyMs && done < total) return;
      drawnMs = nowMs;
      process.stderr.write(`\r\x1b[K${progressLine({ done, total, unit }, nowMs - startedMs)}`);
    },
    clear: () => void process.stderr.write('\r\x1b[K'),
  };
}

export function progressLine(
  { done, total, unit }: { readonly done: number; readonly total: number; readonly unit: string },
  elapsedMs: number,
): string {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const filled = Math.round(share * width);
  const bar = '#'.repeat(filled) + '.'.repeat(width - filled);
  const perSecond = elapsedMs > 0 ? done / (elapsedMs / 1_000) : 0;
  const left = perSecond > 0 ? formatDuration(((total - done) / perSecond) * 1_000) : '?';
  const rate = perSecond >= 10 ? Math.round(perSecond) : Math.round(perSecond * 10) / 10;
  const counts = `${Math.round(share * 100)}% ${done}/${total} ${unit}`;
  return `[${bar}] ${counts}, ${rate} a second, ${left} left`;
}
