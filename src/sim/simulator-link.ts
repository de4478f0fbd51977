// Everything between the engine's driver port and one simulated exchange: requests, answers, the
// private stream and the connection's own state, each message struck by the faults of the plan.
// Messages on the way survive a crash of our process; what was meant for a dead process is lost.
import type { Prng } from '../base/prng.ts';
import type { CancelOrder, DriverEvent, VenueEffect } from '../domain/event.ts';
import type { SimEvent } from './api.ts';
import type { Coverage } from './coverage.ts';
import type { FaultableExchange } from './exchange.ts';
import { isEnded } from './exchange-orders.ts';
import {
  type FaultKind,
  type FaultPlan,
  type FaultWindow,
  type PlacementFault,
  type RequestFault,
  type StreamFault,
  streamFaults,
  type WindowFault,
} from './faults.ts';
import { type FatalArrival, PlacementStrikes } from './faults-placements.ts';
import {
  backOffMs,
  coveredLater,
  rateEvents,
  rejections,
  requestFaultsOf,
  requestTimeoutMs,
  timeoutOf,
} from './faults-requests.ts';
import { strikeResting, takeSome } from './faults-resting.ts';
import { ClockSkew } from './faults-skew.ts';
import {
  channelEvent,
  type MarketShown,
  notAccepting,
  outages,
  privateDown,
  publicDown,
  restDown,
  VenueWindows,
} from './faults-windows.ts';
import type { World } from './simulator-world.ts';
import {
  answerTo,
  eventOf,
  listingsOf,
  marginTermsOf,
  notFoundAnswer,
  refusedPlacement,
  snapshotOf,
  tornSnapshot,
  unansweredOf,
} from './venue-answers.ts';

const latencyMsMin = 2;
const latencyMsMax = 40;
/** A venue may not show an order to its reading side for this long. */
const readLagMs = 2_500;
const lateMsMax = 4_000;
const duplicateMsMax = 2_000;
const reorderMsMax = 400;
/** Between the two halves of a snapshot that is not of one instant. */
const tornMs = 150;
const suddenMsMin = 2_000;
const suddenMsMax = 25_000;
const streamMute: readonly WindowFault[] = ['stream-silent', ...outages];
const allDown = { rest: false, public: false, private: false };

/** A process of ours, as far as the link is concerned. */
export interface Receiver {
  put(event: DriverEvent): void;
}

export interface LinkOptions {
  readonly world: World;
  readonly exchange: FaultableExchange;
  readonly plan: FaultPlan;
  readonly coverage: Coverage;
  readonly orderValidityMs: number;
  readonly fatal: FatalArrival;
  readonly onTruth: (event: SimEvent) => void;
  /** An order reached the venue, or never will. */
  readonly onFate: (clientOrderId: string) => void;
}

export class VenueLink {
  readonly exchange: FaultableExchange;
  private readonly options: LinkOptions;
  private readonly prng: Prng;
  private readonly placements: PlacementStrikes;
  private receiver: Receiver | null = null;
  private channels: Record<'rest' | 'public' | 'private', boolean> = { ...allDown };
  private lastStreamMs = 0;
  private struckUntilMs = 0;
  private readonly windows: VenueWindows;
  private readonly skew: ClockSkew;
  private readonly covered = new Set<FaultWindow>();
  private ambushed: number | null = null;

  constructor(options: LinkOptions) {
    this.options = options;
    this.exchange = options.exchange;
    const { venue } = options.exchange;
    this.prng = options.world.prng(`link ${venue}`);
    const planned = options.plan.windows.filter((window) => window.venue === venue);
    this.windows = new VenueWindows(planned);
    this.skew = new ClockSkew(this.windows, this.prng);
    this.placements = new PlacementStrikes({
      exchange: options.exchange,
      prng: options.world.prng(`placements ${venue}`),
      kinds: options.plan.kinds,
      probabilityOf: (kind) => this.probabilityOf(kind),
      onStrike: (kind) => this.onStrike(kind),
    });
    this.exchange.onEvent((event) => this.onStream(event));
  }

  /** A new process connects: what was said to the old one is gone. */
  connect(receiver: Receiver): void {
    this.receiver = receiver;
    this.channels = { ...allDown };
    this.tellInstruments();
    this.refresh();
  }

  disconnect(): void {
    this.receiver = null;
  }

  /** Follows the plan's windows; called often. */
  refresh(): void {
    this.channel('rest', this.window(restDown) === null);
    this.channel('public', this.window(publicDown) === null);
    this.channel('private', this.window(privateDown) === null);
    this.strikeResting();
    if (this.windows.at(this.options.world.sinceMs).length === 0) return;
    for (const kind of notAccepting) {
      const window = this.window([kind]);
      if (window === null || this.covered.has(window) || kind === 'clock-skew') continue;
      this.covered.add(window);
      this.cover(kind);
    }
  }

  private strikeResting(): void {
    const { exchange, prng } = this;
    if (exchange.openOrders(null).length === 0 || this.window(outages) !== null) return;
    strikeResting({
      exchange,
      prng,
      now: this.options.world.now(),
      rolls: (kind) => this.rolls(kind),
      cover: (kind) => this.cover(kind),
    });
  }

  /** Whether the venue takes and answers orders, and shows its market, without a known fault. */
  get accepts(): boolean {
    const { world } = this.options;
    return world.wallMs >= this.struckUntilMs && this.window(notAccepting) === null;
  }

  /** What the public stream shows: live, old (nothing new comes), or nothing at all. */
  get marketShown(): MarketShown {
    return this.channels.public ? this.windows.marketAt(this.options.world.sinceMs) : 'gapped';
  }

  tellInstruments(): void {
    for (const of of [listingsOf, marginTermsOf]) this.sayTo(this.receiver, of(this.exchange));
  }

  act(effect: VenueEffect): void {
    const { world, orderValidityMs, fatal } = this.options;
    const { receiver } = this;
    const sentMs = world.wallMs;
    let answered = false;
    const answer = (event: DriverEvent): void => {
      if (answered) return;
      answered = true;
      this.sayTo(receiver, event);
    };
    world.after(timeoutOf(effect), () => {
      if (!answered) answer(unansweredOf(this.exchange, effect, 'timeout'));
    });
    const sprung = this.springs(effect);
    if (sprung === 'arrived') {
      this.arrive(effect, null); // its answer and its events find no connection any more
      return;
    }
    const strike = sprung === 'lost' ? 'request-lost' : this.strikeOf(effect);
    if (!this.channels.rest || strike === 'request-lost') {
      this.never(effect);
      return;
    }
    const lateMs = strike === 'request-late' ? 150 + this.prng.float() * lateMsMax : 0;
    world.after(this.latencyMs() + lateMs, () => {
      if (this.window(outages) !== null) {
        this.never(effect);
        return;
      }
      const tooLate = world.wallMs - sentMs > orderValidityMs;
      const fate = receiver === this.receiver ? fatal.fateOf(effect) : 'nothing';
      const isUnheard = this.placements.strike(effect, fate, world.now());
      const dies = fate === 'death';
      const met = dies && effect.kind === 'cancel-order' ? 'cancel-unheard' : strike;
      const said = this.arrive(effect, tooLate ? 'too-late' : met);
      if (dies) fatal.strike();
      if (dies || isUnheard || strike === 'answer-lost') return;
      if (strike === 'torn-snapshot') {
        world.after(tornMs, () => answer(tornSnapshot(this.exchange, effect, said)));
        return;
      }
      const slowMs = strike === 'answer-late' ? this.prng.float() * lateMsMax : 0;
      world.after(this.latencyMs() + slowMs, () => answer(said));
    });
  }

  /** The exchange meets the request. */
  private arrive(effect: VenueEffect, strike: RequestFault | 'too-late' | null): DriverEvent {
    const { exchange } = this;
    const now = this.options.world.now();
    switch (effect.kind) {
      case 'place-order': {
        const refusal = this.refusalOf(strike);
        if (refusal !== null) {
          this.never(effect);
          if (strike === 'reject-rate-limit') this.rateShort();
          return refusedPlacement(exchange, effect.order, refusal);
        }
        const { clientOrderId } = effect.order;
        const { venue } = exchange;
        if (strike === 'ack-without-order') {
          this.never(effect);
          const acked = { outcome: 'acked', error: null } as const;
          return { kind: 'place-result', venue, clientOrderId, ...acked } as const;
        }
        const said = answerTo(exchange, effect, now);
        this.options.onFate(clientOrderId);
        return said;
      }
      case 'query-order': {
        const { instrument, clientOrderId } = effect;
        const order = exchange.order({ instrument, clientOrderId });
        const ageMs =
          order === null
            ? Number.POSITIVE_INFINITY
            : (now.tsMs - order.createdTsMs) / this.options.world.speed;
        if (strike === 'read-lag' && ageMs < readLagMs) {
          this.cover('read-lag');
          return notFoundAnswer(exchange.venue, clientOrderId);
        }
        return answerTo(exchange, effect, now);
      }
      case 'cancel-order':
        return this.cancel(effect, strike);
      case 'request-snapshot':
        return snapshotOf(exchange, effect.requestId, effect.sinceMs);
    }
  }

  /** A cancel that is answered and not carried out, or that comes when somebody has taken it. */
  private cancel(effect: CancelOrder, strike: RequestFault | 'too-late' | null): DriverEvent {
    const { exchange, prng } = this;
    const { venue } = exchange;
    const { instrument, clientOrderId } = effect;
    const now = this.options.world.now();
    const order = exchange.order({ instrument, clientOrderId });
    const isOpen = order !== null && !isEnded(order);
    if (isOpen && strike === 'cancel-unheard') {
      this.cover(strike);
      return { kind: 'cancel-result', venue, clientOrderId, outcome: 'acked', error: null };
    }
    if (isOpen && strike === 'fill-during-cancel') {
      this.cover(strike);
      takeSome(exchange, order, { prng, now });
    }
    return answerTo(exchange, effect, now);
  }

  private refusalOf(strike: RequestFault | 'too-late' | null) {
    if (strike === 'too-late') return rejections['request-expired'] ?? null;
    if (strike === null || !strike.startsWith('reject-')) return this.skewRefusal();
    return rejections[strike] ?? null;
  }

  /** As the driver tells it: after such a refusal nothing is sent for its back-off. */
  private rateShort(): void {
    const { receiver } = this;
    const { short, ample } = rateEvents(this.exchange.venue);
    this.sayTo(receiver, short);
    this.options.world.after(backOffMs, () => this.sayTo(receiver, ample));
  }

  private skewRefusal() {
    if (!this.skew.refuses(this.options.world.sinceMs)) return null;
    this.cover('clock-skew');
    return rejections['clock-skew'] ?? null;
  }

  private strikeOf(effect: VenueEffect): RequestFault | null {
    for (const kind of requestFaultsOf(effect)) {
      if (!this.rolls(kind)) continue;
      this.onStrike(kind);
      return kind;
    }
    return null;
  }

  private onStrike(kind: RequestFault | PlacementFault): void {
    if (!coveredLater.has(kind)) this.cover(kind);
    this.struckUntilMs = this.options.world.wallMs + requestTimeoutMs; // not accepting for so long
  }

  private rolls(kind: FaultKind): boolean {
    const isDrawn = this.options.plan.sporadic.has(kind);
    return isDrawn && this.prng.chance(this.probabilityOf(kind));
  }

  /** Of striking a single message now. */
  private probabilityOf(kind: FaultKind): number {
    const { plan, world } = this.options;
    const isFaulty = world.sinceMs >= plan.faultyFromMs && world.sinceMs < plan.healsAtMs;
    return isFaulty ? (plan.sporadic.get(kind) ?? 0) : 0;
  }

  private onStream(event: SimEvent): void {
    const { world } = this.options;
    this.options.onTruth(event);
    const { receiver } = this;
    if (!this.channels.private || receiver === null) return;
    if (this.window(streamMute) !== null) return;
    if (this.placements.isMute(event, world.wallMs)) return;
    const plain = eventOf(this.exchange, event);
    if (plain === null) return;
    const said = this.skew.stamped(plain, world);
    const strike = streamFaults.find((kind) => this.rolls(kind)) ?? null;
    if (strike !== null) this.cover(strike);
    if (strike === 'stream-lost') return;
    const inOrderMs = Math.max(this.lastStreamMs, world.wallMs + this.latencyMs());
    const delayMs = inOrderMs - world.wallMs + this.extraMs(strike);
    if (strike !== 'stream-reordered') this.lastStreamMs = world.wallMs + delayMs;
    world.after(delayMs, () => this.sayTo(receiver, said));
    if (strike !== 'stream-duplicated') return;
    const again = delayMs + this.prng.float() * duplicateMsMax;
    world.after(again, () => this.sayTo(receiver, said));
  }

  private extraMs(strike: StreamFault | null): number {
    if (strike === 'stream-late') return this.prng.float() * lateMsMax;
    return strike === 'stream-reordered' ? this.prng.float() * reorderMsMax : 0;
  }

  private channel(name: 'rest' | 'public' | 'private', up: boolean): void {
    if (this.channels[name] === up) return;
    this.channels[name] = up;
    this.sayTo(this.receiver, channelEvent(this.exchange.venue, name, up));
  }

  /** The next order is the last message before an outage. */
  ambush(value: number): void {
    this.ambushed = value;
  }

  /** True = the order dies with the connection; false = it arrives, and nobody hears of it. */
  private springs(effect: VenueEffect): 'no' | 'lost' | 'arrived' {
    const { world, plan } = this.options;
    const value = this.ambushed;
    if (value === null || effect.kind !== 'place-order') return 'no';
    this.ambushed = null;
    if (world.sinceMs >= plan.healsAtMs) return 'no';
    const lengthMs = suddenMsMin + value * (suddenMsMax - suddenMsMin);
    const fromMs = world.sinceMs;
    const toMs = Math.min(fromMs + lengthMs, plan.healsAtMs);
    const kind = 'sudden-outage';
    this.windows.add({ kind, venue: this.exchange.venue, fromMs, toMs, value });
    return this.prng.chance(0.5) ? 'lost' : 'arrived';
  }

  private window(kinds: readonly WindowFault[]): FaultWindow | null {
    return this.windows.find(kinds, this.options.world.sinceMs);
  }

  private never(effect: VenueEffect): void {
    if (effect.kind === 'place-order') this.options.onFate(effect.order.clientOrderId);
  }

  private sayTo(receiver: Receiver | null, event: DriverEvent): void {
    if (receiver !== null && receiver === this.receiver) receiver.put(event);
  }

  private cover(kind: FaultKind): void {
    this.options.coverage.count(`fault ${kind}`);
  }

  private latencyMs(): number {
    return latencyMsMin + this.prng.float() * (latencyMsMax - latencyMsMin);
  }
}
