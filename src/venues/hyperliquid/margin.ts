// Margin tables of Hyperliquid's meta. A tier begins at a notional in dollars and names its highest
// leverage alone: the maintenance rate is half of the initial margin at that leverage, and the
// deduction makes margin continuous. An id below 50 names a table of one tier, the id is the
// leverage. Source: the documentation's pages "Margining" and "Margin tiers".
import { decimal, fromNumber, one, over, times, zero } from '../../base/decimal.ts';
import type { Catalog } from '../../domain/instrument.ts';
import { continuousTiers, type MarginTiers, sizeUnbounded } from '../../domain/margin.ts';
import { stampOf, type VenueEvent } from '../../domain/venue-event.ts';
import { unrecognized } from './events.ts';
import { venueId } from './names.ts';
import { decimalAt, listAt, listOf, type Row, rowOf, textAt, wholeAt } from './read.ts';

const tieredFrom = 50;
const leverageMaxMax = 1_000;
const two = decimal('2');

/** `{universe, marginTables: [[id, {marginTiers: [{lowerBound, maxLeverage}]}]]}`. */
export function decodeMarginTables(meta: Row, catalog: Catalog): readonly VenueEvent[] {
  const universe = listOf(meta['universe']);
  if (universe === null) return [unrecognized('meta: no universe')];
  const tables = new Map<number, Row>();
  for (const entry of listAt(meta, 'marginTables')) {
    const [id, table] = listOf(entry) ?? [];
    const row = rowOf(table);
    if (typeof id === 'number' && row !== null) tables.set(id, row);
  }
  return universe.flatMap((entry): readonly VenueEvent[] => {
    const row = rowOf(entry) ?? {};
    const coin = textAt(row, 'name');
    const known = coin === null ? undefined : catalog.bySymbol(venueId, 'linear', coin);
    if (known === undefined) return [];
    const id = wholeAt(row, 'marginTableId');
    const tiers = id === null ? null : tiersOf(id, tables.get(id));
    if (tiers === null) return [unrecognized(`meta: no margin table of ${coin}`)];
    return [{ kind: 'margin-tiers', ...stampOf(known, null), table: tiers }];
  });
}

function tiersOf(id: number, table: Row | undefined): MarginTiers | null {
  if (table === undefined) {
    return id >= 1 && id < tieredFrom ? ofSteps([{ floor: zero, leverageMax: id }]) : null;
  }
  const steps = listAt(table, 'marginTiers').map((entry) => {
    const row = rowOf(entry) ?? {};
    return { floor: decimalAt(row, 'lowerBound'), leverageMax: wholeAt(row, 'maxLeverage') };
  });
  return ofSteps(steps);
}

/** Each tier reaches to where the next one begins. */
function ofSteps(
  steps: readonly {
    readonly floor: bigint | null;
    readonly leverageMax: number | null;
  }[],
): MarginTiers | null {
  if (steps[0]?.floor !== zero) return null;
  const rows: Parameters<typeof continuousTiers>[0][number][] = [];
  let below = zero as bigint;
  for (const [k, { leverageMax }] of steps.entries()) {
    const next = steps[k + 1];
    const sizeMax = next === undefined ? sizeUnbounded : next.floor;
    if (sizeMax === null || sizeMax <= below) return null;
    if (leverageMax === null || leverageMax < 1 || leverageMax > leverageMaxMax) return null;
    below = sizeMax;
    const maintenanceRate = over(one, times(two, fromNumber(leverageMax)));
    rows.push({ sizeMax: sizeMax as typeof sizeUnbounded, leverageMax, maintenanceRate });
  }
  return continuousTiers(rows);
}
