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
  type RequestFault,
  type StreamFault,
  streamFaults,
  type WindowFault,
} from './faults.ts';
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
import {
  channelEvent,
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
const gappedBook: readonly WindowFault[] = ['gapped-book'];
const staleQuotes: readonly WindowFault[] = ['stale-quotes'];
const clockSkew: readonly WindowFault[] = ['clock-skew'];
const streamMute: readonly WindowFault[] = ['stream-silent', ...outages];
const allDown = { rest: false, public: false, private: false };
/** How long single faults of the order path keep a venue from counting as accepting. */
const strikeMs = requestTimeoutMs;

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
  readonly onTruth: (event: SimEvent) => void;
  /** An order reached the venue, or never will. */
  readonly onFate: (clientOrderId: string) => void;
}

export class VenueLink {
  readonly exchange: FaultableExchange;
  private readonly options: LinkOptions;
  private readonly prng: Prng;
  private receiver: Receiver | null = null;
  private channels: Record<'rest' | 'public' | 'private', boolean> = { ...allDown };
  private lastStreamMs = 0;
  private struckUntilMs = 0;
  private skewDone = 0;
  private readonly windows: VenueWindows;
  private readonly covered = new Set<FaultWindow>();
  private ambushed: number | null = null;

  constructor(options: LinkOptions) {
    this.options = options;
    this.exchange = options.exchange;
    const { venue } = options.exchange;
    this.prng = options.world.prng(`link ${venue}`);
    const planned = options.plan.windows.filter((window) => window.venue === venue);
    this.windows = new VenueWindows(planned);
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
  get marketShown(): 'live' | 'stale' | 'gapped' {
    if (!this.channels.public) return 'gapped';
    if (this.window(gappedBook) !== null) return 'gapped';
    return this.window(staleQuotes) === null ? 'live' : 'stale';
  }

  tellInstruments(): void {
    for (const of of [listingsOf, marginTermsOf]) this.say(of(this.exchange));
  }

  act(effect: VenueEffect): void {
    const { world, orderValidityMs } = this.options;
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
      const said = this.arrive(effect, tooLate ? 'too-late' : strike);
      if (strike === 'answer-lost') return;
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

  /** A clock that is off is noticed by the first refusal, and mended by the driver. */
  private skewRefusal() {
    const window = this.window(clockSkew);
    if (window === null || this.skewDone >= window.toMs) return null;
    if (this.prng.chance(0.5)) this.skewDone = window.toMs;
    this.cover('clock-skew');
    return rejections['clock-skew'] ?? null;
  }

  private strikeOf(effect: VenueEffect): RequestFault | null {
    for (const kind of requestFaultsOf(effect)) {
      if (!this.rolls(kind)) continue;
      if (!coveredLater.has(kind)) this.cover(kind);
      this.struckUntilMs = this.options.world.wallMs + strikeMs;
      return kind;
    }
    return null;
  }

  private rolls(kind: FaultKind): boolean {
    const { plan, world } = this.options;
    const probability = plan.sporadic.get(kind);
    if (probability === undefined || !this.prng.chance(probability)) return false;
    return world.sinceMs >= plan.faultyFromMs && world.sinceMs < plan.healsAtMs;
  }

  private onStream(event: SimEvent): void {
    const { world } = this.options;
    this.options.onTruth(event);
    const { receiver } = this;
    if (!this.channels.private || receiver === null) return;
    if (this.window(streamMute) !== null) return;
    const said = this.skewed(eventOf(this.exchange, event));
    if (said === null) return;
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

  /** The venue's clock may be off: its stamps are, too. */
  private skewed(event: DriverEvent | null): DriverEvent | null {
    const window = this.window(clockSkew);
    if (event === null || window === null || !('venueTsMs' in event)) return event;
    if (event.venueTsMs === null) return event;
    const skewMs = (window.value - 0.5) * 2_000 * this.options.world.speed;
    return { ...event, venueTsMs: Math.round(event.venueTsMs + skewMs) };
  }

  private channel(name: 'rest' | 'public' | 'private', up: boolean): void {
    if (this.channels[name] === up) return;
    this.channels[name] = up;
    this.say(channelEvent(this.exchange.venue, name, up));
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

  private say(event: DriverEvent): void {
    this.sayTo(this.receiver, event);
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
