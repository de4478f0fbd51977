// What the parts of the protocol share: the exchange under Hyperliquid's names and the little that
// the venue remembers beside it.
import type { SimExchange, SimNow } from '../../sim/api.ts';
import type { TestnetContext, TestnetCredentials } from '../protocol.ts';
import { accountOf } from './account.ts';
import { Nonces } from './auth.ts';
import { Listings } from './listing.ts';
import type { Row } from './rows.ts';
import { WeightWindow } from './weight.ts';

/** A clock fault shifts the venue's clock by this much. */
const clockSkewMs = 30_000;
/** Orders that were refused and yet have a state: the oldest are forgotten first. */
const ghostsMax = 1_000;

/** `{ order, status, statusTimestamp }`. */
export interface OrderState extends Row {
  readonly order: Row;
  readonly status: string;
  readonly statusTimestamp: number;
}

export interface PrivateStream {
  /** Pushes the state of an order that the exchange does not know. */
  pushOrder(state: OrderState): void;
  /** Sends what waits for the end of the present call. */
  flush(): void;
}

export interface HyperliquidState {
  readonly context: TestnetContext;
  readonly exchange: SimExchange;
  readonly account: TestnetCredentials;
  readonly listings: Listings;
  readonly nonces: Nonces;
  readonly weight: WeightWindow;
  /** States of orders that never lived, by cloid or number, oldest first. */
  readonly ghosts: Map<string, OrderState>;
  readonly stream: PrivateStream;
  /** Dead-man switch: epoch ms of wall time; null = off. */
  cancelAllAtMs: number | null;
  now(): SimNow;
  /** Wall time as the venue's clock shows it. */
  clockMs(): number;
  nextId(): number;
}

export function makeState(context: TestnetContext, stream: PrivateStream): HyperliquidState {
  let ids = 900_000_000;
  return {
    context,
    exchange: context.exchange,
    account: accountOf(context.credentials),
    listings: new Listings(context.exchange),
    nonces: new Nonces(),
    weight: new WeightWindow(),
    ghosts: new Map(),
    stream,
    cancelAllAtMs: null,
    now: () => context.now(),
    clockMs: () => context.now().wallMs + (context.fault('clock-skew') ? clockSkewMs : 0),
    nextId: () => ++ids,
  };
}

export function rememberGhost(state: HyperliquidState, name: string, order: OrderState): void {
  state.ghosts.set(name, order);
  if (state.ghosts.size <= ghostsMax) return;
  for (const oldest of state.ghosts.keys()) {
    state.ghosts.delete(oldest);
    return;
  }
}
