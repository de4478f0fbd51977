// Everything that can happen to the engine (events) and everything that it decides (effects). Both
// are journaled, in this form, before they act. `evolve` folds both; `decide` reads an event and
// makes effects. Two clocks in every record: `tsMs` is venue time, `wallMs` is our monotonic wall
// clock.
import type { Decimal } from '../base/decimal.ts';
import type { Instrument, InstrumentId, VenueId } from './instrument.ts';
import type { MarginTiers } from './margin.ts';
import type { ApprovedOrder, ClientOrderId } from './order.ts';
import type { LegName, LegRole, PairPhase } from './pair.ts';
import type { ExecutionPlan } from './plan.ts';
import type {
  BalanceEvent,
  ErrorEvent,
  FillEvent,
  FundingPaymentEvent,
  OrderEvent,
  PositionEvent,
} from './venue-event.ts';
import type { Denial, RiskMode } from './verdict.ts';
import type { LegView, OpenIntent, PairView } from './view.ts';

/** Stamped by the mailbox. `seq` has no gaps over the whole journal. */
export interface RecordStamp {
  readonly seq: number;
  readonly tsMs: number;
  readonly wallMs: number;
}

// ---- what drivers report ------------------------------------------------------------------------

/** The answer to `place-order`; fills and order states come as events of their own. */
export interface PlaceResult {
  readonly kind: 'place-result';
  readonly venue: VenueId;
  readonly clientOrderId: ClientOrderId;
  /** unknown = no answer, or one that leaves it open: query before anything else. */
  readonly outcome: 'acked' | 'rejected' | 'unknown';
  readonly error: ErrorEvent | null;
}

export interface CancelResult {
  readonly kind: 'cancel-result';
  readonly venue: VenueId;
  readonly clientOrderId: ClientOrderId;
  /** gone = the venue knows no such open order: reconcile before treating it as ended. */
  readonly outcome: 'acked' | 'gone' | 'unknown';
  readonly error: ErrorEvent | null;
}

export interface QueryResult {
  readonly kind: 'query-result';
  readonly venue: VenueId;
  readonly clientOrderId: ClientOrderId;
  readonly outcome: 'found' | 'not-found' | 'unknown';
  readonly order: OrderEvent | null;
  /** Fills of the order that the venue lists, for dedupe by trade id. */
  readonly fills: readonly FillEvent[];
}

/** The venue's own account of everything, for reconciliation. */
export interface VenueSnapshot {
  readonly kind: 'venue-snapshot';
  readonly venue: VenueId;
  readonly requestId: string;
  readonly ok: boolean;
  /** History below covers from here (venue time). */
  readonly sinceMs: number;
  readonly openOrders: readonly OrderEvent[];
  readonly orders: readonly OrderEvent[];
  readonly fills: readonly FillEvent[];
  readonly fundingPayments: readonly FundingPaymentEvent[];
  readonly balances: readonly BalanceEvent[];
  readonly positions: readonly PositionEvent[];
  readonly error: string | null;
}

export interface VenueStatus {
  readonly kind: 'venue-status';
  readonly venue: VenueId;
  /**
   * clock: down = ours and the venue's moved apart between two measurements. rate: down = the
   * venue's limits leave no room for entries, for a while.
   */
  readonly channel: 'public' | 'private' | 'rest' | 'book' | 'clock' | 'rate';
  readonly status: 'up' | 'down' | 'resyncing';
  readonly detail: string;
  /** Of `rate`: the share of the order limits that is left, 0 while nothing at all may be sent. */
  readonly headroom?: number;
}

export interface InstrumentsListed {
  readonly kind: 'instruments';
  readonly venue: VenueId;
  readonly instruments: readonly Instrument[];
  /** Taker and maker fee rates as fractions (+ = cost), by instrument. */
  readonly feeRates: Readonly<
    Record<InstrumentId, { readonly taker: number; readonly maker: number }>
  >;
}

/** How a perpetual is margined on this account. */
export interface MarginTerms {
  /** As it was set at the venue. */
  readonly leverage: number;
  /** Null = the venue lists none: only the leverage is known. */
  readonly tiers: MarginTiers | null;
}

/** Margin of perpetuals; what is not named is as it was, or not known. */
export interface MarginTermsListed {
  readonly kind: 'margin-terms';
  readonly venue: VenueId;
  readonly terms: Readonly<Record<InstrumentId, MarginTerms>>;
}

/** What borrowing on spot margin costs, as a fraction per hour, by asset; others as they were. */
export interface BorrowRatesListed {
  readonly kind: 'borrow-rates';
  readonly venue: VenueId;
  readonly ratesPerHour: Readonly<Record<string, number>>;
}

/** What the venue settled funding at, read from its public history after the bills were read. */
export interface FundingSettled {
  readonly kind: 'funding-settled';
  readonly venue: VenueId;
  readonly instrument: InstrumentId;
  readonly settledAtMs: number;
  /** Fraction of the notional, + = longs pay shorts. */
  readonly rate: Decimal;
  /** Null = the history does not name it; the bill may. */
  readonly mark: Decimal | null;
}

export type DriverEvent =
  | OrderEvent
  | FillEvent
  | BalanceEvent
  | PositionEvent
  | FundingPaymentEvent
  | FundingSettled
  | PlaceResult
  | CancelResult
  | QueryResult
  | VenueSnapshot
  | VenueStatus
  | InstrumentsListed
  | MarginTermsListed
  | BorrowRatesListed;

// ---- events that the process itself makes
// ---------------------------------------------------------

/** First record of every boot: recovery has folded what came before. */
export interface Booted {
  readonly kind: 'booted';
  readonly runId: string;
  /** Durable id of this installation and the boot epoch: part of every client order id. */
  readonly installation: string;
  readonly epoch: number;
  readonly seed: number | null;
  readonly venues: readonly VenueId[];
  /** Digest of the configuration that decides from here on. */
  readonly configDigest: string;
  /**
   * The journal before could not be read: this one is new, and all that this boot may do is close
   * what the venues say is held. Absent = no.
   */
  readonly fromVenuesAlone?: boolean;
}

/** A pair crossed the near-miss band or its timer fired: the exact inputs of a decision. */
export interface PairSeen {
  readonly kind: 'pair-seen';
  /** False: a near miss, or a held pair below the entry threshold. Absent in old journals. */
  readonly passes?: boolean;
  readonly view: PairView;
}

/** Marks of everything that is held, for risk and attribution. */
export interface MarksSeen {
  readonly kind: 'marks';
  readonly marks: readonly {
    readonly instrument: InstrumentId;
    /** Mark of a perpetual, mid of spot. */
    readonly price: number;
    readonly ageMs: number;
  }[];
}

/** A timer fired. Account and timer events carry the quotes of the pair's legs. */
export interface TimerFired {
  readonly kind: 'timer';
  readonly timer: TimerId;
}

export interface OperatorSaid {
  readonly kind: 'operator';
  /** acknowledge: the differences that restrict a venue are known to a person; book them. */
  readonly command: 'halt' | 'halt-flatten' | 'flatten' | 'resume' | 'wind-down' | 'acknowledge';
  readonly by: string;
}

export interface StoreStatus {
  readonly kind: 'store-status';
  readonly store: string;
  readonly up: boolean;
}

export type EngineInput =
  | DriverEvent
  | Booted
  | PairSeen
  | MarksSeen
  | TimerFired
  | OperatorSaid
  | StoreStatus;

/**
 * Quotes and ages of the legs of the pair that the event concerns, stamped into the same record, so
 * that `decide` reads nothing that is not in the journal.
 */
export type EngineEvent = RecordStamp & {
  readonly input: EngineInput;
  readonly legs: readonly LegView[];
};

// ---- effects
// --------------------------------------------------------------------------------------

/** Names are stable texts: `ack:<clientOrderId>`, `pair:<pairId>`, `reconcile:<venue>`. */
export type TimerId = string;

export interface PlaceOrder {
  readonly kind: 'place-order';
  readonly order: ApprovedOrder;
}
export interface CancelOrder {
  readonly kind: 'cancel-order';
  readonly venue: VenueId;
  readonly instrument: InstrumentId;
  readonly clientOrderId: ClientOrderId;
}
export interface QueryOrder {
  readonly kind: 'query-order';
  readonly venue: VenueId;
  readonly instrument: InstrumentId;
  readonly clientOrderId: ClientOrderId;
}
export interface RequestSnapshot {
  readonly kind: 'request-snapshot';
  readonly venue: VenueId;
  readonly requestId: string;
  readonly sinceMs: number;
}
/** What goes to a venue. */
export type VenueEffect = PlaceOrder | CancelOrder | QueryOrder | RequestSnapshot;

export interface SetTimer {
  readonly kind: 'set-timer';
  readonly timer: TimerId;
  readonly clock: 'wall' | 'venue';
  readonly dueMs: number;
}
export interface ClearTimer {
  readonly kind: 'clear-timer';
  readonly timer: TimerId;
}
export interface Alert {
  readonly kind: 'alert';
  readonly severity: 'info' | 'warning' | 'critical';
  readonly code: string;
  readonly message: string;
}
export interface PairCreated {
  readonly kind: 'pair-created';
  readonly pairId: string;
  readonly intent: OpenIntent;
  /** Absent in old journals: both legs at once. */
  readonly plan?: ExecutionPlan;
}
export interface PairMoved {
  readonly kind: 'pair-moved';
  readonly pairId: string;
  readonly phase: PairPhase;
  readonly reason: string;
  /** Of a phase that is worked by a plan of its own; absent = both legs at once. */
  readonly plan?: ExecutionPlan;
  /** Into `rolling`: the leg that moves, and the instrument that it moves to. */
  readonly roll?: { readonly leg: LegName; readonly to: InstrumentId };
}
/** Another plan for the phase that the pair is in: a maker that takes from now on. */
export interface PairPlanned {
  readonly kind: 'pair-planned';
  readonly pairId: string;
  readonly plan: ExecutionPlan;
}
/** An entry that would be made if its legs or the limits were free: what capital could earn. */
export interface EntryWaits {
  readonly kind: 'entry-waits';
  /** Strategy and instruments, as `keyOf` writes them. */
  readonly pair: string;
  readonly netOnCapital: number;
  /** The live pairs that hold its legs; none = the limits do not let it. */
  readonly blockedBy: readonly string[];
}
export interface LegBackedOff {
  readonly kind: 'leg-backed-off';
  readonly pairId: string;
  readonly leg: LegRole;
  readonly retryAtWallMs: number;
  readonly code: string;
}
export interface OrderResolved {
  readonly kind: 'order-resolved';
  readonly clientOrderId: ClientOrderId;
  readonly status: 'rejected' | 'canceled' | 'expired' | 'unknown';
  readonly reason: string;
}
export interface IntentDenied {
  readonly kind: 'intent-denied';
  readonly pair: string;
  readonly denials: readonly Denial[];
}
export interface ModeChanged {
  readonly kind: 'mode-changed';
  readonly mode: RiskMode;
  readonly reason: string;
  readonly by: string;
}
export interface VenueRestricted {
  readonly kind: 'venue-restricted';
  readonly venue: VenueId;
  readonly restricted: boolean;
  /** Differences that nothing explains, as text; empty when lifted. */
  readonly reasons: readonly string[];
}
/** Books a difference between our ledger and the venue that is explained, by name. */
export interface Adjustment {
  readonly kind: 'adjustment';
  readonly venue: VenueId;
  readonly wallet: string;
  readonly asset: string;
  readonly amount: Decimal;
  readonly reason: string;
}

/**
 * Takes over a position that the venue holds and our books do not, so that it can be closed: only
 * while an operator wants everything flat. `qty` is what is added to our books, signed.
 */
export interface PositionAdopted {
  readonly kind: 'position-adopted';
  readonly venue: VenueId;
  readonly instrument: InstrumentId;
  readonly qty: Decimal;
  /** What it cost per base unit, as the venue has it. */
  readonly price: Decimal;
}

export type Effect =
  | VenueEffect
  | SetTimer
  | ClearTimer
  | Alert
  | PairCreated
  | PairMoved
  | PairPlanned
  | EntryWaits
  | LegBackedOff
  | OrderResolved
  | IntentDenied
  | ModeChanged
  | VenueRestricted
  | Adjustment
  | PositionAdopted;

export type EffectRecord = RecordStamp & { readonly effect: Effect };
export type JournalRecord = EngineEvent | EffectRecord;
