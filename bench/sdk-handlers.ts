// The venues' own clients as a user has them from npm (`binance`, `okx-api`, `bybit-api`), fed with
// frames instead of a socket: from the bytes to the event that a program listens to.
import { WebsocketClient as BinanceClient } from 'binance';
import { WebsocketClient as BybitClient } from 'bybit-api';
import { WebsocketClient as OkxClient } from 'okx-api';
import type { FeedVenue } from './frames.ts';

/** What of their inside is needed to hand them a frame. */
interface FedClient {
  on(name: string, listener: (event: unknown) => void): void;
  onWsMessage(event: { readonly type: 'message'; readonly data: string }, key: string): void;
}

const quiet = {
  trace: () => undefined,
  info: () => undefined,
  silly: () => undefined,
  error: (...said: unknown[]) => process.stderr.write(`${JSON.stringify(said)}\n`),
};

/** The client, the name of its connection, and of the event that it tells a quote by. */
const made: Readonly<Record<FeedVenue, () => readonly [object, string, string]>> = {
  binance: () => [new BinanceClient({ beautify: false }, quiet as never), 'usdm', 'message'],
  okx: () => [new OkxClient({}, quiet as never), 'prodPublic', 'update'],
  bybit: () => [new BybitClient({}, quiet as never), 'v5LinearPublic', 'update'],
};

export interface SdkHandler {
  readonly take: (frame: Buffer) => void;
  /** Quotes that it has told of. */
  readonly told: () => number;
}

export function sdkHandler(venue: FeedVenue): SdkHandler {
  const [inside, key, name] = made[venue]();
  const client = inside as FedClient;
  let told = 0;
  client.on(name, () => {
    told++;
  });
  return {
    // `ws` hands a text message to them as a string.
    take: (frame) => client.onWsMessage({ type: 'message', data: frame.toString() }, key),
    told: () => told,
  };
}
