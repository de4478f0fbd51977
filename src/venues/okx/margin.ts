// Margin tiers and borrow rates of OKX. A tier's `maxSz` counts contracts, and its `mmr` is that of
// the whole position: nothing is taken off. Sources: "Get position tiers", "Get interest rate"
// (hourly) of the v5 manual.
import { times, zero } from '../../base/decimal.ts';
import type { Catalog } from '../../domain/instrument.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import { rowsByName, tableOf } from '../margin-tiers.ts';
import { unrecognized } from './control.ts';
import { qtyUnitOf, stampOfName, venue } from './names.ts';
import { moneyField, numberField, type Row, textField } from './wire.ts';

/** The rows of a reply, each one tier of a family of swaps (`BTC-USDT` -> `BTC-USDT-SWAP`). */
export function decodeTiers(rows: readonly Row[], catalog: Catalog): readonly VenueEvent[] {
  const groups = rowsByName(rows, swapOf);
  const nameless = rows.some((row) => swapOf(row) === null);
  const events = [...groups].map(([instId, tiers]): VenueEvent => {
    const unit = qtyUnitOf(catalog, instId);
    if (unit === null) return unrecognized(`position tiers: no contract size of ${instId}`);
    const table = tableOf(
      'quantity',
      tiers.map((row) => {
        const contracts = moneyField(row, 'maxSz');
        return {
          sizeMax: contracts === null ? null : times(contracts, unit),
          leverageMax: numberField(row, 'maxLever'),
          maintenanceRate: moneyField(row, 'mmr'),
          maintenanceAmount: zero,
        };
      }),
    );
    if (table === null) return unrecognized(`position tiers: unreadable of ${instId}`);
    return { kind: 'margin-tiers', ...stampOfName(catalog, instId, null), table };
  });
  return nameless ? [...events, unrecognized('position tiers: a row without a family')] : events;
}

function swapOf(row: Row): string | null {
  const family = textField(row, 'instFamily') ?? textField(row, 'uly');
  if (family !== null) return `${family}-SWAP`;
  const instId = textField(row, 'instId');
  return instId?.endsWith('-SWAP') === true ? instId : null;
}

/** `{ccy, interestRate}`: per hour, of the account's own level. */
export function decodeBorrowRate(row: Row): VenueEvent {
  const asset = textField(row, 'ccy');
  const ratePerHour = numberField(row, 'interestRate');
  if (asset === null || ratePerHour === null || ratePerHour < 0) {
    return unrecognized('interest rate: no ccy or rate');
  }
  return {
    kind: 'borrow-rate',
    venue,
    symbol: null,
    instrument: null,
    venueTsMs: null,

    asset,
    ratePerHour,
  };
}
