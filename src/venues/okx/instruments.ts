// A row of /public/instruments (or of the `instruments` channel) as our instrument. Sizes are
// listed in contracts and leave here in base units; what the row does not say stays null.
import { type Decimal, one, times, zero } from '../../base/decimal.ts';
import type { Catalog, Instrument, InstrumentStatus } from '../../domain/instrument.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import { idOf, type Name, nameOf, stampOfName, venue } from './names.ts';
import { moneyField, numberField, type Row, textField } from './wire.ts';

/** All cash of a trading account is one wallet. */
export const wallet = 'unified';

export function decodeInstrument(row: Row, catalog: Catalog): VenueEvent {
  const instId = textField(row, 'instId');
  const unrecognized = (reason: string): VenueEvent => ({
    kind: 'unrecognized',
    ...stampOfName(catalog, instId, null),
    reason: `instrument ${instId ?? '?'}: ${reason}`,
  });
  if (instId === null) return unrecognized('no instId');
  const name = listedName(row, instId);
  if (name === null) return unrecognized(`type ${textField(row, 'instType') ?? '?'} is not traded`);

  const contract = name.kind === 'spot' ? one : contractSizeOf(row);
  if (contract === null) return unrecognized('no contract value (ctVal x ctMult)');
  const linear = name.kind === 'linear-perp' || name.kind === 'linear-dated';
  const unit = linear ? contract : one;
  const inBase = (key: string): Decimal | null => {
    const value = positiveField(row, key);
    return value === null ? null : times(value, unit);
  };
  const code = codeOf(row);
  const spec: Instrument = {
    id: idOf(name),
    venue,
    symbol: instId,
    kind: name.kind,
    base: name.base,
    quote: name.quote,
    settle: textField(row, 'settleCcy') ?? (name.kind === 'spot' ? name.quote : ''),
    wallet,
    contractSize: contract,
    qtyUnit: unit,
    priceUnit: one,
    tickSize: positiveField(row, 'tickSz'),
    lotSize: inBase('lotSz'),
    qtyMin: inBase('minSz'),
    qtyMax: inBase('maxLmtSz'),
    // OKX limits sizes, not notionals.
    notionalMin: null,
    status: statusOf(row),
    // Not in the listing: nextFundingTime - fundingTime of /public/funding-rate says it.
    fundingIntervalMs: null,
    leverageMax: numberField(row, 'lever'),
    ...(code === null ? {} : { assetId: code }),
  };
  if (spec.settle === '') return unrecognized('no settleCcy');
  return { kind: 'instrument', venue, symbol: instId, instrument: spec.id, venueTsMs: null, spec };
}

/** Base and quote: spot says them, contracts say `uly` and `ctType`; the name is the fallback. */
function listedName(row: Row, instId: string): Name | null {
  const named = nameOf(instId);
  const type = textField(row, 'instType');
  if (named === null) return null;
  if (type === 'SPOT') return named.kind === 'spot' ? named : null;
  if (type !== 'SWAP' && type !== 'FUTURES') return null;
  if (named.kind === 'spot') return null;
  if ((type === 'FUTURES') !== (named.expiry !== null)) return null;
  const contract = textField(row, 'ctType');
  if (contract !== 'linear' && contract !== 'inverse') return named;
  return { ...named, kind: type === 'SWAP' ? `${contract}-perp` : `${contract}-dated` };
}

function contractSizeOf(row: Row): Decimal | null {
  const value = positiveField(row, 'ctVal');
  if (value === null) return null;
  const multiplier = moneyField(row, 'ctMult');
  if (multiplier === null) return textField(row, 'ctMult') === null ? value : null;
  const size = times(value, multiplier);
  return size > zero ? size : null;
}

/** `instIdCode`, which orders over WebSocket name; null when a JSON number would not carry it. */
function codeOf(row: Row): number | null {
  const code = numberField(row, 'instIdCode');
  return code !== null && Number.isSafeInteger(code) && code >= 0 ? code : null;
}

function positiveField(row: Row, key: string): Decimal | null {
  const value = moneyField(row, key);
  return value !== null && value > zero ? value : null;
}

const halted: readonly string[] = ['suspend', 'preopen', 'expired', 'rebase'];

function statusOf(row: Row): InstrumentStatus {
  const state = textField(row, 'state');
  const rule = textField(row, 'ruleType');
  if (state !== null && halted.includes(state)) return 'halted';
  if (state !== 'live') return 'unknown';
  // `pre_market`, `xperp` and what may follow have rules of their own.
  return rule === null || rule === 'normal' ? 'trading' : 'unknown';
}
