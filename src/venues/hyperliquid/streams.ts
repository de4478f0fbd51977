// The WebSocket connections to hold open. Public: best prices, book and context of every coin.
// Private: the channels name the account in their subscription, which only `login` is given; so
// each has a connection of its own whose login is its subscription. Of the venue's 10 connections
// and 1,000 subscriptions per address this takes 4 + one per 100 coins (orders have one more), and
// three per coin.
import { type Instrument, isPerp } from '../../domain/instrument.ts';
import type { Credentials, StreamSpec } from '../../domain/venue-spec.ts';

const coinsPerConnection = 100;
/** The venue closes a connection to which nothing was sent for a minute. */
export const heartbeat = { text: '{"method":"ping"}', everyMs: 20_000 } as const;
const publicSilenceMsMax = 30_000;
export const privateSilenceMsMax = 45_000;
export const socketPath = '/ws';

export function publicStreams(
  instruments: readonly Instrument[],
  options: { readonly depth: boolean },
): readonly StreamSpec[] {
  const streams: StreamSpec[] = [];
  for (let from = 0; from < instruments.length; from += coinsPerConnection) {
    const group = instruments.slice(from, from + coinsPerConnection);
    streams.push({
      ...blank(`public-${streams.length + 1}`),
      host: 'public',
      access: 'public',
      subscribe: group.flatMap((instrument) => subscriptionsOf(instrument, options)),
      silenceMsMax: publicSilenceMsMax,
    });
  }
  return streams;
}

/** Orders, fills with funding, and both wallets: none begins with a repetition of history. */
export function privateStreams(): readonly StreamSpec[] {
  return privateTypes.map((type) => ({
    ...blank(type),
    host: 'private',
    access: 'private',
    login: ({ key }: Credentials) => subscribe({ type, user: key.toLowerCase() }),
    silenceMsMax: privateSilenceMsMax,
  }));
}

const privateTypes = ['orderUpdates', 'userEvents', 'clearinghouseState', 'spotState'] as const;

function subscriptionsOf(
  { symbol, kind }: Instrument,
  options: { readonly depth: boolean },
): readonly string[] {
  const texts = [subscribe({ type: 'bbo', coin: symbol })];
  if (isPerp(kind)) texts.push(subscribe({ type: 'activeAssetCtx', coin: symbol }));
  if (options.depth) texts.push(subscribe({ type: 'l2Book', coin: symbol }));
  return texts;
}

function subscribe(subscription: Readonly<Record<string, string>>): string {
  return JSON.stringify({ method: 'subscribe', subscription });
}

function blank(name: string): Omit<StreamSpec, 'host' | 'access' | 'silenceMsMax'> {
  return {
    name,
    path: socketPath,
    market: null,
    subscribe: [],
    login: null,
    listenKey: null,
    listenKeyRefreshMs: 0,
    heartbeat,
  };
}
