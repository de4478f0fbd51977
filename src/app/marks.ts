// The regular looks of a run at its market: marks for the books, and every pair once more.
import type { MarksSeen } from '../domain/event.ts';
import type { Catalog } from '../domain/instrument.ts';
import { cashOf } from '../domain/ledger.ts';
import { type MarketTable, slot } from '../domain/market-table.ts';
import type { Clock } from '../domain/ports.ts';
import { type EngineState, livePairs } from '../engine/state.ts';

/** Wall time between two marks records, and between two scans of all pairs. */
export const marksEveryMs = 500;
export const scanEveryMs = 1_000;

/** Marks of what is held or priced: positions, live pairs, and what prices coins in the wallets. */
export function marksOf(
  state: EngineState,
  catalog: Catalog,
  table: MarketTable,
  clock: Clock,
): MarksSeen {
  const ids = new Set<string>(state.positions.keys());
  for (const pair of livePairs(state)) ids.add(pair.long.instrument).add(pair.short.instrument);
  const coins = new Set(
    cashOf(state.ledger)
      .filter((row) => row.amount !== 0n)
      .map((row) => row.asset),
  );
  for (const id of state.attribution.unowned.keys()) ids.add(id);
  const marks = [];
  for (const [index, instrument] of catalog.all().entries()) {
    const isCoin = instrument.kind !== 'linear-perp' && coins.has(instrument.base);
    if (!ids.has(instrument.id) && !isCoin) continue;
    const bid = table.get(index, slot.bid);
    const ask = table.get(index, slot.ask);
    const mark = table.get(index, slot.mark);
    const price = instrument.kind === 'spot' ? (bid + ask) / 2 : mark;
    if (!(price > 0)) continue;
    const seenMs = table.get(
      index,
      instrument.kind === 'spot' ? slot.quoteWallMs : slot.markWallMs,
    );
    marks.push({ instrument: instrument.id, price, ageMs: clock.wallMs() - seenMs });
  }
  return { kind: 'marks', marks };
}
