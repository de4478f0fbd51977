// Private REST that reads or sets up the account: balances, positions, bills, fees, modes,
// leverage.

import { type Decimal, formatDecimal, negate, zero } from '../../base/decimal.ts';
import { dayMs } from '../../base/time.ts';
import type { SimBill } from '../../sim/api.ts';
import { borrowRatePerHour } from '../../sim/borrow-rates.ts';
import { type Row, textField } from '../../venues/okx/wire.ts';
import type { RawHttpReply } from '../protocol.ts';
import type { Handler } from './public-rest.ts';
import { listIn, pageOf, type Query, rangeOf } from './query.ts';
import { type Failure, fail, failure, failureOf, ok } from './replies.ts';
import { accountRow, billRow, billTypeOf, positionRow } from './rows.ts';
import type { OkxState } from './state.ts';
import { missingInstrument } from './trade.ts';

export type PostHandler = (state: OkxState, body: Row) => RawHttpReply;

export const wallet = 'unified';
const rowsMax = 100;
const billsMsMax = 7 * dayMs;
const billsArchiveMsMax = 90 * dayMs;
/** Leverage that a request may ask for. */
const leverageForm = /^\d{1,3}(?:\.\d{1,2})?$/;

export const config: Handler = () =>
  ok([
    {
      acctLv: '2',
      posMode: 'net_mode',
      uid: '77982378738415879',
      mainUid: '77982378738415879',
      label: 'testnet',
      level: 'Lv1',
      levelTmp: '',
      perm: 'read_only,trade',
      ip: '',
      kycLv: '2',
      roleType: '0',
      type: '0',
      autoLoan: false,
      ctIsoMode: 'automatic',
      mgnIsoMode: 'automatic',
      greeksType: 'PA',
      enableSpotBorrow: false,
      spotOffsetType: '',
      stpMode: 'cancel_maker',
      acctStpMode: 'cancel_maker',
    },
  ]);

export const balance: Handler = (state, query) => {
  const wanted = listIn(query, 'ccy');
  const balances = state.exchange
    .balances()
    .filter(
      (entry) =>
        entry.wallet === wallet &&
        (wanted === null ? entry.total !== zero : wanted.includes(entry.asset)),
    );
  return ok([accountRow(balances, state.exchange, state.now().tsMs)]);
};

/** The funding account of /asset: not simulated, so it holds nothing. */
export const assetBalances: Handler = () => ok([]);

export const currencies: Handler = (state, query) => {
  const wanted = listIn(query, 'ccy');
  const assets = new Set(
    state.listings.all.flatMap(({ sim }) => [sim.instrument.base, sim.instrument.quote]),
  );
  const rows = [...assets].filter((ccy) => wanted === null || wanted.includes(ccy));
  return ok(rows.map(currencyRow));
};

function currencyRow(ccy: string): Row {
  return {
    ccy,
    name: ccy,
    chain: `${ccy}-Testnet`,
    canDep: false,
    canInternal: false,
    canWd: false,
    fee: '0',
    minFee: '0',
    maxFee: '0',
    minDep: '0',
    minWd: '0',
    maxWd: '0',
    wdTickSz: '8',
    mainNet: true,
    needTag: false,
    logoLink: '',
  };
}

export const positions: Handler = (state, query) => {
  const type = query.get('instType');
  const wanted = listIn(query, 'instId');
  const rows = state.exchange.positions().flatMap((position) => {
    const listed = state.listings.byId(position.instrument);
    if (listed === null || position.qty === zero) return [];
    if (type !== undefined && type !== listed.instType) return [];
    if (wanted !== null && !wanted.includes(listed.instId)) return [];
    return [positionRow(position, listed)];
  });
  return ok(rows);
};

export const bills: Handler = (state, query) => billsSince(state, query, billsMsMax);
export const billsArchive: Handler = (state, query) => billsSince(state, query, billsArchiveMsMax);

function billsSince(state: OkxState, query: Query, ageMsMax: number): RawHttpReply {
  const oldestMs = state.now().tsMs - ageMsMax;
  const range = rangeOf(query);
  const all = state.exchange.bills({ ...range, fromMs: Math.max(range.fromMs ?? 0, oldestMs) });
  const matching = all.filter((bill) => isWanted(state, bill, query));
  const page = pageOf(matching, query, { cursor: (bill) => Number(bill.id), rowsMax });
  const payments = new Map(
    page.some((bill) => bill.kind === 'funding')
      ? state.exchange.fundingPayments({ fromMs: oldestMs }).map((each) => [each.id, each])
      : [],
  );
  return ok(
    page.map((bill) => {
      const listed = bill.instrument === null ? null : state.listings.byId(bill.instrument);
      return billRow(bill, listed, payments.get(bill.id) ?? null);
    }),
  );
}

function isWanted(state: OkxState, bill: SimBill, query: Query): boolean {
  const type = query.get('type');
  if (type !== undefined && type !== billTypeOf(bill)) return false;
  const ccy = query.get('ccy');
  if (ccy !== undefined && ccy !== bill.asset) return false;
  const listed = bill.instrument === null ? null : state.listings.byId(bill.instrument);
  const instType = query.get('instType');
  if (instType !== undefined && instType !== listed?.instType) return false;
  const instId = query.get('instId');
  return instId === undefined || instId === listed?.instId;
}

/** OKX prints a fee rate as negative when it costs. */
export const tradeFee: Handler = (state, query) => {
  const instType = query.get('instType');
  const [first] = state.listings.all.filter((listed) => listed.instType === instType);
  if (first === undefined) return fail(failure('51000', 'Parameter instType error'));
  const rate = (cost: Decimal): string => formatDecimal(negate(cost));
  const maker = rate(first.sim.feeRateMaker);
  const taker = rate(first.sim.feeRateTaker);
  const swap = instType === 'SWAP';
  return ok([
    {
      instType,
      level: 'Lv1',
      category: '1',
      maker,
      taker,
      makerU: swap ? maker : '',
      takerU: swap ? taker : '',
      makerUSDC: swap ? maker : '',
      takerUSDC: swap ? taker : '',
      feeGroup: [{ groupId: '1', maker, taker }],
      delivery: '',
      exercise: '',
      ts: String(state.now().tsMs),
    },
  ]);
};

/** The simulation knows net mode alone; asking for what is set is success, as at the venue. */
export const setPositionMode: PostHandler = (_state, body) => {
  const posMode = textField(body, 'posMode');
  if (posMode === 'net_mode') return ok([{ posMode }]);
  return fail(failure('51000', 'Parameter posMode error'));
};

export const setLeverage: PostHandler = (state, body) => {
  const lever = textField(body, 'lever') ?? '';
  if (!leverageForm.test(lever)) return fail(failure('51000', 'Parameter lever error'));
  if (textField(body, 'mgnMode') !== 'cross') {
    return fail(failure('51000', 'Parameter mgnMode error'));
  }
  const listed = state.listings.byInstId(textField(body, 'instId') ?? '');
  if (listed === null || listed.instType !== 'SWAP') return fail(missingInstrument);
  const result = state.exchange.setLeverage(listed.id, Number(lever), state.now());
  if (!result.ok) return fail(leverageFailure(result));
  return ok([{ instId: listed.instId, lever, mgnMode: 'cross', posSide: 'net' }]);
};

function leverageFailure(refused: Parameters<typeof failureOf>[0]): Failure {
  if (refused.code === 'leverage-too-high') {
    return failure('59102', 'Leverage exceeds the maximum limit. Please adjust the leverage.');
  }
  if (refused.code !== 'insufficient-funds') return failureOf(refused);
  return failure('59108', 'Your account leverage is too low and has insufficient margin.');
}

/** Leverage of one or several swaps. */
export const leverageInfo: Handler = (state, query) => {
  const rows = (listIn(query, 'instId') ?? []).flatMap((instId) => {
    const listed = state.listings.byInstId(instId);
    if (listed === null || listed.instType !== 'SWAP') return [];
    const lever = String(state.exchange.leverage(listed.id));
    return [{ instId, lever, mgnMode: 'cross', posSide: 'net', ccy: '' }];
  });
  return rows.length === 0 ? fail(missingInstrument) : ok(rows);
};

export const interestRate: Handler = (state, query) => {
  const wanted = query.get('ccy');
  const spots = state.listings.all.filter(({ instType }) => instType === 'SPOT');
  const assets = [...new Set(spots.map(({ sim }) => sim.instrument.base))];
  return ok(
    assets
      .filter((ccy) => wanted === undefined || ccy === wanted)
      .map((ccy) => ({ ccy, interestRate: borrowRatePerHour('okx', ccy).toFixed(10) })),
  );
};
