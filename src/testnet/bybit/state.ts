// What the parts of the protocol share: the exchange under Bybit's names and the little that Bybit
// remembers beside it.
import type { SimExchange, SimNow } from '../../sim/api.ts';
import type { TestnetContext } from '../protocol.ts';
import { Limits } from './limits.ts';
import { Listings } from './listing.ts';
import { OrderNames } from './order-names.ts';
import type { Row } from './rows.ts';

/** A clock fault shifts the venue's clock by this much. */
const clockSkewMs = 30_000;
/** Orders of the fault `ack-then-reject` that are remembered. */
const ghostsMax = 100;

export interface PrivateStream {
  /** Pushes a row of the topic `order` that the exchange knows nothing of. */
  pushOrder(row: Row): void;
  /** Sends what waits for the end of the present call. */
  flush(): void;
}

export interface BybitState {
  readonly context: TestnetContext;
  readonly exchange: SimExchange;
  readonly listings: Listings;
  readonly names: OrderNames;
  readonly limits: Limits;
  /** Orders that were acknowledged and never lived (fault `ack-then-reject`), newest last. */
  readonly ghosts: Row[];
  readonly stream: PrivateStream;
  /** While true, events of the exchange are not told: an amendment is at work. */
  muted: boolean;
  now(): SimNow;
  /** Wall time as the venue's clock shows it. */
  clockMs(): number;
  nextId(): string;
}

export function makeState(context: TestnetContext, stream: PrivateStream): BybitState {
  const { exchange } = context;
  let ids = 0;
  return {
    context,
    exchange,
    listings: new Listings(exchange),
    names: new OrderNames(exchange),
    limits: new Limits(),
    ghosts: [],
    stream,
    muted: false,
    now: () => context.now(),
    clockMs: () => context.now().wallMs + (context.fault('clock-skew') ? clockSkewMs : 0),
    nextId: () => String(++ids),
  };
}

export function rememberGhost(state: BybitState, row: Row): void {
  state.ghosts.push(row);
  if (state.ghosts.length > ghostsMax) state.ghosts.shift();
}
