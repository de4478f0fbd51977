// The decision diff: which decisions of a journal another configuration would have made
// otherwise. The state is always the recorded one: only facts and recorded decisions are folded,
// so every comparison starts from what really was.
import { formatDecimal } from '../base/decimal.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { encode } from '../domain/codec.ts';
import type { Effect, EngineEvent } from '../domain/event.ts';
import { decide } from '../engine/decide.ts';
import { evolve } from '../engine/evolve.ts';
import type { Policy } from '../engine/policy.ts';
import { emptyState } from '../engine/state.ts';
import { readJournal } from '../store/journal.ts';
import { defaultScanOptions } from '../strategy/scan.ts';

export const differencesShownMax = 1_000;

export interface DecisionDiff {
  /** Digests of the configuration at the last boot of the journal, and of the other one. */
  readonly configDigest: string;
  readonly otherDigest: string;
  readonly events: number;
  readonly differing: number;
  /** At most `differencesShownMax`. */
  readonly differences: readonly DecisionDifference[];
  /** Events whose timers alone differ: not listed. */
  readonly timersDiffering: number;
  readonly cannotSee: readonly string[];
}

export interface DecisionDifference {
  readonly seq: number;
  readonly tsMs: number;
  readonly input: string;
  /** What the event is about: a pair, an order, a timer. */
  readonly subject: string;
  readonly recorded: readonly string[];
  readonly other: readonly string[];
}

export function decisionDiff(
  journal: string,
  other: { readonly policy: Policy; readonly digest: string },
): DecisionDiff {
  const state = emptyState();
  const differences: DecisionDifference[] = [];
  let events = 0;
  let differing = 0;
  let timersDiffering = 0;
  let event: EngineEvent | null = null;
  let recorded: Effect[] = [];
  let decided: readonly Effect[] | string = [];

  const compare = (): void => {
    if (event === null) return;
    events++;
    const was = recorded.map(encode);
    const is = typeof decided === 'string' ? [`error: ${decided}`] : decided.map(encode);
    const wasShown = recorded.filter(isDecision).map(shown);
    const isShown = typeof decided === 'string' ? is : decided.filter(isDecision).map(shown);
    const same = (a: readonly string[], b: readonly string[]): boolean => {
      return a.length === b.length && a.every((text, i) => text === b[i]);
    };
    if (same(was, is)) return;
    const isSame = same(decisionsOf(recorded), decidedOf(decided));
    if (isSame) {
      timersDiffering++;
      return;
    }
    differing++;
    if (differences.length >= differencesShownMax) return;
    differences.push({
      seq: event.seq,
      tsMs: event.tsMs,
      input: event.input.kind,
      subject: subjectOf(event),
      recorded: wasShown,
      other: isShown,
    });
  };
  readJournal(journal, (record) => {
    if ('effect' in record) {
      recorded.push(record.effect);
      evolve(state, record);
      return;
    }
    compare();
    event = record;
    recorded = [];
    evolve(state, record);
    try {
      decided = decide(state, record, other.policy);
    } catch (thrown) {
      decided = messageOf(thrown);
    }
  });
  compare();
  if (events === 0) throw new UserError(`${journal}: holds no events.`);
  return {
    configDigest: state.configDigest,
    otherDigest: other.digest,
    events,
    differing,
    differences,
    timersDiffering,
    cannotSee: [
      `pairs whose edge was more than ${defaultScanOptions.nearMissBand} below the threshold of ` +
        'the run: their views are not in the journal, so a configuration that is looser than ' +
        'that may open pairs that are not listed here',
      'instruments and strategies that the run did not watch',
      'what would have followed: after every event the recorded state goes on',
    ],
  };
}

/** Timers and alerts are how a decision is carried out and told, not what was decided. */
function isDecision({ kind }: Effect): boolean {
  return kind !== 'set-timer' && kind !== 'clear-timer' && kind !== 'alert';
}

function decisionsOf(effects: readonly Effect[]): readonly string[] {
  return effects.filter(isDecision).map(encode);
}

function decidedOf(decided: readonly Effect[] | string): readonly string[] {
  return typeof decided === 'string' ? [decided] : decisionsOf(decided);
}

function shown(effect: Effect): string {
  switch (effect.kind) {
    case 'pair-created': {
      const { key, qty, edge } = effect.intent;
      const net = edge.netOnCapital.toFixed(6);
      return `open ${key.strategy} ${key.long}>${key.short} qty ${formatDecimal(qty)} edge ${net}`;
    }
    case 'pair-moved':
      return `pair ${effect.pairId} -> ${effect.phase}: ${effect.reason}`;
    case 'place-order': {
      const { side, qty, instrument, limit, purpose } = effect.order;
      const price = limit === null ? 'market' : formatDecimal(limit);
      return `${purpose}: ${side} ${formatDecimal(qty)} ${instrument} at ${price}`;
    }
    case 'intent-denied':
      return `denied ${effect.pair}: ${effect.denials.map(({ code }) => code).join(', ')}`;
    default:
      return encode(effect);
  }
}

function subjectOf({ input }: EngineEvent): string {
  switch (input.kind) {
    case 'pair-seen':
      return `${input.view.strategy} ${input.view.long}>${input.view.short}`;
    case 'timer':
      return input.timer;
    case 'order':
    case 'fill':
    case 'place-result':
    case 'cancel-result':
    case 'query-result':
      return input.clientOrderId ?? input.venue;
    default:
      return 'venue' in input ? input.venue : '';
  }
}
