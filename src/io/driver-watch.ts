// Finds what looks alive and is not: quotes that stopped changing are compared with the venue's own
// REST quote. Equal = a quiet market, and the quote is fresh again; different = the channel is
// dead.
import { slot } from '../domain/market-table.ts';
import type { Market } from './driver-market.ts';
import type { DriverContext, Feeder } from './driver-types.ts';

export class Watch {
  private readonly context: DriverContext;
  private readonly market: Market;
  private auditWallMs: number;
  private auditing = false;
  private stopped = false;

  constructor(context: DriverContext, market: Market) {
    this.context = context;
    this.market = market;
    this.auditWallMs = context.clock.wallMs();
  }

  tick(wallMs: number): void {
    const { quoteAuditEveryMs } = this.context.limits;
    if (this.auditing || wallMs - this.auditWallMs < quoteAuditEveryMs) return;
    this.auditWallMs = wallMs;
    const stale = this.context.instruments.filter((instrument) => {
      const index = this.context.catalog.indexOf(instrument.id);
      const ageMs = wallMs - this.context.table.get(index, slot.quoteWallMs);
      return !(ageMs <= this.context.limits.quoteAuditAgeMs);
    });
    if (stale.length > 0) void this.audit(stale.map(({ id }) => this.context.catalog.indexOf(id)));
  }

  stop(): void {
    this.stopped = true;
  }

  private async audit(indexes: readonly number[]): Promise<void> {
    const { catalog, table, rest, spec, clock } = this.context;
    this.auditing = true;
    const before = new Map(indexes.map((i) => [i, table.get(i, slot.quoteWallMs)] as const));
    const result = await rest.readAll(spec.requests.quotes(indexes.map((i) => catalog.at(i))));
    this.auditing = false;
    if (!result.ok || this.stopped) return;
    const dead = new Set<Feeder>();
    for (const event of result.events) {
      if (event.kind !== 'quote' || event.instrument === null) continue;
      const index = catalog.indexOf(event.instrument);
      const seenMs = before.get(index);
      if (seenMs === undefined) continue;
      // The stream spoke meanwhile: it is alive.
      if (!Object.is(table.get(index, slot.quoteWallMs), seenMs)) continue;
      const stream = this.market.streamOf(index);
      if (this.market.differs(index, event)) {
        this.market.invalidate(index);
        if (stream !== undefined) dead.add(stream);
      } else if (stream?.isUp === true) {
        this.market.auditedQuote(index, event, clock.wallMs());
      }
    }
    for (const stream of dead) stream.reconnect("its quotes differ from the venue's REST quotes");
  }
}
