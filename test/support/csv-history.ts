// Recorded history as csv files in a directory, as a user has them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hourMs } from '../../src/base/time.ts';

export interface CsvVenue {
  readonly dir: string;
  readonly venue: string;
  readonly symbol: string;
  readonly startMs: number;
  readonly hours: number;
  /** By hour; the price stands through the bar. */
  readonly price: (hour: number) => number;
  readonly rate: (hour: number) => number;
}

/** Hourly perpetual bars, and settlements every 8 hours, 7 ms late as venues stamp them. */
export function writeCsvVenue(spec: CsvVenue): void {
  const { dir, venue, symbol, startMs, hours } = spec;
  const funding = ['venue,symbol,ts_ms,rate,mark_price'];
  const bars = ['venue,market,symbol,interval,ts_ms,open,high,low,close,volume'];
  for (let hour = 0; hour <= hours; hour++) {
    const tsMs = startMs + hour * hourMs;
    if (hour % 8 === 0) funding.push(`${venue},${symbol},${tsMs + 7},${spec.rate(hour)},`);
    const price = spec.price(hour);
    if (hour < hours) {
      bars.push(`${venue},perp,${symbol},1h,${tsMs},${price},${price},${price},${price},1000`);
    }
  }
  writeFileSync(join(dir, `${venue}_${symbol}_funding.csv`), `${funding.join('\n')}\n`);
  writeFileSync(join(dir, `${venue}_${symbol}_bars.csv`), `${bars.join('\n')}\n`);
}
