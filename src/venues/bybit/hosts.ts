// Bybit's hosts: production, testnet and demo, and the sites of its regions, where an account is
// reached only through the host of the site that it was opened on. Source: chapters "Integration
// Guidance" and "Connect" of the v5 documentation.
import type { Endpoints } from '../../domain/venue-spec.ts';

function at(rest: string, stream: string): Endpoints {
  const ws = `wss://${stream}`;
  return { http: { rest: `https://${rest}` }, ws: { public: ws, private: ws, trade: ws } };
}

/** Of these the documentation names no stream host of their own. */
const worldStream = 'stream.bybit.com';

export const endpoints: Readonly<Record<string, Endpoints>> = {
  live: at('api.bybit.com', worldStream),
  testnet: at('api-testnet.bybit.com', 'stream-testnet.bybit.com'),
  // Public data of the demo comes from the live market; it takes orders over REST alone.
  demo: {
    http: { rest: 'https://api-demo.bybit.com' },
    ws: { public: `wss://${worldStream}`, private: 'wss://stream-demo.bybit.com' },
  },
  bytick: at('api.bytick.com', worldStream),
  nl: at('api.bybit.nl', worldStream),
  eu: at('api.bybit.eu', worldStream),
  ae: at('api.bybit.ae', worldStream),
  id: at('api.bybit.id', worldStream),
  tr: at('api.bybit-tr.com', 'stream.bybit-tr.com'),
  kz: at('api.bybit.kz', 'stream.bybit.kz'),
  ge: at('api.bybitgeorgia.ge', 'stream.bybitgeorgia.ge'),
};
