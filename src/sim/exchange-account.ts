// The account of one simulated venue: wallets, positions, leverage and the margin figures over
// them. Cross margin in pools: the settle assets of linear perpetuals (USDT) of a wallet are one,
// and each coin that inverse perpetuals settle in is one of its own. A coin does not count as
// collateral of another pool.
import { present } from '../base/assert.ts';
import {
  type Decimal,
  fromNumber,
  maxOf,
  minOf,
  minus,
  plus,
  sum,
  times,
  toNumber,
  zero,
} from '../base/decimal.ts';
import { isInverse, notionalAt } from '../domain/contract-value.ts';
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import {
  exposureQty,
  initialMarginOf,
  leverageMaxOf,
  liquidationPriceOf,
  maintenanceMarginOf,
  maintenanceRateMax,
  positionSize,
} from '../domain/margin.ts';
import type { Side } from '../domain/order.ts';
import { type StartBalance, Wallets } from './account.ts';
import type { SimBalance, SimInstrument, SimMargin, SimOrder, SimPosition } from './api.ts';
import { type Orders, openQty } from './exchange-orders.ts';
import { entryPriceOf, flatPosition, type PositionState, unrealizedPnlOf } from './position.ts';

/** A position in doubles. */
interface RoughPosition {
  readonly id: InstrumentId;
  readonly pool: MarginPool;
  /** Signed base units, or USD of face where inverse. */
  readonly size: number;
  readonly inverse: boolean;
  readonly cost: number;
  /** Of all its tiers. */
  readonly rateMax: number;
}

/** Far more than the doubles of a sum are off, as a share of what is added. */
const roughError = 1e-6;

/** What margin is counted over: a wallet's dollars, or one of its coins. */
export interface MarginPool {
  readonly wallet: string;
  readonly coin: string | null;
}

/** A pool with positions, in doubles. */
interface HeldPool extends MarginPool {
  readonly rough: RoughPosition[];
  /** Its cash, as of so many changes of the wallets. */
  cash: number;
  changes: number;
}

export class Account {
  readonly wallets: Wallets;
  private readonly listed: ReadonlyMap<InstrumentId, SimInstrument>;
  private readonly orders: Orders;
  private readonly markOf: (id: InstrumentId) => number;
  private readonly leverageDefault: number;
  private readonly positionById = new Map<InstrumentId, PositionState>();
  private readonly leverageById = new Map<InstrumentId, number>();
  private readonly cashByWallet = new Map<string, readonly string[]>();
  /** What is held, pool by pool, in the order of the first position; null = a position changed. */
  private holding: readonly HeldPool[] | null = null;

  constructor(options: {
    readonly listed: ReadonlyMap<InstrumentId, SimInstrument>;
    readonly orders: Orders;
    readonly markOf: (id: InstrumentId) => number;
    readonly leverageDefault: number;
    readonly startBalances: readonly StartBalance[];
    readonly startMs: number;
  }) {
    this.listed = options.listed;
    this.orders = options.orders;
    this.markOf = options.markOf;
    this.leverageDefault = options.leverageDefault;
    this.wallets = new Wallets(options.startBalances, options.startMs);
  }

  state(id: InstrumentId): PositionState {
    return this.positionById.get(id) ?? flatPosition;
  }

  setState(id: InstrumentId, state: PositionState): void {
    this.positionById.set(id, state);
    this.holding = null;
  }

  leverage(id: InstrumentId): number {
    const chosen = this.leverageById.get(id);
    if (chosen !== undefined) return chosen;
    return Math.min(this.leverageDefault, this.leverageMax(id));
  }

  setLeverage(id: InstrumentId, leverage: number): void {
    this.leverageById.set(id, leverage);
  }

  leverageMax(id: InstrumentId): number {
    return leverageMaxOf(this.perp(id).marginTiers);
  }

  balance(wallet: string, asset: string): SimBalance {
    const locked = this.locked(wallet, asset);
    return { wallet, asset, total: this.wallets.total(wallet, asset), locked };
  }

  balances(): readonly SimBalance[] {
    return this.wallets.all().map(({ wallet, asset }) => this.balance(wallet, asset));
  }

  mark(id: InstrumentId): number {
    return this.markOf(id);
  }

  /** Instruments with a position that is or was. */
  touched(): readonly InstrumentId[] {
    return [...this.positionById.keys()];
  }

  position(id: InstrumentId): SimPosition {
    const state = this.state(id);
    const { instrument, marginTiers } = this.perp(id);
    const mark = this.markOf(id);
    const exactMark = fromNumber(mark);
    const size = positionSize(instrument, state.qty, exactMark);
    const leverage = this.leverage(id);
    const maintenanceMargin = maintenanceMarginOf(marginTiers, size);
    const unrealizedPnl = unrealizedPnlOf(state, exactMark, instrument);
    let liquidationPrice: number | null = null;
    if (state.qty !== zero) {
      const pool = this.equityOf(poolOf(instrument));
      const equityElsewhere = minus(
        minus(pool.equity, unrealizedPnl),
        minus(pool.maintenanceMargin, maintenanceMargin),
      );
      liquidationPrice = liquidationPriceOf(state, marginTiers, equityElsewhere, instrument);
    }
    return {
      instrument: id,
      qty: state.qty,
      entryPrice: entryPriceOf(state, instrument),
      mark,
      unrealizedPnl,
      leverage,
      marginMode: 'cross',
      liquidationPrice,
      initialMargin: initialMarginOf(size.notional, leverage),
      maintenanceMargin,
      updatedTsMs: state.updatedTsMs,
    };
  }

  margin(wallet: string, coin: string | null = null): SimMargin {
    const pool = { wallet, coin };
    const locked = sum(this.assetsOf(pool).map((asset) => this.locked(wallet, asset)));
    let initialMargin = zero;
    for (const id of this.perpsInUse(wallet, coin)) {
      initialMargin = plus(initialMargin, this.initialMarginWith(id, null));
    }
    const { equity, unrealizedPnl, maintenanceMargin } = this.equityOf(pool);
    const available = maxOf(zero, minus(minus(equity, initialMargin), locked));
    return { wallet, coin, equity, unrealizedPnl, initialMargin, maintenanceMargin, available };
  }

  /** Cash with what the positions would realize, and what they need at least. */
  private equityOf(pool: MarginPool) {
    let unrealizedPnl = zero;
    let maintenanceMargin = zero;
    for (const id of this.positionsOf(pool)) {
      const state = this.state(id);
      const mark = fromNumber(this.markOf(id));
      const { instrument, marginTiers } = this.perp(id);
      unrealizedPnl = plus(unrealizedPnl, unrealizedPnlOf(state, mark, instrument));
      const margin = maintenanceMarginOf(marginTiers, positionSize(instrument, state.qty, mark));
      maintenanceMargin = plus(maintenanceMargin, margin);
    }
    const total = sum(this.assetsOf(pool).map((asset) => this.wallets.total(pool.wallet, asset)));
    return { equity: plus(total, unrealizedPnl), unrealizedPnl, maintenanceMargin };
  }

  /**
   * True when equity is above any maintenance margin by far more than doubles are off: asked at
   * every tick, so that the exact figures are needed only near the edge. False says nothing.
   */
  isClearlySolvent(pool: MarginPool): boolean {
    const held = this.poolsHeld().find((item) => isSame(item, pool));
    if (held === undefined) return false;
    let equity = this.roughCash(held);
    let margin = 0;
    let size = Math.abs(equity);
    for (const { id, size: own, inverse, cost, rateMax } of held.rough) {
      const mark = this.markOf(id);
      const value = inverse ? -own / mark : own * mark;
      equity += value - cost;
      margin += Math.abs(value) * rateMax;
      size += Math.abs(value) + Math.abs(cost);
    }
    return equity - margin > size * roughError;
  }

  /** Sum of the pool's cash in doubles. */
  private roughCash(held: HeldPool): number {
    const { changes } = this.wallets;
    if (held.changes === changes) return held.cash;
    held.changes = changes;
    held.cash = 0;
    for (const asset of this.assetsOf(held)) {
      held.cash += toNumber(this.wallets.total(held.wallet, asset));
    }
    return held.cash;
  }

  private roughly(id: InstrumentId, state: PositionState): RoughPosition {
    const { instrument, marginTiers } = this.perp(id);
    const inverse = isInverse(instrument);
    const face = inverse ? toNumber(instrument.contractSize) : 1;
    return {
      id,
      pool: poolOf(instrument),
      size: toNumber(state.qty) * face,
      inverse,
      cost: toNumber(state.cost),
      rateMax: maintenanceRateMax(marginTiers),
    };
  }

  /** Initial margin of an instrument's position and open orders, with one more order in mind. */
  initialMarginWith(
    id: InstrumentId,
    extra: { readonly side: Side; readonly qty: Decimal } | null,
  ): Decimal {
    const { instrument } = this.perp(id);
    const notional = notionalAt(instrument, this.exposure(id, extra), fromNumber(this.markOf(id)));
    return initialMarginOf(notional, this.leverage(id));
  }

  /** The largest position that the open orders could lead to. Reduce-only orders lead to none. */
  exposure(
    id: InstrumentId,
    extra: { readonly side: Side; readonly qty: Decimal } | null,
  ): Decimal {
    let buyQty = extra?.side === 'buy' ? extra.qty : zero;
    let sellQty = extra?.side === 'sell' ? extra.qty : zero;
    for (const order of this.orders.openOrders(id)) {
      if (order.reduceOnly) continue;
      if (order.side === 'buy') buyQty = plus(buyQty, openQty(order));
      else sellQty = plus(sellQty, openQty(order));
    }
    return exposureQty(this.state(id).qty, { buyQty, sellQty });
  }

  /** What a spot order could use of an asset: not locked, and not needed as margin. */
  free(wallet: string, asset: string): Decimal {
    const balance = this.balance(wallet, asset);
    const unlocked = minus(balance.total, balance.locked);
    if (this.cashAssets(wallet).includes(asset)) {
      return maxOf(zero, minOf(unlocked, this.margin(wallet).available));
    }
    if (this.perpsInUse(wallet, asset).length === 0) return maxOf(zero, unlocked);
    return maxOf(zero, minOf(unlocked, this.margin(wallet, asset).available));
  }

  poolsWithPositions(): readonly MarginPool[] {
    return this.poolsHeld();
  }

  private poolsHeld(): readonly HeldPool[] {
    if (this.holding !== null) return this.holding;
    const pools: HeldPool[] = [];
    for (const [id, state] of this.positionById) {
      if (state.qty === zero) continue;
      const rough = this.roughly(id, state);
      const known = pools.find((item) => isSame(item, rough.pool));
      if (known === undefined) pools.push(heldPool(rough));
      else known.rough.push(rough);
    }
    this.holding = pools;
    return pools;
  }

  positionsOf(pool: MarginPool): readonly InstrumentId[] {
    const held = this.poolsHeld().find((item) => isSame(item, pool));
    return held === undefined ? [] : held.rough.map(({ id }) => id);
  }

  isIn(id: InstrumentId, pool: MarginPool): boolean {
    return isSame(poolOf(this.perp(id).instrument), pool);
  }

  /** What the cash of a pool is in. */
  private assetsOf({ wallet, coin }: MarginPool): readonly string[] {
    return coin === null ? this.cashAssets(wallet) : [coin];
  }

  private perpsInUse(wallet: string, coin: string | null): readonly InstrumentId[] {
    const pool = { wallet, coin };
    const ids = new Set<InstrumentId>(this.positionsOf(pool));
    for (const order of this.orders.openOrders(null)) {
      const { kind } = this.perp(order.instrument).instrument;
      if (kind !== 'spot' && this.isIn(order.instrument, pool)) ids.add(order.instrument);
    }
    return [...ids];
  }

  /** Assets of the wallet's dollar pool: what its linear perpetuals settle in, else its quotes. */
  cashAssets(wallet: string): readonly string[] {
    const known = this.cashByWallet.get(wallet);
    if (known !== undefined) return known;
    const settles = new Set<string>();
    const quotes = new Set<string>();
    for (const { instrument } of this.listed.values()) {
      if (instrument.wallet !== wallet) continue;
      if (instrument.kind === 'linear-perp') settles.add(instrument.settle);
      if (instrument.kind === 'spot') quotes.add(instrument.quote);
    }
    const assets = settles.size > 0 ? [...settles] : [...quotes];
    this.cashByWallet.set(wallet, assets);
    return assets;
  }

  private locked(wallet: string, asset: string): Decimal {
    let locked = zero;
    for (const order of this.orders.openOrders(null)) {
      const { instrument } = present(this.listed.get(order.instrument), order.instrument);
      if (instrument.kind !== 'spot' || instrument.wallet !== wallet) continue;
      if (lockedAsset(order, instrument) === asset) locked = plus(locked, lockedAmount(order));
    }
    return locked;
  }

  private perp(id: InstrumentId): SimInstrument {
    return present(this.listed.get(id), `instrument ${id}`);
  }
}

/** An inverse instrument is margined by the pool of its coin. */
function poolOf(instrument: Pick<Instrument, 'kind' | 'settle' | 'wallet'>): MarginPool {
  return { wallet: instrument.wallet, coin: isInverse(instrument) ? instrument.settle : null };
}

/** One literal: what begins with a spread has a shape of its own each time. */
function heldPool(rough: RoughPosition): HeldPool {
  const { wallet, coin } = rough.pool;
  return { wallet, coin, rough: [rough], cash: 0, changes: -1 };
}

function isSame(a: MarginPool, b: MarginPool): boolean {
  return a.wallet === b.wallet && a.coin === b.coin;
}

function lockedAsset(order: SimOrder, instrument: { base: string; quote: string }): string {
  return order.side === 'buy' ? instrument.quote : instrument.base;
}

function lockedAmount(order: SimOrder): Decimal {
  const rest = openQty(order);
  return order.side === 'sell' ? rest : times(rest, order.limit ?? zero);
}
