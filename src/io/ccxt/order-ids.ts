// Which order of ours a row of the venue belongs to: by the id that it repeats, by the venue's own
// order id, or by our id anywhere in the raw payload (ccxt's trades carry no client id).
import type { ClientOrderId } from '../../domain/order.ts';
import type { Row } from './api.ts';
import { rowOf, textAt } from './fields.ts';

/** Orders remembered; the engine's own memory of them is shorter. */
export const orderIdsMax = 5_000;

interface Known {
  readonly symbol: string;
  readonly placedVenueMs: number;
  venueOrderId: string | null;
}

export class OrderIds {
  private readonly prefix: string;
  private readonly byClientId = new Map<ClientOrderId, Known>();
  private readonly byVenueId = new Map<string, ClientOrderId>();

  /** `prefix`: what the venue puts in front of our ids. */
  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** Before the send, so that a fill that overtakes the answer finds its order. */
  placed(clientOrderId: ClientOrderId, symbol: string, placedVenueMs: number): void {
    this.byClientId.set(clientOrderId, { symbol, placedVenueMs, venueOrderId: null });
    if (this.byClientId.size <= orderIdsMax) return;
    for (const [oldest, known] of this.byClientId) {
      this.byClientId.delete(oldest);
      this.byVenueId.delete(`${known.symbol} ${known.venueOrderId}`);
      return;
    }
  }

  learn(clientOrderId: ClientOrderId, symbol: string, venueOrderId: string): void {
    if (!this.byClientId.has(clientOrderId)) this.placed(clientOrderId, symbol, 0);
    const known = this.byClientId.get(clientOrderId);
    if (known !== undefined) known.venueOrderId = venueOrderId;
    this.byVenueId.set(`${symbol} ${venueOrderId}`, clientOrderId);
  }

  venueIdOf(clientOrderId: ClientOrderId): string | null {
    return this.byClientId.get(clientOrderId)?.venueOrderId ?? null;
  }

  /** Venue time of the placement; null when it was not placed by this process. */
  placedAt(clientOrderId: ClientOrderId): number | null {
    const placedMs = this.byClientId.get(clientOrderId)?.placedVenueMs ?? 0;
    return placedMs === 0 ? null : placedMs;
  }

  /** Symbols with an order of this process. */
  symbols(): ReadonlySet<string> {
    return new Set([...this.byClientId.values()].map(({ symbol }) => symbol));
  }

  /** Null: not one that we know, or nothing names it. Learns the venue's id where both stand. */
  clientIdOf(row: Row, venueOrderId: string | null): ClientOrderId | null {
    const symbol = textAt(row, 'symbol') ?? '';
    const said = textAt(row, 'clientOrderId');
    const named = said === null ? this.inRaw(row['info']) : this.stripped(said);
    if (named !== null) {
      if (venueOrderId !== null && this.byClientId.has(named)) {
        this.learn(named, symbol, venueOrderId);
      }
      return named;
    }
    return venueOrderId === null ? null : (this.byVenueId.get(`${symbol} ${venueOrderId}`) ?? null);
  }

  private stripped(text: string): string {
    return this.prefix !== '' && text.startsWith(this.prefix)
      ? text.slice(this.prefix.length)
      : text;
  }

  private inRaw(info: unknown): ClientOrderId | null {
    for (const value of Object.values(rowOf(info))) {
      if (typeof value !== 'string') continue;
      const id = this.stripped(value);
      if (this.byClientId.has(id)) return id;
    }
    return null;
  }
}
