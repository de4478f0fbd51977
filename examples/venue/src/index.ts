// Tidewater, an exchange that exists in this example alone, as a plugin of farb: one object of pure
// functions. It does no I/O, holds no state and reads no clock; farb's driver runs it.
import {
  pluginContractVersion,
  quoteSlots,
  type VenuePlugin,
  type VenueSpec,
} from 'funding-rate-arb/plugin';
import { decode, decodeReply } from './decode.ts';
import { venueId } from './errors.ts';
import { buckets, proofOf, requests, sign } from './requests.ts';

export const tidewater: VenueSpec = {
  id: venueId,
  name: 'Tidewater',
  endpoints: {
    live: {
      http: { rest: 'https://api.tidewater.example' },
      ws: { stream: 'wss://stream.tidewater.example' },
    },
  },
  rateLimits: {
    buckets,
    readHeaders: (headers) => {
      const seconds = Number(headers['retry-after'] ?? Number.NaN);
      const isWait = Number.isFinite(seconds) && seconds > 0;
      return { used: {}, retryAfterMs: isWait ? seconds * 1_000 : null };
    },
  },
  orderValidityMs: 5_000,
  needsPassphrase: false,
  publicStreams: (instruments, { depth }) =>
    instruments.length === 0
      ? []
      : [
          {
            ...{ name: 'public', host: 'stream', path: '/public', access: 'public' },
            ...{ market: null, login: null, listenKey: null, listenKeyRefreshMs: 0 },
            subscribe: instruments.map(({ symbol, kind }) =>
              JSON.stringify({
                do: 'watch',
                market: symbol,
                of: [
                  'quote',
                  ...(kind === 'spot' ? [] : ['mark', 'funding']),
                  ...(depth ? ['book'] : []),
                ],
              }),
            ),
            ...{ heartbeat: { text: '{"do":"ping"}', everyMs: 15_000 }, silenceMsMax: 45_000 },
          },
        ],
  privateStreams: () => [
    {
      ...{ name: 'private', host: 'stream', path: '/private', access: 'private' },
      ...{ market: null, subscribe: [], listenKey: null, listenKeyRefreshMs: 0 },
      login: ({ key, secret }, wallMs) => {
        const time = String(Math.floor(wallMs));
        return JSON.stringify({ do: 'login', key, time, sign: proofOf(secret, [time, 'login']) });
      },
      ...{ heartbeat: { text: '{"do":"ping"}', everyMs: 15_000 }, silenceMsMax: 45_000 },
    },
  ],
  decode,
  // The plain way. Where quotes come by the ten thousand, read the bytes instead: see the scanners
  // of farb's own venues.
  quoteScanner: (source, catalog) => (frame, from, to, out) => {
    const [event, ...more] = decode(frame.bytes.subarray(from, to), source, catalog);
    if (event?.kind !== 'quote' || more.length > 0) return -1;
    const { bid, bidQty, ask, askQty } = event;
    if (bid === null || bidQty === null || ask === null || askQty === null) return -1;
    out[quoteSlots.bid] = bid;
    out[quoteSlots.bidQty] = bidQty;
    out[quoteSlots.ask] = ask;
    out[quoteSlots.askQty] = askQty;
    out[quoteSlots.venueTsMs] = event.venueTsMs ?? Number.NaN;
    return event.instrument === null ? -1 : catalog.indexOf(event.instrument);
  },
  bookVerdict: ({ snapshot, seq, prevSeq }, { lastSeq }) => {
    if (snapshot) return 'apply';
    if (lastSeq === null) return 'resync';
    if (Number(seq) <= Number(lastSeq)) return 'drop';
    return String(prevSeq) === String(lastSeq) ? 'apply' : 'resync';
  },
  requests,
  // Every listing is one page.
  nextPage: () => null,
  sign,
  decodeReply,
};

export const plugin: VenuePlugin = { contractVersion: pluginContractVersion, venue: tidewater };
