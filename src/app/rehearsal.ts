// Rehearsed entries: the whole way of an entry, from a look at a pair to the bytes of its orders,
// on an engine of its own whose orders nobody sends. The first real order then finds its code
// compiled, and a rehearsal now and then keeps it near the processor. What is rehearsed is what
// runs: the same step, the policy's own strategies, the journal's encoding, the drivers' messages.
//
//   pairs that are quoted -> a look whose rate is worth an entry -> EngineHost over its own state
//     -> records encoded into a buffer that nobody writes -> `message` of each order
//     -> both orders canceled unfilled: the pair ends, the next look can follow
import { type Decimal, decimal } from '../base/decimal.ts';
import { hourMs } from '../base/time.ts';
import { BinaryEncoder } from '../domain/codec-encoder.ts';
import { writeRecord } from '../domain/codec-record.ts';
import type { DriverEvent, EngineInput, VenueEffect } from '../domain/event.ts';
import { type Instrument, isPerp } from '../domain/instrument.ts';
import type { ApprovedOrder } from '../domain/order.ts';
import type { Clock } from '../domain/ports.ts';
import type { RiskLimits } from '../domain/verdict.ts';
import type { LegView, PairKey } from '../domain/view.ts';
import { EngineHost } from '../engine/host.ts';
import { legViewOf, type MarketReader } from '../engine/legs.ts';
import type { Policy } from '../engine/policy.ts';
import { emptyState } from '../engine/state.ts';
import { frameHeadBytes, sealFrame } from '../store/journal-frame.ts';

export interface RehearsalOptions {
  readonly policy: Policy;
  readonly market: MarketReader;
  readonly clock: Clock;
  /** Candidates: the first one that is quoted on both legs is taken. */
  readonly pairs: () => readonly PairKey[];
  /** Makes an order's message as it would be sent, and does not send it. */
  readonly message: (order: ApprovedOrder) => void;
}

/** In the ids of orders that nobody sends. */
const installation = 'dryrun';
/** Of the short leg; the long one's is 0. More than any threshold asks for. */
const ratePerInterval = 0.05;
const intervalMs = 8 * hourMs;
const settlesInMs = 4 * hourMs;
const feeRates = { taker: 0.0005, maker: 0.0002 };
const cash = decimal('1000000000');
const leverage = 3;
/** After so many the state is begun anew: what it remembers stays small. */
const entriesMax = 200;
const encoderBytes = 65_536;

export class Rehearsal {
  private readonly options: RehearsalOptions;
  private readonly encoder = new BinaryEncoder(encoderBytes);
  private stage: Stage | null = null;
  private key = '';

  constructor(options: RehearsalOptions) {
    this.options = options;
  }

  /** One entry from the look to its end. Orders that were made; 0 = no pair is quoted. */
  once(): number {
    const { market, clock, pairs } = this.options;
    const wallMs = clock.wallMs();
    for (const pair of pairs()) {
      const longLeg = legViewOf(market, pair.long, wallMs);
      const shortLeg = legViewOf(market, pair.short, wallMs);
      if (longLeg === null || shortLeg === null || shortLeg.kind === 'spot') continue;
      const tsMs = clock.venueMs();
      const legs = {
        longLeg: fresh(longLeg, tsMs, 0),
        shortLeg: fresh(shortLeg, tsMs, ratePerInterval),
      };
      const view = { ...pair, tsMs, wallMs, ...legs };
      return this.stageFor(pair).enter({ kind: 'pair-seen', passes: true, view });
    }
    return 0;
  }

  private stageFor(pair: PairKey): Stage {
    const key = `${pair.long} ${pair.short}`;
    if (this.stage === null || key !== this.key || this.stage.entries >= entriesMax) {
      this.encoder.reset();
      this.stage = new Stage(this.options, this.encoder, pair);
      this.key = key;
    }
    return this.stage;
  }
}

/** As if it had been quoted just now, at such a rate. */
function fresh(leg: LegView, tsMs: number, rate: number): LegView {
  return {
    ...leg,
    feeRateTaker: feeRates.taker,
    quoteAgeMs: 0,
    fundingAgeMs: leg.kind === 'spot' ? null : 0,
    mark: leg.mark ?? (leg.bid + leg.ask) / 2,
    funding:
      leg.kind === 'spot'
        ? null
        : { ratePerInterval: rate, intervalMs, settlesAtMs: tsMs + settlesInMs },
  };
}

/** An engine with both venues up and money in every wallet. */
class Stage {
  entries = 0;
  private readonly host: EngineHost;
  private readonly message: (order: ApprovedOrder) => void;
  private sent: ApprovedOrder[] = [];

  constructor(options: RehearsalOptions, encoder: BinaryEncoder, pair: PairKey) {
    const { policy, market, clock, message } = options;
    this.message = message;
    const put = (input: EngineInput): void => this.host.put(input);
    this.host = new EngineHost({
      state: emptyState(),
      policy: rehearsed(policy),
      market,
      clock,
      ports: {
        append(record) {
          const start = encoder.at;
          encoder.skip(frameHeadBytes);
          writeRecord(encoder, record);
          sealFrame(encoder.bytes, start, encoder.at);
        },
        commit() {
          encoder.at = 0;
        },
        act: (effect) => this.act(effect),
        timer: () => undefined,
        alert: () => undefined,
        observe: () => undefined,
      },
    });
    const instruments = [pair.long, pair.short].flatMap((id) => {
      const index = market.catalog.indexOf(id);
      return index < 0 ? [] : [market.catalog.at(index)];
    });
    for (const input of beginning(instruments)) put(input);
    for (const venue of venuesOf(instruments)) {
      const { state } = this.host;
      const requestId = state.venues.get(venue)?.awaiting;
      if (requestId !== undefined && requestId !== null) {
        put(snapshot({ venue, requestId, sinceMs: state.tsMs }, instruments));
      }
    }
  }

  /** Orders that were made; all of them end unfilled. */
  enter(look: EngineInput): number {
    this.entries++;
    this.sent = [];
    this.host.put(look);
    const { sent } = this;
    for (const order of sent) for (const input of endOf(order)) this.host.put(input);
    return sent.length;
  }

  private act(effect: VenueEffect): void {
    if (effect.kind !== 'place-order') return;
    this.sent.push(effect.order);
    this.message(effect.order);
  }
}

/** The policy's own, but that nothing stands in the way and both orders leave at once. */
function rehearsed(policy: Policy): Policy {
  const wide = Object.fromEntries(
    Object.keys(policy.limits).map((name) => [name, name === 'drawdownMax' ? 1 : 1e15]),
  );
  const { priceCollar, coinMarginShare, liquidationDistanceMin } = policy.limits;
  const kept = { priceCollar, coinMarginShare, liquidationDistanceMin };
  const limits: RiskLimits = { ...policy.limits, ...wide, ...kept };
  const execution = { ...policy.execution, modes: ['taker-taker'] as const };
  return { ...policy, limits, execution, entryCooldownMs: 0 };
}

function venuesOf(instruments: readonly Instrument[]): readonly string[] {
  return [...new Set(instruments.map(({ venue }) => venue))];
}

function beginning(instruments: readonly Instrument[]): readonly EngineInput[] {
  const venues = venuesOf(instruments);
  const inputs: EngineInput[] = [
    {
      ...{ kind: 'booted', runId: 'rehearsal', installation, epoch: 1, seed: null, venues },
      configDigest: '',
    },
  ];
  for (const venue of venues) {
    const own = instruments.filter((each) => each.venue === venue);
    const rates = Object.fromEntries(own.map(({ id }) => [id, feeRates]));
    const terms = Object.fromEntries(
      own.filter(({ kind }) => isPerp(kind)).map(({ id }) => [id, { leverage, tiers: null }]),
    );
    inputs.push({ kind: 'instruments', venue, instruments: own, feeRates: rates });
    inputs.push({ kind: 'margin-terms', venue, terms });
    for (const channel of ['rest', 'public', 'private'] as const) {
      inputs.push({ kind: 'venue-status', venue, channel, status: 'up', detail: '' });
    }
  }
  return inputs;
}

function snapshot(
  asked: { readonly venue: string; readonly requestId: string; readonly sinceMs: number },
  instruments: readonly Instrument[],
): DriverEvent {
  const { venue } = asked;
  const own = instruments.filter((each) => each.venue === venue);
  return {
    ...{ kind: 'venue-snapshot', ok: true, error: null, ...asked },
    ...{ openOrders: [], orders: [], fills: [], fundingPayments: [], positions: [] },
    balances: own.map(({ wallet, kind, quote, settle }) => ({
      ...{ kind: 'balance', venue, symbol: null, instrument: null, venueTsMs: null, wallet },
      asset: kind === 'spot' ? quote : settle,
      total: cash,
      available: null,
    })),
  };
}

function endOf(order: ApprovedOrder): readonly DriverEvent[] {
  const { venue, clientOrderId, instrument, side, qty, limit } = order;
  return [
    { kind: 'place-result', venue, clientOrderId, outcome: 'acked', error: null },
    {
      kind: 'order',
      venue,
      symbol: '',
      instrument,
      venueTsMs: null,
      clientOrderId,
      venueOrderId: null,
      status: 'canceled',
      side,
      qty,
      filledQty: 0n as Decimal, // brand constructor: none
      limit,
      averagePrice: null,
      reduceOnly: false,
      reason: null,
    },
  ];
}
