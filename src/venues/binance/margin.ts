// Margin tiers and borrow rates of Binance. USD-M bounds the notional of a tier in quote, COIN-M in
// coin: both in what the contract settles in. Figures are bare numbers. Sources: "Notional and
// Leverage Brackets", "Notional Bracket for Symbol", "Get future hourly interest rate".
import type { VenueEvent } from '../../domain/venue-event.ts';
import { tableOf } from '../margin-tiers.ts';
import { accountStamp, type Context, stamp, unitsIn } from './events.ts';
import {
  decimalIn,
  isJson,
  type Json,
  listOf,
  numberIn,
  positiveDecimalIn,
  textIn,
} from './read.ts';

/** `{symbol, brackets: [{initialLeverage, notionalCap | qtyCap, maintMarginRatio, cum}]}`. */
export function decodeBrackets(row: Json, context: Context): VenueEvent | null {
  const units = unitsIn(row, 'symbol', context);
  if (units === null) return null;
  const cap = context.market === 'inverse' ? 'qtyCap' : 'notionalCap';
  const table = tableOf(
    'notional',
    listOf(row['brackets']).map((entry) => {
      const bracket = isJson(entry) ? entry : {};
      return {
        sizeMax: positiveDecimalIn(bracket[cap]),
        leverageMax: numberIn(bracket['initialLeverage']),
        maintenanceRate: positiveDecimalIn(bracket['maintMarginRatio']),
        maintenanceAmount: decimalIn(bracket['cum']),
      };
    }),
  );
  return table === null ? null : { kind: 'margin-tiers', ...stamp(units, null), table };
}

/** `{asset, nextHourlyInterestRate}`: what borrowing on cross margin costs in the next hour. */
export function decodeBorrowRate(row: Json): VenueEvent | null {
  const asset = textIn(row['asset']);
  const ratePerHour = numberIn(row['nextHourlyInterestRate']);
  if (asset === null || ratePerHour === null || ratePerHour < 0) return null;
  return { kind: 'borrow-rate', ...accountStamp(null), asset, ratePerHour };
}
