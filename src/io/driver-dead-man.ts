// The venue's own dead-man switch, where it has one: while the driver lives the venue is told again
// and again to wait; when it falls silent, the venue cancels what rests. It must never be armed for
// an instrument on which no order of ours was left to rest: the switch cancels other people's
// orders there too (on the whole account at OKX).
import type { Instrument } from '../domain/instrument.ts';
import type { ApprovedOrder } from '../domain/order.ts';
import type { DriverContext } from './driver-types.ts';
import { errorIn, type Turn } from './rest.ts';

/**
 * Per instrument: unarmed -> armed with the first order that can rest (IOC and FOK cannot) -> armed
 * for the rest of the run, refreshed every `deadManRefreshMs` -> off at an orderly stop. A crash, a
 * hang and a lost network leave it armed: that is what it is for.
 */
export class DeadMan {
  private readonly context: DriverContext;
  private readonly armed = new Map<string, Instrument>();
  /** Rested since the last refresh, and not yet armed at the venue. */
  private fresh: Instrument[] = [];
  private dueWallMs = 0;
  private stopped = false;

  constructor(context: DriverContext) {
    this.context = context;
  }

  placed(order: ApprovedOrder): void {
    const { catalog, limits, spec } = this.context;
    const rests = order.timeInForce === 'gtc' || order.timeInForce === 'post-only';
    if (!rests || limits.deadManTimeoutMs === 0 || spec.requests.deadMan === undefined) return;
    const instrument = catalog.byId(order.instrument);
    if (instrument === undefined || this.armed.has(instrument.id)) return;
    this.armed.set(instrument.id, instrument);
    this.fresh.push(instrument);
  }

  tick(wallMs: number): void {
    if (this.stopped || this.armed.size === 0) return;
    const isDue = wallMs >= this.dueWallMs;
    if (!isDue && this.fresh.length === 0) return;
    const instruments = isDue ? [...this.armed.values()] : this.fresh;
    this.fresh = [];
    const { deadManRefreshMs, deadManTimeoutMs } = this.context.limits;
    if (isDue) this.dueWallMs = wallMs + deadManRefreshMs;
    void this.send(instruments, deadManTimeoutMs);
  }

  /** Bounded by one request's time. What still rests then stays: the stop was ordered. */
  async off(): Promise<void> {
    this.stopped = true;
    const instruments = [...this.armed.values()];
    this.armed.clear();
    await this.send(instruments, 0);
  }

  private async send(instruments: readonly Instrument[], timeoutMs: number): Promise<void> {
    const { spec, rest, limits } = this.context;
    const requests = spec.requests.deadMan?.(instruments, { timeoutMs }) ?? [];
    // Ahead of reads: at the venue's limit the switch must not be the first thing to starve.
    const turn: Turn = {
      priority: 'exit',
      lane: 'read',
      timeoutMs: limits.cancelTimeoutMs,
      queueMsMax: limits.urgentQueueMsMax,
    };
    await Promise.all(
      requests.map(async (request) => {
        const reply = await rest.ask(request, turn);
        if (reply.kind !== 'reply') return this.failed(reply.message);
        const error = errorIn(reply.events);
        if (error !== null) this.failed(`${error.venueCode} ${error.message}`);
      }),
    );
  }

  private failed(reason: string): void {
    const { venue, log, limits, clock } = this.context;
    log.warn({ venue, reason }, 'the dead-man switch was not set');
    this.dueWallMs = Math.min(this.dueWallMs, clock.wallMs() + limits.deadManRetryMs);
  }
}
