// What happens to the account and its listings whatever we do: forced closes, trades and transfers
// by hand, another fee tier, a delisting. What people did by hand is told to the delta oracle.
import { abs, type Decimal, decimal, fromNumber, roundToStep, zero } from '../base/decimal.ts';
import { ownQtyAt } from '../domain/contract-value.ts';
import type { SimInstrument } from './api.ts';
import type { DeltaChecker } from './checkers-delta.ts';
import type { Coverage } from './coverage.ts';
import type { AccountFault, FaultMoment } from './faults.ts';
import type { VenueLink } from './simulator-link.ts';
import { walletsOf } from './simulator-setup.ts';
import type { World } from './simulator-world.ts';

const manualUsdMax = 1_500;
const transferUsdtMax = 300;
/** The driver reads the instruments again after this long. */
const reloadMs = 1_000;
/** A halted contract is settled by the venue after this long, and trades again after that. */
const delistMs = 6_000;
const relistMs = 6_000;

export interface MishapOptions {
  readonly world: World;
  readonly links: readonly VenueLink[];
  readonly coverage: Coverage;
  readonly delta: DeltaChecker;
}

export class Mishaps {
  private readonly options: MishapOptions;
  /** Cash that was moved by hand, by `venue wallet asset`. */
  readonly moved = new Map<string, bigint>();
  private readonly halted = new Map<string, VenueLink>();
  private readonly traded = new Set<string>();
  private trades = 0;

  constructor(options: MishapOptions) {
    this.options = options;
  }

  /** False = not one of ours. A moment without a position to strike changes nothing. */
  happen(moment: FaultMoment): boolean {
    const link = this.options.links.find(({ exchange }) => exchange.venue === moment.venue);
    if (link === undefined) return false;
    switch (moment.kind) {
      case 'adl':
      case 'liquidation':
        this.force(moment.kind, link, moment.value);
        return true;
      case 'manual-trade':
        this.trade(link, moment.value);
        return true;
      case 'manual-transfer':
        this.transfer(link, moment.value);
        return true;
      case 'fee-change':
        this.changeFees(link, moment.value);
        return true;
      case 'delisting':
        this.delist(link, moment.value);
        return true;
      default:
        return false;
    }
  }

  /** Everything trades again. */
  heal(): void {
    for (const [id, link] of this.halted) this.relist(id, link);
  }

  private force(kind: 'adl' | 'liquidation', link: VenueLink, value: number): void {
    const { exchange } = link;
    // Of a position that people traded too, nobody could say whose part was closed.
    const held = this.heldOf(link).filter((item) => !this.traded.has(item.instrument));
    const position = held[Math.floor(value * held.length)];
    if (position === undefined) return;
    const { instrument } = position;
    const all = abs(position.qty);
    const lot = exchange.instrument(instrument)?.instrument.lotSize ?? all;
    // brand: a share
    const part = roundToStep((all / BigInt(1 + Math.floor(value * 3))) as Decimal, lot, 'up');
    const done = exchange.deleverage(
      { instrument, qty: part, forced: kind },
      this.options.world.now(),
    );
    if (done.ok) this.cover(kind);
  }

  private trade(link: VenueLink, value: number): void {
    const { exchange } = link;
    const listed = this.tradable(link);
    const listing = listed[Math.floor(value * listed.length)];
    if (listing === undefined || listing.instrument.lotSize === null) return;
    const { id, lotSize } = listing.instrument;
    const usd = 50 + ((value * 7_919) % 1) * manualUsdMax;
    const mark = exchange.mark(id);
    const own = ownQtyAt(listing.instrument, usd / mark, mark);
    const qty = roundToStep(fromNumber(own), lotSize, 'up');
    const side = (value * 104_729) % 1 < 0.5 ? 'buy' : 'sell';
    const placed = exchange.place(
      {
        instrument: id,
        clientOrderId: `web${this.trades++}`,
        side,
        type: 'market',
        timeInForce: 'ioc',
        qty,
        limit: null,
        reduceOnly: false,
      },
      this.options.world.now(),
    );
    if (!placed.ok || placed.value.filledQty === zero) return;
    const { filledQty } = placed.value;
    this.traded.add(id);
    this.options.delta.onManual(id, side === 'buy' ? filledQty : -filledQty);
    this.cover('manual-trade');
  }

  private transfer(link: VenueLink, value: number): void {
    const { exchange } = link;
    const [wallet = ''] = walletsOf(exchange.venue);
    const amount = fromNumber(Math.round((value - 0.5) * 2 * transferUsdtMax) || 1);
    exchange.transfer({ wallet, asset: 'USDT', amount }, this.options.world.now());
    const key = `${exchange.venue} ${wallet} USDT`;
    this.moved.set(key, (this.moved.get(key) ?? 0n) + amount);
    this.cover('manual-transfer');
  }

  private changeFees(link: VenueLink, value: number): void {
    const { exchange } = link;
    const feeRateTaker = value < 0.5 ? decimal('0.0007') : decimal('0.0003');
    for (const { instrument } of exchange.instruments()) {
      exchange.relist(instrument.id, { feeRateTaker });
    }
    this.options.world.after(reloadMs, () => link.tellInstruments());
    this.cover('fee-change');
  }

  /** Trading stops; the venue closes what is held; later the contract is listed again. */
  private delist(link: VenueLink, value: number): void {
    const { exchange } = link;
    const { world } = this.options;
    const listed = this.tradable(link);
    const id = listed[Math.floor(value * listed.length)]?.instrument.id;
    if (id === undefined || this.halted.has(id)) return;
    this.halted.set(id, link);
    exchange.relist(id, { status: 'halted' });
    this.cover('delisting');
    world.after(reloadMs, () => link.tellInstruments());
    world.after(delistMs, () => {
      const qty = abs(exchange.position(id).qty);
      if (qty !== zero) exchange.deleverage({ instrument: id, qty }, world.now());
      world.after(relistMs, () => this.relist(id, link));
    });
  }

  private relist(id: string, link: VenueLink): void {
    if (!this.halted.delete(id)) return;
    link.exchange.relist(id, { status: 'trading' });
    link.tellInstruments();
  }

  private heldOf(link: VenueLink) {
    return link.exchange.positions().filter(({ qty }) => qty !== zero);
  }

  private tradable(link: VenueLink): readonly SimInstrument[] {
    return link.exchange
      .instruments()
      .filter(
        ({ instrument }) => instrument.kind === 'linear-perp' && instrument.status === 'trading',
      );
  }

  private cover(kind: AccountFault): void {
    this.options.coverage.count(`fault ${kind}`);
  }
}
