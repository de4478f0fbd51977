// Contract values of well-known swaps as OKX publishes them, for `farb decode` alone: it has no
// listing to convert contracts with. Values change by rebase, so the trading path must never read
// this table.
import { type Decimal, decimal, one } from '../../base/decimal.ts';
import { type Instrument, marketOf } from '../../domain/instrument.ts';
import { wallet } from './instruments.ts';
import { idOf, type Name, nameOf, venue } from './names.ts';

/** Base units per contract of a linear swap in USDT. */
const linear: Readonly<Record<string, string>> = {
  BTC: '0.01',
  ETH: '0.1',
  SOL: '1',
  XRP: '100',
  DOGE: '1000',
  ADA: '100',
  AVAX: '1',
  BCH: '0.1',
  BNB: '0.01',
  DOT: '1',
  LINK: '1',
  LTC: '1',
  TRX: '1000',
  ATOM: '1',
  UNI: '1',
  AAVE: '0.1',
  ETC: '10',
  FIL: '0.1',
  NEAR: '10',
  APT: '1',
  ARB: '10',
  OP: '1',
  SUI: '1',
  TON: '1',
  INJ: '0.1',
  WLD: '1',
  PEPE: '10000000',
  SHIB: '1000000',
  WIF: '1',
  TIA: '1',
  BONK: '100000',
  FLOKI: '100000',
  XLM: '100',
  HBAR: '100',
  ICP: '0.01',
  LDO: '1',
  CRV: '1',
  DYDX: '1',
  JUP: '10',
  ONDO: '10',
  GALA: '10',
  ORDI: '0.1',
};

/** USD of face per contract of an inverse swap: 100 for BTC, 10 for the others. */
const inverse: Readonly<Record<string, string>> = {
  BTC: '100',
  ETH: '10',
  SOL: '10',
  XRP: '10',
  DOGE: '10',
  LTC: '10',
  ADA: '10',
  BCH: '10',
  LINK: '10',
  DOT: '10',
  AVAX: '10',
};

/**
 * A spot pair, or a swap of the table; filters unknown and not tradable. Null for anything else.
 */
export function referenceInstrument(instId: string): Instrument | null {
  const name = nameOf(instId);
  if (name === null || name.expiry !== null) return null;
  const sizes = name.kind === 'spot' ? null : name.kind === 'linear-perp' ? linear : inverse;
  if (name.kind === 'linear-perp' && name.quote !== 'USDT') return null;
  const size =
    sizes === null ? '1' : Object.hasOwn(sizes, name.base) ? sizes[name.base] : undefined;
  return size === undefined ? null : named(instId, name, decimal(size));
}

/**
 * A linear contract whose size no table has, with a size of 1 in its place: whoever reads with it
 * must leave every quantity out. Null for what needs no size.
 */
export function unsizedInstrument(instId: string): Instrument | null {
  const name = nameOf(instId);
  const isLinear = name?.kind === 'linear-perp' || name?.kind === 'linear-dated';
  return name === null || !isLinear ? null : named(instId, name, one);
}

function named(instId: string, name: Name, contract: Decimal): Instrument {
  return {
    id: idOf(name),
    venue,
    symbol: instId,
    kind: name.kind,
    base: name.base,
    quote: name.quote,
    settle: marketOf(name.kind) === 'inverse' ? name.base : name.quote,
    wallet,
    contractSize: contract,
    qtyUnit: name.kind === 'linear-perp' || name.kind === 'linear-dated' ? contract : one,
    priceUnit: one,
    tickSize: null,
    lotSize: null,
    qtyMin: null,
    qtyMax: null,
    notionalMin: null,
    status: 'unknown',
    fundingIntervalMs: null,
    leverageMax: null,
  };
}

/** Every swap of the table, for a catalog that only reads. */
export function referenceInstruments(): readonly Instrument[] {
  const names = [
    ...Object.keys(linear).map((base) => `${base}-USDT-SWAP`),
    ...Object.keys(inverse).map((base) => `${base}-USD-SWAP`),
  ];
  return names.flatMap((instId) => referenceInstrument(instId) ?? []);
}
