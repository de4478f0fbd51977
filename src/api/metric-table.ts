// Every metric of ours: name, unit in the name, and how it is read off a status. docs/metrics.md
// lists the same names, which a test checks.
import type { SystemStatus } from './contract.ts';

export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly labels: readonly string[];
  /** Values by label values, in the order of `labels`; an unknown value is left out. */
  read(status: SystemStatus): readonly Sample[];
}

type Sample = readonly [labels: readonly string[], value: number | null];

const one = (value: number | null): readonly Sample[] => [[[], value]];
const flag = (value: boolean): number => (value ? 1 : 0);
const seconds = (us: number | null): number | null => (us === null ? null : us / 1e6);
const ageSeconds = (ms: number | null): number | null => (ms === null ? null : ms / 1e3);

export const metrics: readonly Metric[] = [
  {
    name: 'farb_info',
    type: 'gauge',
    help: 'Always 1; what runs.',
    labels: ['run_id', 'mode'],
    read: (s) => [[[s.runId, s.mode], 1]],
  },
  {
    name: 'farb_ready',
    type: 'gauge',
    help: '1 while the system may open pairs.',
    labels: [],
    read: (s) => one(flag(s.health.ready)),
  },
  {
    name: 'farb_risk_mode',
    type: 'gauge',
    help: '1 for the mode that is in force: running, reduce-only or halted.',
    labels: ['mode'],
    read: (s) =>
      ['running', 'reduce-only', 'halted'].map((mode) => [[mode], flag(s.risk.mode === mode)]),
  },
  {
    name: 'farb_orders_total',
    type: 'counter',
    help: 'Orders of this journal, by what became of them.',
    labels: ['outcome'],
    read: ({ orders }) => [
      [['sent'], orders.sent],
      [['filled'], orders.filled],
      [['rejected'], orders.rejected],
      [['canceled'], orders.canceled],
    ],
  },
  {
    name: 'farb_orders_unsettled',
    type: 'gauge',
    help: 'Orders without a final word of the venue.',
    labels: [],
    read: (s) => one(s.orders.unknown),
  },
  {
    name: 'farb_pairs_total',
    type: 'counter',
    help: 'Pairs opened and closed, and leg breaks (one leg filled without the other).',
    labels: ['event'],
    read: ({ pairCounts }) => [
      [['opened'], pairCounts.opened],
      [['closed'], pairCounts.closed],
      [['leg-break'], pairCounts.legBreaks],
    ],
  },
  {
    name: 'farb_pairs_open',
    type: 'gauge',
    help: 'Pairs that are not closed.',
    labels: [],
    read: (s) => one(s.pairCounts.open),
  },
  {
    name: 'farb_intents_denied_total',
    type: 'counter',
    help: 'Entries that our own risk denied.',
    labels: [],
    read: (s) => one(s.denied),
  },
  {
    name: 'farb_funding_payments_total',
    type: 'counter',
    help: 'Funding payments booked, counted per leg.',
    labels: [],
    read: (s) => one(s.fundingPayments),
  },
  {
    name: 'farb_pnl_usd',
    type: 'gauge',
    help: 'Profit since the journal began, by cause; "total" is the sum of the others.',
    labels: ['cause'],
    read: ({ pnl }) => Object.entries(pnl).map(([cause, text]) => [[cause], Number(text)]),
  },
  {
    name: 'farb_slippage_usd',
    type: 'gauge',
    help: 'Cost of fills against the mid at the decision (a memo; it is inside basis).',
    labels: [],
    read: (s) => one(s.slippageUsd),
  },
  {
    name: 'farb_equity_usd',
    type: 'gauge',
    help: 'Equity over all venues, at marks.',
    labels: [],
    read: (s) => one(s.equityUsd.now),
  },
  {
    name: 'farb_drawdown_max_ratio',
    type: 'gauge',
    help: 'Largest fall of equity from its peak, as a fraction.',
    labels: [],
    read: (s) => one(s.equityUsd.drawdownMax),
  },
  {
    name: 'farb_naked_delta_seconds_max',
    type: 'gauge',
    help: 'Longest time (wall) that a pair was unbalanced.',
    labels: [],
    read: (s) => one(s.nakedDeltaMsMax / 1e3),
  },
  {
    name: 'farb_venue_up',
    type: 'gauge',
    help: '1 while the channel works: public and private streams, REST.',
    labels: ['venue', 'channel'],
    read: ({ venues }) =>
      venues.flatMap((v): Sample[] => [
        [[v.venue, 'public'], flag(v.publicUp)],
        [[v.venue, 'private'], flag(v.privateUp)],
        [[v.venue, 'rest'], flag(v.restUp)],
      ]),
  },
  {
    name: 'farb_venue_reconciled',
    type: 'gauge',
    help: '1 while our books were compared with the venue since the last reconnect.',
    labels: ['venue'],
    read: ({ venues }) => venues.map((v) => [[v.venue], flag(v.reconciled)]),
  },
  {
    name: 'farb_venue_differences',
    type: 'gauge',
    help: 'Differences between our books and the venue in its last snapshot.',
    labels: ['venue'],
    read: ({ venues }) => venues.map((v) => [[v.venue], v.differences.length]),
  },
  {
    name: 'farb_venue_frames_total',
    type: 'counter',
    help: 'Frames received.',
    labels: ['venue'],
    read: ({ venues }) => venues.map((v) => [[v.venue], v.frames]),
  },
  {
    name: 'farb_venue_unrecognized_total',
    type: 'counter',
    help: 'Frames that could not be read.',
    labels: ['venue'],
    read: ({ venues }) => venues.map((v) => [[v.venue], v.unrecognized]),
  },
  {
    name: 'farb_venue_reconnects_total',
    type: 'counter',
    help: 'Streams opened again.',
    labels: ['venue'],
    read: ({ venues }) => venues.map((v) => [[v.venue], v.reconnects]),
  },
  {
    name: 'farb_venue_quote_age_seconds',
    type: 'gauge',
    help: 'Age (wall) of the oldest quote.',
    labels: ['venue'],
    read: ({ venues }) => venues.map((v) => [[v.venue], ageSeconds(v.quoteAgeMs)]),
  },
  {
    name: 'farb_venue_order_headroom_ratio',
    type: 'gauge',
    help: "Share left of the venue's fullest order limit; 0 while it wants quiet.",
    labels: ['venue'],
    read: ({ venues }) => venues.map((v) => [[v.venue], v.orderHeadroom]),
  },
  {
    name: 'farb_venue_order_socket_up',
    type: 'gauge',
    help: '1 while orders go over the WebSocket, 0 while REST stands in for it.',
    labels: ['venue'],
    read: ({ venues }) =>
      venues.flatMap((v): Sample[] =>
        v.orderSocketUp === null ? [] : [[[v.venue], flag(v.orderSocketUp)]],
      ),
  },
  {
    name: 'farb_venue_clock_offset_seconds',
    type: 'gauge',
    help: "The venue's wall clock minus ours, as signatures use it.",
    labels: ['venue'],
    read: ({ venues }) => venues.map((v) => [[v.venue], v.clockOffsetMs / 1e3]),
  },
  {
    name: 'farb_venue_clock_round_trip_seconds',
    type: 'gauge',
    help: 'Round trip of the measurement of the clock; half of it is its uncertainty.',
    labels: ['venue'],
    read: ({ venues }) => venues.map((v) => [[v.venue], v.clockRoundTripMs / 1e3]),
  },
  {
    name: 'farb_funding_rate_ratio',
    type: 'gauge',
    help: 'Rate of the next settlement, a fraction per interval; + = longs pay shorts.',
    labels: ['instrument'],
    read: ({ rates }) => rates.map((r) => [[r.instrument], r.ratePerInterval]),
  },
  {
    name: 'farb_funding_interval_seconds',
    type: 'gauge',
    help: 'Time between two settlements.',
    labels: ['instrument'],
    read: ({ rates }) => rates.map((r) => [[r.instrument], r.intervalMs / 1e3]),
  },
  {
    name: 'farb_tick_to_decision_seconds',
    type: 'gauge',
    help: 'From the receive time of a frame to the decision.',
    labels: ['quantile'],
    read: ({ latencyUs: { tickToDecision } }) => [
      [['0.5'], seconds(tickToDecision.p50)],
      [['0.99'], seconds(tickToDecision.p99)],
    ],
  },
  {
    name: 'farb_tick_to_order_seconds',
    type: 'gauge',
    help: 'From the receive time of a frame to the hand-off of its order.',
    labels: ['quantile'],
    read: ({ latencyUs: { tickToOrder } }) => [
      [['0.5'], seconds(tickToOrder.p50)],
      [['0.99'], seconds(tickToOrder.p99)],
    ],
  },
  {
    name: 'farb_quotes_conflated_total',
    type: 'counter',
    help: 'Quotes that a later one of the same read replaced: the process was behind.',
    labels: [],
    read: (s) => one(s.quotesConflated),
  },
  {
    name: 'farb_event_loop_delay_seconds',
    type: 'gauge',
    help: 'How late the event loop comes to what is due, since the start; quantile 1 is the worst.',
    labels: ['quantile'],
    read: ({ process: { eventLoopDelayMs } }) => [
      [['0.5'], ageSeconds(eventLoopDelayMs.p50)],
      [['0.99'], ageSeconds(eventLoopDelayMs.p99)],
      [['1'], ageSeconds(eventLoopDelayMs.max)],
    ],
  },
  {
    name: 'farb_gc_pauses_total',
    type: 'counter',
    help: 'Pauses of garbage collection.',
    labels: [],
    read: (s) => one(s.process.gcPauses.count),
  },
  {
    name: 'farb_gc_pause_seconds_total',
    type: 'counter',
    help: 'Time that garbage collection stopped the process.',
    labels: [],
    read: (s) => one(s.process.gcPauses.totalMs / 1e3),
  },
  {
    name: 'farb_gc_pause_seconds_max',
    type: 'gauge',
    help: 'Longest pause of garbage collection.',
    labels: [],
    read: (s) => one(s.process.gcPauses.maxMs / 1e3),
  },
  {
    name: 'farb_journal_records',
    type: 'gauge',
    help: 'Records in the journal.',
    labels: [],
    read: (s) => one(s.journal.records),
  },
  {
    name: 'farb_venue_time_seconds',
    type: 'gauge',
    help: 'Venue time; runs faster than the wall against an accelerated testnet.',
    labels: [],
    read: (s) => one(s.tsMs / 1e3),
  },
];
