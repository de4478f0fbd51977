// What the venues billed, against the formula: a fee as it is booked, funding once the venue's own
// rate of the settlement is known. Facts only: a difference becomes a notice, which `decide` turns
// into an alert. Books are never changed by it, they follow the bill.
import {
  abs,
  type Decimal,
  decimal,
  formatDecimal,
  fromNumber,
  maxOf,
  minus,
  negate,
  plus,
  roundToStep,
  times,
  zero,
} from '../base/decimal.ts';
import { hourMs, isoUtc } from '../base/time.ts';
import { notionalAt } from '../domain/contract-value.ts';
import type { FundingSettled } from '../domain/event.ts';
import { type Instrument, type InstrumentId, isPerp } from '../domain/instrument.ts';
import type { FillEvent, FundingPaymentEvent } from '../domain/venue-event.ts';
import type { EngineState } from './state.ts';

/** Cash is billed in units of so much. */
const cashUnit = decimal('0.00000001');
/** Published rates have eight decimals; the venue may have computed with more. */
const rateHidden = decimal('0.000000005');
/** A position that changed so near to a settlement may have been counted or not (venue time). */
const settlementBlurMs = 30_000;
/** A bill's own time is at most so long after its settlement. */
const billDelayMsMax = 600_000;
export const positionChangesMax = 8;
export const fundingBillsMax = 500;
/** Notices that wait for their alert; there are more only while no event comes. */
export const noticesMax = 50;

export interface Bills {
  feesChecked: number;
  feesDiffering: number;
  fundingChecked: number;
  fundingDiffering: number;
  /** Of either kind, where a term was not known: another fee coin, a trade at the settlement. */
  unchecked: number;
  /** Changes of a position, oldest first: what was held at a settlement. */
  readonly positions: Map<InstrumentId, { readonly tsMs: number; readonly qty: Decimal }[]>;
  /** By instrument and settlement: what was billed, and the price that the bill names. */
  readonly funding: Map<string, { readonly amount: Decimal; readonly mark: Decimal | null }>;
}

export function emptyBills(): Bills {
  return {
    feesChecked: 0,
    feesDiffering: 0,
    fundingChecked: 0,
    fundingDiffering: 0,
    unchecked: 0,
    positions: new Map(),
    funding: new Map(),
  };
}

/** Something that a person should hear of; `code` is the alert's. */
export interface Notice {
  readonly code: string;
  readonly message: string;
}

export function notice(state: EngineState, entry: Notice): void {
  state.notices.push(entry);
  if (state.notices.length > noticesMax) state.notices.shift();
}

/** Remembers what is held from this moment on. */
export function notePosition(state: EngineState, id: InstrumentId, tsMs: number): void {
  const { positions } = state.bills;
  let changes = positions.get(id);
  if (changes === undefined) {
    changes = [];
    positions.set(id, changes);
  }
  changes.push({ tsMs, qty: state.positions.get(id)?.qty ?? zero });
  if (changes.length > positionChangesMax) changes.shift();
}

/** A trade's fee: notional in the settle asset x rate, on spot buys quantity x rate in the coin. */
export function checkFee(state: EngineState, instrument: Instrument, fill: FillEvent): void {
  const { bills } = state;
  if (fill.forced || (instrument.kind !== 'spot' && !isPerp(instrument.kind))) return;
  const rates = state.feeRates.get(instrument.id);
  const rate = fill.liquidity === null ? undefined : rates?.[fill.liquidity];
  const inCoin = instrument.kind === 'spot' && fill.side === 'buy';
  const asset = instrument.kind === 'spot' ? instrument.quote : instrument.settle;
  if (rate === undefined || (fill.feeAsset ?? asset) !== (inCoin ? instrument.base : asset)) {
    bills.unchecked++;
    return;
  }
  const value = inCoin ? fill.qty : notionalAt(instrument, fill.qty, fill.price);
  const expected = rounded(negate(times(value, fromNumber(rate))));
  bills.feesChecked++;
  if (abs(minus(fill.fee, expected)) <= cashUnit) return;
  bills.feesDiffering++;
  notice(state, {
    code: 'fee-differs',
    message:
      `${instrument.id} fill ${fill.fillId}: fee ${formatDecimal(fill.fee)}, by the stated ` +
      `${fill.liquidity} rate ${rate} it is ${formatDecimal(expected)}`,
  });
}

/** Remembers a bill for the moment at which the rate of its settlement is known. */
export function noteFundingBill(state: EngineState, event: FundingPaymentEvent): void {
  const { instrument, venueTsMs } = event;
  if (instrument === null || venueTsMs === null) return;
  const settledAtMs = Math.floor(venueTsMs / hourMs) * hourMs;
  if (venueTsMs - settledAtMs > billDelayMsMax) return;
  const { funding } = state.bills;
  const key = billKey(instrument, settledAtMs);
  const before = funding.get(key);
  const mark = event.mark ?? before?.mark ?? null;
  funding.set(key, { amount: plus(before?.amount ?? zero, event.amount), mark });
  if (funding.size <= fundingBillsMax) return;
  for (const oldest of funding.keys()) {
    funding.delete(oldest);
    return;
  }
}

/** The rate of a settlement: - notional at the mark x rate is what the venue should have billed. */
export function checkFunding(state: EngineState, settled: FundingSettled): void {
  const { bills } = state;
  const { instrument: id, settledAtMs, rate } = settled;
  const instrument = state.instruments.get(id);
  if (instrument === undefined || !isPerp(instrument.kind)) return;
  const qty = heldAt(state, id, settledAtMs);
  const bill = bills.funding.get(billKey(id, settledAtMs));
  if (qty === zero && bill === undefined) return;
  const mark = settled.mark ?? bill?.mark ?? null;
  if (qty === null || (mark === null && qty !== zero)) {
    bills.unchecked++;
    return;
  }
  const value = mark === null ? zero : notionalAt(instrument, qty, mark);
  const expected = rounded(negate(times(value, rate)));
  const tolerance = plus(cashUnit, maxOf(zero, times(abs(value), rateHidden)));
  bills.fundingChecked++;
  if (abs(minus(bill?.amount ?? zero, expected)) <= tolerance) return;
  bills.fundingDiffering++;
  const billed = bill === undefined ? 'nothing was billed' : `${formatDecimal(bill.amount)} billed`;
  notice(state, {
    code: 'funding-differs',
    message:
      `${id} ${isoUtc(settledAtMs)}: ${billed}; ${formatDecimal(qty)} held at ` +
      `${mark === null ? 'no price' : formatDecimal(mark)} and rate ${formatDecimal(rate)} ` +
      `make ${formatDecimal(expected)}`,
  });
}

/** Null = it changed too near to that moment, or too long ago to be remembered. */
function heldAt(state: EngineState, id: InstrumentId, tsMs: number): Decimal | null {
  const changes = state.bills.positions.get(id) ?? [];
  if (changes.length === 0) return null;
  let qty: Decimal | null = changes.length < positionChangesMax ? zero : null;
  for (const change of changes) {
    if (Math.abs(change.tsMs - tsMs) < settlementBlurMs) return null;
    if (change.tsMs < tsMs) qty = change.qty;
  }
  return qty;
}

function billKey(id: InstrumentId, settledAtMs: number): string {
  return `${id}|${settledAtMs}`;
}

function rounded(amount: Decimal): Decimal {
  return roundToStep(amount, cashUnit, 'half-even');
}
