// Rows of a venue's tier listing -> one table per contract. A table with an unreadable row, or one
// that does not ascend, is no table: half of one would allow what the venue does not.
import { type Decimal, one, zero } from '../base/decimal.ts';
import type { MarginTiers } from '../domain/margin.ts';

/** Null = the row does not say it. */
export interface TierRow {
  readonly sizeMax: Decimal | null;
  readonly leverageMax: number | null;
  readonly maintenanceRate: Decimal | null;
  readonly maintenanceAmount: Decimal | null;
}

/** Far more than any venue lists. */
const tiersMax = 200;
const leverageMaxMax = 1_000;

export function tableOf(unit: MarginTiers['unit'], rows: readonly TierRow[]): MarginTiers | null {
  if (rows.length === 0 || rows.length > tiersMax) return null;
  const tiers: MarginTiers['tiers'][number][] = [];
  for (const { sizeMax, leverageMax, maintenanceRate, maintenanceAmount } of rows) {
    if (sizeMax === null || leverageMax === null) return null;
    if (maintenanceRate === null || maintenanceAmount === null) return null;
    if (!(leverageMax >= 1 && leverageMax <= leverageMaxMax)) return null;
    if (maintenanceRate <= zero || maintenanceRate > one || maintenanceAmount < zero) return null;
    tiers.push({ sizeMax, leverageMax, maintenanceRate, maintenanceAmount });
  }
  tiers.sort((a, b) => (a.sizeMax < b.sizeMax ? -1 : a.sizeMax > b.sizeMax ? 1 : 0));
  let below = zero;
  for (const { sizeMax } of tiers) {
    if (sizeMax <= below) return null;
    below = sizeMax;
  }
  return { unit, tiers };
}

/** Rows by their contract, in the order of the listing; those without a name are left out. */
export function rowsByName<Row>(
  rows: readonly Row[],
  nameOf: (row: Row) => string | null,
): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = nameOf(row);
    if (name === null) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return groups;
}
