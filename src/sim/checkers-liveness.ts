// What must have become of everything once the faults are over: every order has ended, every pair
// is balanced or closed, our positions and our cash are the venues' to the last digit, and nothing
// that was restricted stays so.
import { formatDecimal } from '../base/decimal.ts';
import { legsOf } from '../domain/pair.ts';
import type { EngineState } from '../engine/state.ts';
import { check } from './checkers.ts';
import { magnitude } from './checkers-book.ts';
import type { FaultableExchange } from './exchange.ts';
import type { SimProcess } from './simulator-process.ts';

const atRestPhases = new Set(['open', 'closed', 'closing', 'opening', 'rolling', 'rebalancing']);

/** Some time after healing, while trading goes on. */
export function checkAtRest({ state }: SimProcess, exchanges: readonly FaultableExchange[]): void {
  for (const pair of state.pairs.values()) {
    const ageMs = pair.nakedSinceWallMs === null ? 0 : state.wallMs - pair.nakedSinceWallMs;
    const calm = atRestPhases.has(pair.phase) || ageMs < 5_000;
    check(calm, 'live-pairs', `pair ${pair.id} is ${pair.phase}, naked for ${ageMs} ms`);
  }
  for (const [venue, { restrictedBy, reconciled }] of state.venues) {
    const why = restrictedBy.join('; ');
    check(why === '', 'live-restrictions', `${venue} is still restricted: ${why}`);
    check(reconciled, 'live-restrictions', `${venue} is not reconciled`);
  }
  check(state.mode === 'running', 'live-restrictions', `still ${state.mode}: ${state.modeReason}`);
  check(state.storesDown.size === 0, 'live-restrictions', 'a store still counts as down');
  for (const exchange of exchanges) checkMinded(state, exchange);
}

/** At the very end: closed, and equal to the venues. */
export function checkReconciled(state: EngineState, exchanges: readonly FaultableExchange[]): void {
  for (const [id, { order, status, filledQty, reportedFilledQty }] of state.orders) {
    const ended = status !== 'pending' && status !== 'open' && status !== 'unknown';
    const settled = ended && status !== 'cancel-pending' && filledQty >= reportedFilledQty;
    check(settled, 'live-orders', `order ${id} on ${order.instrument} is ${status} at the end`);
  }
  for (const pair of state.pairs.values()) {
    const legs = `long ${formatDecimal(pair.long.qty)}, short ${formatDecimal(pair.short.qty)}`;
    check(pair.phase === 'closed', 'live-pairs', `pair ${pair.id} is still ${pair.phase}: ${legs}`);
  }
  for (const exchange of exchanges) {
    checkNothingOpen(exchange);
    checkPositions(state, exchange);
    checkCash(state, exchange);
  }
}

/** What rests is the order that a live pair waits for. */
function checkMinded(state: EngineState, exchange: FaultableExchange): void {
  const waited = new Set(
    [...state.pairs.values()].flatMap((pair) =>
      legsOf(pair).map(({ workingOrderId }) => workingOrderId),
    ),
  );
  for (const { clientOrderId } of exchange.openOrders(null)) {
    const message = `${exchange.venue} holds order ${clientOrderId} that no pair waits for`;
    check(waited.has(clientOrderId), 'live-orders', message);
  }
}

function checkNothingOpen(exchange: FaultableExchange): void {
  const [open] = exchange.openOrders(null);
  check(
    open === undefined,
    'live-orders',
    `${exchange.venue} still holds order ${open?.clientOrderId ?? ''}`,
  );
}

function checkPositions(state: EngineState, exchange: FaultableExchange): void {
  for (const { instrument } of exchange.instruments()) {
    if (instrument.kind === 'spot') continue;
    const theirs = exchange.position(instrument.id).qty;
    const ours = state.positions.get(instrument.id)?.qty ?? (0n as typeof theirs);
    const figures = `ours ${formatDecimal(ours)}, theirs ${formatDecimal(theirs)}`;
    const message = `${instrument.id}: ${figures}`;
    check(ours === theirs, 'live-positions', message);
  }
}

function checkCash(state: EngineState, exchange: FaultableExchange): void {
  for (const { wallet, asset, total } of exchange.balances()) {
    const key = `cash/${exchange.venue}/${wallet}|${asset}`;
    const ours = state.ledger.balances.get(key) ?? (0n as typeof total);
    const message = `${key}: ours ${formatDecimal(ours)}, theirs ${formatDecimal(total)}`;
    check(magnitude(ours - total) === 0n, 'live-cash', message);
  }
}
