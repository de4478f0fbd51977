// The WebSocket connections to hold open and what each subscribes. OKX closes a connection that is
// silent for 30 s and takes 64 KB of arguments in one message.
import { type Instrument, isPerp } from '../../domain/instrument.ts';
import type { StreamSpec } from '../../domain/venue-spec.ts';
import { loginMessage } from './sign.ts';

const instrumentsPerConnection = 60;
/** An argument is under 80 bytes: 200 of them stay far below 64 KB. */
const argsPerMessage = 200;
const heartbeat = { text: 'ping', everyMs: 15_000 } as const;
const silenceMsMax = 30_000;

type Arg = Readonly<Record<string, string>>;

export function publicStreams(
  instruments: readonly Instrument[],
  options: { readonly depth: boolean },
): readonly StreamSpec[] {
  const streams: StreamSpec[] = [];
  for (let from = 0; from < instruments.length; from += instrumentsPerConnection) {
    const args = argsOf(instruments.slice(from, from + instrumentsPerConnection), options);
    streams.push({
      name: `public-${streams.length + 1}`,
      host: 'public',
      path: '/ws/v5/public',
      access: 'public',
      market: null,
      subscribe: subscriptions(args),
      login: null,
      listenKey: null,
      listenKeyRefreshMs: 0,
      heartbeat,
      silenceMsMax,
    });
  }
  return streams;
}

function argsOf(
  instruments: readonly Instrument[],
  options: { readonly depth: boolean },
): readonly Arg[] {
  const indexes = new Set<string>();
  const args: Arg[] = [];
  for (const instrument of instruments) {
    const instId = instrument.symbol;
    args.push({ channel: 'bbo-tbt', instId });
    if (options.depth) args.push({ channel: 'books', instId });
    if (!isPerp(instrument.kind)) continue;
    args.push({ channel: 'funding-rate', instId }, { channel: 'mark-price', instId });
    indexes.add(`${instrument.base}-${instrument.quote}`);
  }
  for (const instId of indexes) args.push({ channel: 'index-tickers', instId });
  return args;
}

/** Orders with their fills, cash and positions of every instrument, after a login. */
export function privateStreams(): readonly StreamSpec[] {
  return [
    {
      name: 'private',
      host: 'private',
      path: '/ws/v5/private',
      access: 'private',
      market: null,
      subscribe: subscriptions([
        { channel: 'orders', instType: 'ANY' },
        { channel: 'account' },
        { channel: 'positions', instType: 'ANY' },
        { channel: 'balance_and_position' },
      ]),
      login: loginMessage,
      listenKey: null,
      listenKeyRefreshMs: 0,
      heartbeat,
      silenceMsMax,
    },
  ];
}

function subscriptions(args: readonly Arg[]): readonly string[] {
  const messages: string[] = [];
  for (let from = 0; from < args.length; from += argsPerMessage) {
    const part = args.slice(from, from + argsPerMessage);
    messages.push(JSON.stringify({ op: 'subscribe', args: part }));
  }
  return messages;
}
