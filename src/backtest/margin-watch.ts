// Whether a bar could have liquidated anything on one venue: every held perpetual at the bar's
// worst price for it, all at once. Only then does the exchange walk through the inside of the bar,
// with its own exact margin. Cheap, in doubles, and never less careful than the exchange.
import { type Decimal, fromNumber, toNumber, zero } from '../base/decimal.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import { maintenanceMarginOf, maintenanceRateMax, positionSize } from '../domain/margin.ts';
import type { SimExchange, SimPosition } from '../sim/api.ts';
import type { Contract } from './tape.ts';

/** Covers rounding: a wallet this near to its maintenance margin is looked at exactly. */
const slack = 1.001;

interface Held {
  readonly contract: Contract;
  readonly exact: Decimal;
  readonly qty: number;
  readonly entryPrice: number;
  /** Of all its tiers. */
  readonly rateMax: number;
}

export class MarginWatch {
  private readonly contracts: ReadonlyMap<InstrumentId, Contract>;
  private readonly held = new Map<InstrumentId, Held>();
  /** By `wallet asset`. */
  private readonly cash = new Map<string, number>();
  /** By wallet: the assets that its perpetuals settle in. */
  private readonly cashAssets = new Map<string, Set<string>>();

  constructor(exchange: SimExchange, contracts: readonly Contract[]) {
    this.contracts = new Map(contracts.map((c) => [c.listing.instrument.id, c]));
    for (const { listing } of contracts) {
      const { kind, wallet, settle } = listing.instrument;
      if (kind === 'spot') continue;
      const assets = this.cashAssets.get(wallet) ?? new Set<string>();
      this.cashAssets.set(wallet, assets.add(settle));
    }
    for (const { wallet, asset, total } of exchange.balances()) {
      this.cash.set(`${wallet} ${asset}`, toNumber(total));
    }
    exchange.onEvent((event) => {
      if (event.kind === 'balance') {
        const { wallet, asset, total } = event.balance;
        this.cash.set(`${wallet} ${asset}`, toNumber(total));
      } else if (event.kind === 'position') {
        this.setHeld(event.position);
      }
    });
  }

  get holds(): boolean {
    return this.held.size > 0;
  }

  /** Perpetuals held, in USD at entry: for the exposure chart. */
  get grossUsd(): number {
    let gross = 0;
    for (const { qty, entryPrice } of this.held.values()) gross += Math.abs(qty) * entryPrice;
    return gross;
  }

  mayBreach(k: number): boolean {
    for (const [wallet, assets] of this.cashAssets) {
      let equity = 0;
      for (const asset of assets) equity += this.cash.get(`${wallet} ${asset}`) ?? 0;
      let highest = 0;
      for (const { contract, qty, entryPrice, rateMax } of this.held.values()) {
        if (contract.listing.instrument.wallet !== wallet) continue;
        const price = worstPrice(contract, k, qty);
        if (Number.isNaN(price)) continue; // not traded: nothing can have moved
        equity += qty * (price - entryPrice);
        highest += Math.abs(qty) * price * rateMax;
      }
      // Mostly there is far more than even the highest rate asks for.
      if (highest === 0 || equity >= highest * slack) continue;
      if (equity < this.maintenance(wallet, k) * slack) return true;
    }
    return false;
  }

  /** By the tiers themselves. */
  private maintenance(wallet: string, k: number): number {
    let maintenance = 0;
    for (const { contract, qty, exact } of this.held.values()) {
      const { instrument, marginTiers } = contract.listing;
      const price = worstPrice(contract, k, qty);
      if (instrument.wallet !== wallet || Number.isNaN(price)) continue;
      const size = positionSize(instrument, exact, fromNumber(price));
      maintenance += toNumber(maintenanceMarginOf(marginTiers, size));
    }
    return maintenance;
  }

  private setHeld({ instrument, qty, entryPrice }: SimPosition): void {
    const contract = this.contracts.get(instrument);
    if (contract === undefined) return;
    if (qty === zero) this.held.delete(instrument);
    else {
      this.held.set(instrument, {
        contract,
        exact: qty,
        qty: toNumber(qty),
        entryPrice: toNumber(entryPrice),
        rateMax: maintenanceRateMax(contract.listing.marginTiers),
      });
    }
  }
}

/** The mark's extreme against the position; of the price where no mark is recorded. */
function worstPrice({ price, mark }: Contract, k: number, qty: number): number {
  const column = qty > 0 ? 'low' : 'high';
  const own = mark === null ? Number.NaN : (mark[column][k] as number);
  return Number.isNaN(own) ? (price[column][k] as number) : own;
}
