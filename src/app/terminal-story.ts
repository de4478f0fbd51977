// What a newcomer wants to know, in sentences: what the system does now, and what has happened.
// Pure.
import type { PairStatusView, SystemStatus } from '../api/contract.ts';
import { instrumentText, pct, signedUsd } from './terminal-text.ts';

const hoursPerDay = 24;

/** One sentence on what the system is doing at this moment. */
export function nowSentence(status: SystemStatus): string {
  const { risk, health, pairs, rates, venues } = status;
  const live = pairs.filter(({ phase }) => phase !== 'closed');
  const count = `${live.length} ${live.length === 1 ? 'pair' : 'pairs'}`;
  if (risk.windingDown) {
    return live.length === 0
      ? 'Winding down: everything is closed; comparing our books with the venues’ own.'
      : `Winding down: closing ${count}, then comparing our books with the venues’ own.`;
  }
  if (risk.mode === 'halted') {
    return `Halted (${risk.reason}): nothing is opened, ${count} held. "farb resume" lifts it.`;
  }
  const busy = live.find(({ phase }) => phase !== 'open');
  if (busy !== undefined) return busySentence(busy);
  if (risk.mode === 'reduce-only') {
    return `Reduce-only (${risk.reason}): nothing is opened, ${count} held until an exit pays.`;
  }
  if (live.length > 0) return holdingSentence(live, count);
  if (!health.ready) return `Getting ready: ${health.reasons[0] ?? 'connecting'}.`;
  return (
    `Watching ${rates.length} funding rates on ${venues.length} venues: no difference between ` +
    'two of them pays more than four fees and the slippage.'
  );
}

function busySentence(pair: PairStatusView): string {
  const long = instrumentText(pair.long);
  const short = instrumentText(pair.short);
  switch (pair.phase) {
    case 'rebalancing':
      return `Correcting ${long.base}: a small difference between the legs is worth an order.`;
    case 'rolling':
      return `Rolling ${long.base}: one leg moves to another venue, the other one stays.`;
    case 'opening':
      if (pair.mode === 'maker-taker') {
        return `Opening ${long.base}: one leg rests in the book, the other follows its fills.`;
      }
      if (pair.mode === 'sliced') {
        return `Opening ${long.base}: both legs a part at a time, each part balanced first.`;
      }
      return (
        `Opening ${long.base}: buying on ${long.venue} and selling on ${short.venue} at once, so ` +
        'that the price cannot hurt.'
      );
    case 'mending':
      return `Mending ${long.base}: one leg filled and the other did not; making both equal.`;
    case 'unwinding':
      return `Unwinding ${long.base}: the pair did not come about; undoing what was filled.`;
    default:
      return `Closing ${long.base}: selling on ${long.venue}, buying back on ${short.venue}.`;
  }
}

function holdingSentence(live: readonly PairStatusView[], count: string): string {
  const best = live.reduce((a, b) => ((b.carryPerHour ?? 0) > (a.carryPerHour ?? 0) ? b : a));
  const long = instrumentText(best.long);
  const short = instrumentText(best.short);
  if (best.carryPerHour === null) return `Holding ${count}; a rate is not known right now.`;
  const daily = pct(best.carryPerHour * hoursPerDay, 3);
  return (
    `Holding ${count}: long and short cancel the price, what is left is the funding. ` +
    `${long.base}, long on ${long.venue}, short on ${short.venue}, earns ${daily} a day.`
  );
}

export interface StoryEvent {
  readonly tsMs: number;
  readonly text: string;
  readonly tone: 'good' | 'bad' | 'plain';
}

/** What happened last, newest first: pairs opened and closed, and alerts. */
export function lastEvents(status: SystemStatus, count: number): readonly StoryEvent[] {
  const events: StoryEvent[] = [];
  for (const pair of status.pairs) {
    const long = instrumentText(pair.long);
    const short = instrumentText(pair.short);
    const name = `${long.base} long ${long.venue}, short ${short.venue}`;
    if (pair.openedAtMs !== null) {
      events.push({ tsMs: pair.openedAtMs, text: `opened ${name}`, tone: 'plain' });
    }
    if (pair.closedAtMs !== null) {
      const funding = signedUsd(pair.fundingUsd);
      const text = `closed ${name}: ${pair.closeReason ?? ''}, funding ${funding} USD`;
      events.push({ tsMs: pair.closedAtMs, text, tone: 'plain' });
    }
  }
  for (const { tsMs, severity, code, message } of status.alerts) {
    const tone = severity === 'info' ? 'plain' : 'bad';
    events.push({ tsMs, text: `${code}: ${message}`, tone });
  }
  return events.sort((a, b) => b.tsMs - a.tsMs).slice(0, count);
}
