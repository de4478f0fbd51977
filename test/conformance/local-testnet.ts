// One venue of the local testnet for third-party clients, at speed 1 with venue time = now, and an
// inbox that waits for what a client's stream brings. Waits are bounded and say what did not come.
import { decimal } from '../../src/base/decimal.ts';
import type { StartBalance } from '../../src/sim/account.ts';
import type { SimExchange } from '../../src/sim/api.ts';
import { seededMarket } from '../../src/sim/seeded-market.ts';
import { testnetVenue } from '../../src/testnet/registry.ts';
import { startTestnet, type Testnet } from '../../src/testnet/server.ts';

export const localKeys = { key: 'k', secret: 's', passphrase: 'p' } as const;
export const startUsdt = 50_000;
/** A message that has not come by then does not come. */
const waitMsMax = 15_000;

export interface LocalVenue {
  readonly testnet: Testnet;
  readonly exchange: SimExchange;
  /** `http://127.0.0.1:PORT` and `ws://127.0.0.1:PORT`. */
  readonly http: string;
  readonly ws: string;
}

export async function startLocalVenue(
  venue: string,
  {
    seed = 7,
    coins = [],
  }: { readonly seed?: number; readonly coins?: readonly StartBalance[] } = {},
): Promise<LocalVenue> {
  const startMs = Math.floor(Date.now() / 1_000) * 1_000;
  const wallets = venue === 'binance' ? ['futures', 'spot'] : ['unified'];
  const testnet = await startTestnet({
    market: seededMarket({ seed, startMs, venues: [venue] }),
    venues: [
      {
        venue,
        makeProtocol: await testnetVenue(venue).load(),
        startBalances: [
          ...wallets.map((wallet) => ({
            wallet,
            asset: 'USDT',
            amount: decimal(String(startUsdt)),
          })),
          ...coins,
        ],
        port: 0,
      },
    ],
    credentials: localKeys,
    speed: 1,
  });
  const { http, ws } = testnet.server(venue);
  return { testnet, exchange: testnet.exchange(venue), http, ws };
}

/** Messages in the order in which they came, and a bounded wait for one of them. */
export class Inbox<T> {
  readonly messages: T[] = [];
  private waiters: (() => void)[] = [];

  /** Pass as the client's listener. */
  readonly put = (message: T): void => {
    this.messages.push(message);
    for (const wake of this.waiters.splice(0)) wake();
  };

  /** The first message from `from` on that fits. */
  async next(what: string, fits: (message: T) => boolean, from = 0): Promise<T> {
    const deadlineMs = performance.now() + waitMsMax;
    for (;;) {
      const found = this.messages.slice(from).find(fits);
      if (found !== undefined) return found;
      if (performance.now() > deadlineMs) {
        const last = this.messages.slice(-5).map((message) => JSON.stringify(message));
        throw new Error(
          `${what} did not come; the last of ${this.messages.length}:\n${last.join('\n')}`,
        );
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 250);
        this.waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }
}

/** SDK loggers that keep quiet. */
export const silentLogger = {
  trace: () => undefined,
  info: () => undefined,
  error: () => undefined,
};
