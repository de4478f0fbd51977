// Risk's answer. `denied` is ours (before the send), `rejected` is the venue's.
import type { MarginTiers } from './margin.ts';
import type { ApprovedOrder, OrderDraft } from './order.ts';

/** The orders that are judged together: both legs, or one hedge. */
export interface Basket {
  readonly orders: readonly OrderDraft[];
}

export type RiskMode = 'running' | 'reduce-only' | 'halted';

export const denialCodes = [
  'halted',
  'reduce-only-mode',
  'not-reducing',
  'position-limit',
  'gross-exposure-limit',
  'venue-exposure-limit',
  'leverage-limit',
  'daily-loss-limit',
  'drawdown-limit',
  'stale-data',
  'venue-not-ready',
  'pairs-limit',
  'orders-open-limit',
  'order-rate-limit',
  'price-collar',
  'net-delta-limit',
  'store-down',
  'equity-unknown',
  'margin-unknown',
  'tier-limit',
  'free-margin',
] as const;
export type DenialCode = (typeof denialCodes)[number];

export interface Denial {
  readonly code: DenialCode;
  /** "gross exposure 52,000 USD would pass the limit 50,000". */
  readonly message: string;
  readonly limit: number | null;
  readonly value: number | null;
}

export type Verdict =
  | { readonly ok: true; readonly orders: readonly ApprovedOrder[] }
  | { readonly ok: false; readonly denials: readonly Denial[] };

/** Limits of config/risk.yaml. USD figures are notional at mark; fractions are of equity. */
export interface RiskLimits {
  readonly positionUsdMax: number;
  readonly grossExposureUsdMax: number;
  readonly venueExposureUsdMax: number;
  readonly netDeltaUsdMax: number;
  readonly leverageMax: number;
  readonly dailyLossUsdMax: number;
  readonly drawdownMax: number;
  readonly quoteAgeMsMax: number;
  readonly fundingAgeMsMax: number;
  readonly pairsOpenMax: number;
  readonly ordersOpenMax: number;
  readonly ordersPerSecondMax: number;
  /** A pair with a leg nearer to its liquidation, as a fraction of the mark, is closed. */
  readonly liquidationDistanceMin: number;
  /** Farthest that a limit price may stand from the arrival mid, as a fraction. */
  readonly priceCollar: number;
  /**
   * Share of the coins that lay in wallets of inverse contracts at the opening which counts in the
   * net delta: 0 = they are their owner's own choice, 1 = bought to be margin. What is gained and
   * lost in coin since then always counts.
   */
  readonly coinMarginShare: number;
}

/** What risk reads: worst case over positions, pending and unknown orders. */
export interface RiskBook {
  readonly mode: RiskMode;
  readonly wallMs: number;
  /** USD, all venues; null = not known yet (before the first snapshot): nothing opens. */
  readonly equityUsd: number | null;
  readonly dayStartEquityUsd: number | null;
  readonly peakEquityUsd: number | null;
  /** Per instrument: signed base quantity held, and what live or unknown orders may add. */
  readonly exposures: readonly InstrumentExposure[];
  /**
   * Coins that margin inverse contracts, their unrealized profit included: they count in the delta.
   */
  readonly collateral: readonly { readonly base: string; readonly usd: number }[];
  /** Of the wallets that the basket is paid from; others are not looked at. */
  readonly wallets: readonly WalletFunds[];
  readonly pairsOpen: number;
  readonly ordersOpen: number;
  /** Orders sent in the last second of wall time. */
  readonly ordersLastSecond: number;
  /** Venues that are connected and reconciled; others may not be opened on. */
  readonly venuesReady: readonly string[];
  readonly storeDown: boolean;
}

/** What a wallet of a venue has in one asset. */
export interface WalletFunds {
  readonly venue: string;
  readonly wallet: string;
  readonly asset: string;
  /** Cash and the unrealized profit of what settles in it; null = not known, see `unknown`. */
  readonly equity: number | null;
  readonly unknown: string | null;
}

/** How an instrument is paid for and margined at its venue. */
export interface ExposureMargin {
  readonly wallet: string;
  /** What spot is bought with; what a perpetual settles in. */
  readonly asset: string;
  readonly isInverse: boolean;
  /** Null = not known; spot has none. */
  readonly leverage: number | null;
  /** Null = the venue lists none. */
  readonly tiers: MarginTiers | null;
  /** Null = not known. */
  readonly feeRateTaker: number | null;
}

export interface InstrumentExposure {
  readonly instrument: string;
  readonly venue: string;
  /** The asset, to net deltas over instruments. */
  readonly base: string;
  readonly isSpot: boolean;
  /** Base units, signed, + long. */
  readonly qty: number;
  /** Base units per unit of an order's quantity: 1, of inverse contracts face / price. */
  readonly baseUnit: number;
  /** What buys and sells that are pending, open or unknown may still add (both >= 0). */
  readonly buysLeft: number;
  readonly sellsLeft: number;
  /** Mark (or mid for spot); null = unknown: then it counts as stale. */
  readonly price: number | null;
  readonly quoteAgeMs: number | null;
  readonly fundingAgeMs: number | null;
  readonly margin: ExposureMargin;
}
