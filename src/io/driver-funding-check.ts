// What the venue settled funding at, from its public history, for contracts that the account has to
// do with: the engine holds it against the bills. Read after the bills of a settlement, slowly, and
// given up without harm: it guards the books, it does not make them.
import { fromNumber } from '../base/decimal.ts';
import { type InstrumentId, isPerp } from '../domain/instrument.ts';
import type { DriverContext } from './driver-types.ts';

const hourMs = 3_600_000;
/** A settlement carries a few milliseconds on some venues. */
const jitterMs = 60_000;

export class FundingCheck {
  private readonly context: DriverContext;
  private readonly instruments = new Set<InstrumentId>();
  /** Settlements whose bills have been read and whose rates have not; epoch ms, venue time. */
  private readonly waiting = new Set<number>();
  private readWallMs = Number.NEGATIVE_INFINITY;
  private reading = false;
  private stopped = false;

  constructor(context: DriverContext) {
    this.context = context;
  }

  /** It was traded or billed. */
  concerns(instrument: InstrumentId): void {
    const known = this.context.catalog.byId(instrument);
    if (known !== undefined && isPerp(known.kind)) this.instruments.add(instrument);
  }

  settled(settledAtMs: number): void {
    this.waiting.add(hourOf(settledAtMs));
    if (this.waiting.size <= this.context.limits.settlementsPendingMax) return;
    for (const oldest of this.waiting) {
      this.waiting.delete(oldest);
      return;
    }
  }

  tick(wallMs: number): void {
    if (this.reading || this.waiting.size === 0 || this.instruments.size === 0) return;
    if (wallMs - this.readWallMs < this.context.limits.fundingCheckGapMs) return;
    this.readWallMs = wallMs;
    void this.read();
  }

  stop(): void {
    this.stopped = true;
  }

  private async read(): Promise<void> {
    this.reading = true;
    const settlements = [...this.waiting];
    this.waiting.clear();
    for (const id of [...this.instruments]) {
      if (this.stopped) break;
      await this.readOne(id, settlements);
    }
    this.reading = false;
  }

  private async readOne(id: InstrumentId, settlements: readonly number[]): Promise<void> {
    const { catalog, rest, spec, venue, log, emit } = this.context;
    const instrument = catalog.byId(id);
    if (instrument === undefined) return;
    const range = {
      fromMs: Math.min(...settlements) - jitterMs,
      toMs: Math.max(...settlements) + jitterMs,
    };
    const result = await rest.read(spec.requests.fundingHistory(instrument, range));
    if (this.stopped) return;
    if (!result.ok) {
      const reason = result.error.message;
      log.warn({ venue, instrument: id, reason }, 'settled rates not read: bills go unchecked');
      return;
    }
    for (const event of result.events) {
      if (event.kind !== 'funding-rate' || !event.settled) continue;
      const { ratePerInterval: rate, settlesAtMs } = event;
      if (rate === null || settlesAtMs === null) continue;
      const settledAtMs = hourOf(settlesAtMs);
      if (!settlements.includes(settledAtMs)) continue;
      const mark = event.mark == null ? null : fromNumber(event.mark);
      const facts = { venue, instrument: id, settledAtMs, rate: fromNumber(rate), mark };
      emit({ kind: 'funding-settled', ...facts });
    }
  }
}

function hourOf(tsMs: number): number {
  return Math.floor((tsMs + jitterMs) / hourMs) * hourMs;
}
