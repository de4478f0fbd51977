// Margin tiers ("risk limits") and borrow rates of Bybit. A tier's `riskLimitValue` is position
// value in what the contract settles in. Rates come as fractions, in the manual's own example as
// per cent: `initialMargin` is one over `maxLeverage`, which tells which of the two a row means.
// Sources: "Get Risk Limit", "Get VIP Margin Data" (hourly).
import { type Decimal, decimal, over } from '../../base/decimal.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import { rowsByName, tableOf } from '../margin-tiers.ts';
import { stampFor, unrecognized } from './events.ts';
import type { Source } from './market.ts';
import { decimalAt, listAt, numberAt, positiveDecimalAt, type Row, rowOf, textAt } from './read.ts';
import { factsOf, venueId } from './symbols.ts';

const percent = decimal('100');
/** `initialMargin` is written rounded. */
const rateTolerance = 0.01;

/** `result.list`: each row one tier of a symbol. */
export function decodeRiskLimits(result: Row, source: Source): readonly VenueEvent[] {
  const rows = listAt(result, 'list').map((entry) => rowOf(entry) ?? {});
  const groups = rowsByName(rows, (row) => textAt(row, 'symbol'));
  const nameless = rows.some((row) => textAt(row, 'symbol') === null);
  const events = [...groups].map(([symbol, tiers]): VenueEvent => {
    const table = tableOf(
      'notional',
      tiers.map((row) => ({
        sizeMax: positiveDecimalAt(row, 'riskLimitValue'),
        leverageMax: numberAt(row, 'maxLeverage'),
        maintenanceRate: maintenanceRateOf(row),
        maintenanceAmount: deductionOf(row),
      })),
    );
    if (table === null) return unrecognized('risk limit: unreadable tiers', symbol);
    const facts = factsOf(symbol, source.market, source.catalog);
    return { kind: 'margin-tiers', ...stampFor(facts, null), table };
  });
  return nameless ? [...events, unrecognized('risk limit: a row without a symbol')] : events;
}

/** As a fraction; null where the row does not tell which it means. */
function maintenanceRateOf(row: Row): Decimal | null {
  const rate = positiveDecimalAt(row, 'maintenanceMargin');
  const leverage = numberAt(row, 'maxLeverage');
  const initial = numberAt(row, 'initialMargin');
  if (rate === null || leverage === null || initial === null) return null;
  const whole = initial * leverage;
  if (Math.abs(whole - 1) <= rateTolerance) return rate;
  return Math.abs(whole / 100 - 1) <= rateTolerance ? over(rate, percent) : null;
}

/** The first tier takes nothing off and says "" or "0". */
function deductionOf(row: Row): Decimal | null {
  if (row['mmDeduction'] !== '') return decimalAt(row, 'mmDeduction');
  return numberAt(row, 'isLowestRisk') === 1 ? decimal('0') : null;
}

/** `result.vipCoinList`: the coins of each level asked for; a coin that is not lent has no rate. */
export function decodeBorrowRates(result: Row): readonly VenueEvent[] {
  return listAt(result, 'vipCoinList').flatMap((level) =>
    listAt(rowOf(level) ?? {}, 'list').flatMap((entry): readonly VenueEvent[] => {
      const row = rowOf(entry) ?? {};
      if (row['borrowable'] === false) return [];
      const asset = textAt(row, 'currency');
      const ratePerHour = numberAt(row, 'hourlyBorrowRate');
      if (asset === null || ratePerHour === null || ratePerHour < 0) {
        return [unrecognized('margin data: no currency or hourly rate')];
      }
      return [
        {
          kind: 'borrow-rate',
          venue: venueId,
          symbol: null,
          instrument: null,
          venueTsMs: null,

          asset,
          ratePerHour,
        },
      ];
    }),
  );
}
