// A process of its own with the local testnet and a bare TCP echo, for the order round trips: one
// market, and an account for each kind of client, so that no one's orders count in another's
// limits. It ends with its parent.
import { type AddressInfo, createServer } from 'node:net';
import { present } from '../src/base/assert.ts';
import { runTestnet } from '../src/testnet/run.ts';

export const venues = ['binance', 'okx', 'bybit'] as const;
export type RoundtripVenue = (typeof venues)[number];
const traders = ['farb', 'farb-rest', 'sdk', 'ccxt'] as const;
/** Whose account it is: of our two drivers, of the SDK that is made for the venue, of ccxt. */
export type Trader = (typeof traders)[number];

export interface Door {
  readonly http: string;
  readonly ws: string;
  readonly key: string;
  readonly secret: string;
  readonly passphrase: string;
  /** A price that a buy does not trade at, on the tick. */
  readonly limit: string;
}

export interface ServerReady {
  readonly echoPort: number;
  readonly doors: Readonly<Record<RoundtripVenue, Readonly<Record<Trader, Door>>>>;
}

/** Below the bid, within what venues accept. */
const awayFraction = 0.03;
const others = traders.filter((trader) => trader !== 'farb');

const testnet = await runTestnet({
  venues,
  accounts: Object.fromEntries(
    venues.flatMap((venue) => others.map((trader) => [`${venue}-${trader}`, venue])),
  ),
});
const { venues: places, key, secret, passphrase } = testnet.describe();

function doorOf(venue: RoundtripVenue, trader: Trader): Door {
  const name = trader === 'farb' ? venue : `${venue}-${trader}`;
  const { bid } = testnet.testnet.exchange(venue).quote(`${venue}:BTC-USDT-PERP`);
  const limit = (bid * (1 - awayFraction)).toFixed(1);
  return { key, secret, passphrase, ...present(places[name], name), limit };
}

const echo = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => socket.write(bytes));
});
process.on('disconnect', () => process.exit(0));
echo.listen(0, '127.0.0.1', () => {
  const doorsOf = (venue: RoundtripVenue) =>
    Object.fromEntries(traders.map((trader) => [trader, doorOf(venue, trader)]));
  const doors = Object.fromEntries(
    venues.map((venue) => [venue, doorsOf(venue)]),
  ) as ServerReady['doors']; // every venue has its doors
  const { port: echoPort } = echo.address() as AddressInfo;
  process.send?.({ echoPort, doors } satisfies ServerReady);
});
