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

/** Cash in doubles, as of so many changes of the wallets. */
interface RoughCash {
  readonly changes: number;
  readonly cash: number;
}

/** A position in doubles. */
interface RoughPosition {
  readonly state: PositionState;
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

export class Account {
  readonly wallets: Wallets;
  private readonly listed: ReadonlyMap<InstrumentId, SimInstrument>;
  private readonly orders: Orders;
  private readonly markOf: (id: InstrumentId) => number;
  private readonly leverageDefault: number;
  private readonly positionById = new Map<InstrumentId, PositionState>();
  private readonly leverageById = new Map<InstrumentId, number>();
  private readonly cashByWallet = new Map<string, readonly string[]>();
  private readonly roughById = new Map<InstrumentId, RoughPosition>();
  /** By wallet, then by the pool's coin (or the wallet itself). */
  private readonly roughByPool = new Map<string, Map<string, RoughCash>>();
  private holding: readonly MarginPool[] | null = null;

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
    const size = positionSize(instrument, state.qty, fromNumber(mark));
    const leverage = this.leverage(id);
    const maintenanceMargin = maintenanceMarginOf(marginTiers, size);
    const unrealizedPnl = unrealizedPnlOf(state, fromNumber(mark), instrument);
    let liquidationPrice: number | null = null;
    if (state.qty !== zero) {
      const wallet = this.margin(instrument.wallet, coinOf(instrument));
      const equityElsewhere = minus(
        minus(wallet.equity, unrealizedPnl),
        minus(wallet.maintenanceMargin, maintenanceMargin),
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
    const assets = coin === null ? this.cashAssets(wallet) : [coin];
    const total = sum(assets.map((asset) => this.wallets.total(wallet, asset)));
    const locked = sum(assets.map((asset) => this.locked(wallet, asset)));
    let unrealizedPnl = zero;
    let initialMargin = zero;
    let maintenanceMargin = zero;
    for (const id of this.perpsInUse(wallet, coin)) {
      const state = this.state(id);
      const mark = fromNumber(this.markOf(id));
      const { instrument, marginTiers } = this.perp(id);
      unrealizedPnl = plus(unrealizedPnl, unrealizedPnlOf(state, mark, instrument));
      initialMargin = plus(initialMargin, this.initialMarginWith(id, null));
      const margin = maintenanceMarginOf(marginTiers, positionSize(instrument, state.qty, mark));
      maintenanceMargin = plus(maintenanceMargin, margin);
    }
    const equity = plus(total, unrealizedPnl);
    const available = maxOf(zero, minus(minus(equity, initialMargin), locked));
    return { wallet, coin, equity, unrealizedPnl, initialMargin, maintenanceMargin, available };
  }

  /**
   * True when equity is above any maintenance margin by far more than doubles are off: asked at
   * every tick, so that the exact figures are needed only near the edge. False says nothing.
   */
  isClearlySolvent(pool: MarginPool): boolean {
    const { wallet, coin } = pool;
    let equity = this.roughCash(pool);
    let margin = 0;
    let size = Math.abs(equity);
    for (const [id, state] of this.positionById) {
      const figures = this.roughly(id, state);
      const own = figures.pool;
      if (state.qty === zero || own.wallet !== wallet || own.coin !== coin) continue;
      const mark = this.markOf(id);
      const value = figures.inverse ? -figures.size / mark : figures.size * mark;
      equity += value - figures.cost;
      margin += Math.abs(value) * figures.rateMax;
      size += Math.abs(value) + Math.abs(figures.cost);
    }
    return equity - margin > size * roughError;
  }

  /** Sum of the pool's cash in doubles. */
  private roughCash({ wallet, coin }: MarginPool): number {
    const { changes } = this.wallets;
    const key = coin ?? wallet;
    const known = this.roughByPool.get(wallet)?.get(key);
    if (known?.changes === changes) return known.cash;
    let cash = 0;
    for (const asset of coin === null ? this.cashAssets(wallet) : [coin]) {
      cash += toNumber(this.wallets.total(wallet, asset));
    }
    let pools = this.roughByPool.get(wallet);
    if (pools === undefined) {
      pools = new Map();
      this.roughByPool.set(wallet, pools);
    }
    pools.set(key, { changes, cash });
    return cash;
  }

  /** A position is never changed in place: the same object has the same figures. */
  private roughly(id: InstrumentId, state: PositionState): RoughPosition {
    const before = this.roughById.get(id);
    if (before?.state === state) return before;
    const { instrument, marginTiers } = this.perp(id);
    const rateMax = maintenanceRateMax(marginTiers);
    const inverse = isInverse(instrument);
    const face = inverse ? toNumber(instrument.contractSize) : 1;
    const figures = {
      state,
      pool: this.poolOf(id),
      size: toNumber(state.qty) * face,
      inverse,
      cost: toNumber(state.cost),
      rateMax,
    };
    this.roughById.set(id, figures);
    return figures;
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
    if (this.holding !== null) return this.holding;
    const pools = new Map<string, MarginPool>();
    for (const [id, state] of this.positionById) {
      if (state.qty === zero) continue;
      const pool = this.poolOf(id);
      pools.set(`${pool.wallet} ${pool.coin}`, pool);
    }
    this.holding = [...pools.values()];
    return this.holding;
  }

  positionsOf(pool: MarginPool): readonly InstrumentId[] {
    return [...this.positionById.keys()].filter(
      (id) => this.isIn(id, pool) && this.state(id).qty !== zero,
    );
  }

  isIn(id: InstrumentId, { wallet, coin }: MarginPool): boolean {
    const pool = this.poolOf(id);
    return pool.wallet === wallet && pool.coin === coin;
  }

  private poolOf(id: InstrumentId): MarginPool {
    const { instrument } = this.perp(id);
    return { wallet: instrument.wallet, coin: coinOf(instrument) };
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

/** The coin whose pool margins the instrument; null = the wallet's dollars. */
function coinOf(instrument: Pick<Instrument, 'kind' | 'settle'>): string | null {
  return isInverse(instrument) ? instrument.settle : null;
}

function lockedAsset(order: SimOrder, instrument: { base: string; quote: string }): string {
  return order.side === 'buy' ? instrument.quote : instrument.base;
}

function lockedAmount(order: SimOrder): Decimal {
  const rest = openQty(order);
  return order.side === 'sell' ? rest : times(rest, order.limit ?? zero);
}
