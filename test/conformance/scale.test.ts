// A thousand instruments of a venue: its limits per connection and message are kept, and every
// channel of every instrument is subscribed exactly once.
import { describe, expect, it } from 'vitest';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { StreamSpec } from '../../src/domain/venue-spec.ts';
import { binanceSubject } from './subjects/binance.ts';
import { bybitSubject } from './subjects/bybit.ts';
import { okxSubject } from './subjects/okx.ts';

const ofKind = 500;
const quoteForms: Readonly<Record<string, (base: string, kind: string) => string>> = {
  binance: (base) => `${base}USDT`,
  okx: (base, kind) => (kind === 'spot' ? `${base}-USDT` : `${base}-USDT-SWAP`),
  bybit: (base) => `${base}USDT`,
};

/** 500 perpetuals and 500 spot pairs after the venue's own first of each. */
function many(venue: string, listed: readonly Instrument[]): readonly Instrument[] {
  return (['linear-perp', 'spot'] as const).flatMap((kind) => {
    const like = listed.find((instrument) => instrument.kind === kind);
    if (like === undefined) throw new Error(`no ${kind} of ${venue}`);
    return Array.from({ length: ofKind }, (_, i) => {
      const base = `Q${String.fromCharCode(65 + (i % 26), 65 + Math.floor(i / 26))}`;
      const symbol = quoteForms[venue]?.(base, kind) ?? base;
      return { ...like, base, symbol, id: like.id.replace(/:[^-]+/, `:${base}`) };
    });
  });
}

interface Limits {
  readonly perConnection: number;
  readonly perMessage: number;
  readonly messageCharsMax: number;
  readonly messagesMax: number;
  readonly connectionCharsMax: number;
}

/** The venues' documented limits; see docs/venues. */
const limitsOf = (venue: string, stream: StreamSpec): Limits => {
  const none = Number.POSITIVE_INFINITY;
  const any = { messageCharsMax: none, messagesMax: none, connectionCharsMax: none };
  if (venue === 'binance') {
    // Messages a second: 5 on spot, 10 on USD-M.
    const messagesMax = stream.market === 'spot' ? 5 : 10;
    return { ...any, perConnection: 1_024, perMessage: 1_024, messagesMax };
  }
  if (venue === 'okx') {
    return { ...any, perConnection: 480, perMessage: none, messageCharsMax: 65_536 };
  }
  const perMessage = stream.market === 'spot' ? 10 : none;
  return { ...any, perConnection: none, perMessage, connectionCharsMax: 21_000 };
};

function topicsIn(message: string): readonly string[] {
  const { params, args } = JSON.parse(message) as Record<string, unknown[] | undefined>;
  return (params ?? args ?? []).map((topic) => JSON.stringify(topic));
}

const subjects = [binanceSubject, okxSubject, bybitSubject];
describe.each(subjects.map((s) => [s.spec.id, s] as const))('%s at scale', (venue, subject) => {
  const instruments = many(venue, subject.catalog().all());
  const streams = subject.spec.publicStreams(instruments, { depth: true });

  it('keeps to what a connection and a message may hold', () => {
    for (const stream of streams) {
      const limits = limitsOf(venue, stream);
      const topics = stream.subscribe.map(topicsIn);
      expect(topics.flat().length).toBeLessThanOrEqual(limits.perConnection);
      expect(stream.subscribe.length).toBeLessThanOrEqual(limits.messagesMax);
      expect(topics.flat().join('').length).toBeLessThanOrEqual(limits.connectionCharsMax);
      for (const [i, text] of stream.subscribe.entries()) {
        expect(topics[i]?.length).toBeLessThanOrEqual(limits.perMessage);
        expect(text.length).toBeLessThanOrEqual(limits.messageCharsMax);
      }
    }
  });

  it('subscribes every instrument, nothing twice on one market, on few connections', () => {
    const names = streams.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const all = streams.flatMap(({ market, subscribe }) =>
      subscribe.flatMap(topicsIn).map((topic) => `${market} ${topic}`),
    );
    // An index is shared by the instruments of one pair, wherever they are.
    const own = all.filter((topic) => !topic.includes('index-tickers'));
    expect(new Set(own).size).toBe(own.length);
    const text = own.join(' ').toLowerCase();
    for (const { symbol } of instruments) expect(text).toContain(symbol.toLowerCase());
    // At 3 connections a second all are made anew in under 10 s.
    expect(streams.length).toBeLessThanOrEqual(30);
  });
});
