// The WebSocket connections to hold open. USD-M streams are split over routes: /public carries
// depth and bookTicker, /market mark prices, /private user data; a stream asked for on the wrong
// route is acknowledged and stays silent; COIN-M's stay on the plain /ws of a host of their own.
// Spot user data comes over the WebSocket API.
import { minuteMs, secondMs } from '../../base/time.ts';
import { type Instrument, isPerp, type Market, marketOf } from '../../domain/instrument.ts';
import type { StreamSpec } from '../../domain/venue-spec.ts';
import { hostOfMarket, hosts } from './endpoints.ts';
import { loginId, pingId } from './frames.ts';
import { listenKeyRequest } from './requests.ts';
import { signedMessage } from './sign.ts';

/** Streams on one connection; the venue allows 1,024 (spot) and 200 to 1,024 (USD-M, by source). */
export const streamsPerConnectionMax = 200;
/** Streams in one SUBSCRIBE: so few that spot's 5 messages a second always suffice. */
export const streamsPerMessageMax = 50;

/** Best bid/ask of a listed instrument changes more often than this, in sum over a connection. */
const quoteSilenceMsMax = 30 * secondMs;
/** The venue's own ping comes every 3 minutes (USD-M): quiet accounts send nothing else. */
const usdmPrivateSilenceMsMax = 10 * minuteMs;
const spotPrivatePingMs = 20 * secondMs;
const spotPrivateSilenceMsMax = 70 * secondMs;
/** A listenKey lives 60 minutes. */
const listenKeyRefreshMs = 30 * minuteMs;

export function publicStreams(
  instruments: readonly Instrument[],
  options: { readonly depth: boolean },
): readonly StreamSpec[] {
  const spot = instruments.filter(({ kind }) => kind === 'spot');
  const linear = instruments.filter(({ kind }) => marketOf(kind) === 'linear');
  const inverse = instruments.filter(({ kind }) => marketOf(kind) === 'inverse');
  const bookNames = (list: readonly Instrument[]): readonly string[] => [
    ...namesOf(list, 'bookTicker'),
    ...(options.depth ? namesOf(list, 'depth@100ms') : []),
  ];
  return [
    ...connections({ name: 'spot-public', market: 'spot', path: '/ws' }, bookNames(spot)),
    ...connections(
      { name: 'usdm-public', market: 'linear', path: '/public/ws' },
      bookNames(linear),
    ),
    ...connections(
      { name: 'usdm-market', market: 'linear', path: '/market/ws' },
      markNames(linear),
    ),
    ...connections({ name: 'coinm-public', market: 'inverse', path: '/ws' }, bookNames(inverse)),
    ...connections({ name: 'coinm-market', market: 'inverse', path: '/ws' }, markNames(inverse)),
  ];
}

export function privateStreams(instruments: readonly Instrument[]): readonly StreamSpec[] {
  const list: StreamSpec[] = [];
  if (instruments.some(({ kind }) => kind === 'spot')) list.push(spotPrivate);
  if (instruments.some(({ kind }) => marketOf(kind) === 'linear')) list.push(usdmPrivate);
  if (instruments.some(({ kind }) => marketOf(kind) === 'inverse')) list.push(coinmPrivate);
  return list;
}

const usdmPrivate: StreamSpec = {
  name: 'usdm-private',
  host: hosts.usdm,
  path: '/private/ws?listenKey={listenKey}',
  access: 'private',
  market: 'linear',
  subscribe: [],
  login: null,
  listenKey: listenKeyRequest('linear'),
  listenKeyRefreshMs,
  heartbeat: null,
  silenceMsMax: usdmPrivateSilenceMsMax,
};

const coinmPrivate: StreamSpec = {
  ...usdmPrivate,
  name: 'coinm-private',
  host: hosts.coinm,
  path: '/ws/{listenKey}',
  market: 'inverse',
  listenKey: listenKeyRequest('inverse'),
};

const spotPrivate: StreamSpec = {
  name: 'spot-private',
  host: hosts.spotApi,
  path: '/ws-api/v3',
  access: 'private',
  market: 'spot',
  subscribe: [],
  login: (credentials, wallMs) =>
    signedMessage(
      { id: loginId, method: 'userDataStream.subscribe.signature', params: {} },
      credentials,
      wallMs,
    ),
  listenKey: null,
  listenKeyRefreshMs: 0,
  heartbeat: {
    text: JSON.stringify({ id: pingId, method: 'ping' }),
    everyMs: spotPrivatePingMs,
  },
  silenceMsMax: spotPrivateSilenceMsMax,
};

function namesOf(instruments: readonly Instrument[], channel: string): readonly string[] {
  return instruments.map(({ symbol }) => `${symbol.toLowerCase()}@${channel}`);
}

function markNames(instruments: readonly Instrument[]): readonly string[] {
  return namesOf(
    instruments.filter(({ kind }) => isPerp(kind)),
    'markPrice@1s',
  );
}

function connections(
  base: { readonly name: string; readonly market: Market; readonly path: string },
  streams: readonly string[],
): readonly StreamSpec[] {
  return chunksOf(streams, streamsPerConnectionMax).map((chunk, index) => ({
    name: index === 0 ? base.name : `${base.name}-${index + 1}`,
    host: hostOfMarket[base.market],
    path: base.path,
    access: 'public',
    market: base.market,
    subscribe: chunksOf(chunk, streamsPerMessageMax).map((params, at) =>
      JSON.stringify({ method: 'SUBSCRIBE', params, id: at + 1 }),
    ),
    login: null,
    listenKey: null,
    listenKeyRefreshMs: 0,
    heartbeat: null,
    silenceMsMax: quoteSilenceMsMax,
  }));
}

function chunksOf<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const chunks: (readonly T[])[] = [];
  for (let at = 0; at < list.length; at += size) chunks.push(list.slice(at, at + size));
  return chunks;
}
