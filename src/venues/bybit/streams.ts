// The WebSocket connections to hold open and what each subscribes: one public kind per market, and
// one private. A connection takes 21,000 characters of topics; a spot subscribe takes 10 of them.
import { type Instrument, isPerp, type Market, marketOf } from '../../domain/instrument.ts';
import type { StreamSpec } from '../../domain/venue-spec.ts';
import { loginMessage } from './sign.ts';

const topicCharsMax = 20_000;
const topicsPerMessage = { spot: 10, linear: 100, inverse: 100 } as const;
const heartbeat = { text: '{"op":"ping"}', everyMs: 20_000 } as const;
/** Longer than one heartbeat and its pong. */
const publicSilenceMsMax = 30_000;
const privateSilenceMsMax = 45_000;

export function publicStreams(
  instruments: readonly Instrument[],
  options: { readonly depth: boolean },
): readonly StreamSpec[] {
  return (['linear', 'spot', 'inverse'] as const).flatMap((market) => {
    const listed = instruments.filter((instrument) => marketOf(instrument.kind) === market);
    const groups = groupsOf(listed.map((instrument) => topicsOf(instrument, options)));
    return groups.map((topics, i) => publicStream(market, `public-${market}-${i + 1}`, topics));
  });
}

function publicStream(market: Market, name: string, topics: readonly string[]): StreamSpec {
  return {
    name,
    host: 'public',
    path: `/v5/public/${market}`,
    access: 'public',
    market,
    subscribe: subscriptions(topics, topicsPerMessage[market]),
    login: null,
    listenKey: null,
    listenKeyRefreshMs: 0,
    heartbeat,
    silenceMsMax: publicSilenceMsMax,
  };
}

/** Orders, executions, positions and the wallet of all markets, after a login. */
export function privateStreams(): readonly StreamSpec[] {
  return [
    {
      name: 'private',
      host: 'private',
      path: '/v5/private',
      access: 'private',
      market: null,
      subscribe: subscriptions(['order', 'execution', 'position', 'wallet'], 10),
      login: loginMessage,
      listenKey: null,
      listenKeyRefreshMs: 0,
      heartbeat,
      silenceMsMax: privateSilenceMsMax,
    },
  ];
}

function topicsOf(
  { symbol, kind }: Instrument,
  options: { readonly depth: boolean },
): readonly string[] {
  const topics = [`orderbook.1.${symbol}`];
  if (options.depth) topics.push(`orderbook.50.${symbol}`);
  if (isPerp(kind)) topics.push(`tickers.${symbol}`);
  return topics;
}

/** Topics per connection; those of one instrument stay together. */
function groupsOf(topicsByInstrument: readonly (readonly string[])[]): readonly string[][] {
  const groups: string[][] = [];
  let chars = Number.POSITIVE_INFINITY;
  for (const topics of topicsByInstrument) {
    const added = topics.reduce((total, topic) => total + topic.length + 3, 0);
    if (chars + added > topicCharsMax) {
      groups.push([]);
      chars = 0;
    }
    groups.at(-1)?.push(...topics);
    chars += added;
  }
  return groups;
}

function subscriptions(topics: readonly string[], perMessage: number): readonly string[] {
  const messages: string[] = [];
  for (let from = 0; from < topics.length; from += perMessage) {
    const args = topics.slice(from, from + perMessage);
    messages.push(JSON.stringify({ op: 'subscribe', args }));
  }
  return messages;
}
