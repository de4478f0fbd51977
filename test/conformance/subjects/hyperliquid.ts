// Hyperliquid for the conformance suite. Its actions carry their signature in the body and its
// books come whole, so the cases of requests, signing and of the simulated venue are its own: see
// src/venues/hyperliquid/*.test.ts, src/testnet/hyperliquid/*.test.ts and the driver's contract in
// src/io/driver-testnet.test.ts.
import type { HttpRequest } from '../../../src/domain/venue-spec.ts';
import type { ConformanceSubject, ErrorCase, Sample } from '../../../src/testing/subject.ts';
import { makeHyperliquidProtocol } from '../../../src/testnet/hyperliquid/index.ts';
import { clientIdOf } from '../../../src/venues/hyperliquid/cloid.ts';
import { hyperliquid } from '../../../src/venues/hyperliquid/index.ts';
import {
  fixture,
  fixtureCatalog,
  fixtureNames,
  requestOf,
} from '../../support/hyperliquid-fixtures.ts';

function sampleOf(name: string): Sample {
  const from = name.startsWith('rest-') ? requestOf(name) : { stream: 'conformance', market: null };
  return { name, text: fixture(name), from };
}

const errors: readonly ErrorCase[] = [
  refused('Tick', 'Price must be divisible by tick size.', 'reload-instruments'),
  refused('MinTradeNtl', 'Order must have minimum value of $10.', 'below-minimum'),
  refused('PerpMargin', 'Insufficient margin to place order. asset=4', 'funds'),
  refused('ReduceOnly', 'Reduce only order would increase position.', 'refresh-position'),
  refused('BadAloPx', 'Post only order would have immediately matched, bbo was 1@2.', 're-price'),
  refused(
    ...(['IocCancel', 'Order could not immediately match against any resting orders.'] as const),
    'not-filled',
  ),
  refused('MarketOrderNoLiquidity', 'No liquidity available for market order.', 'not-filled'),
  refused('BadTriggerPx', 'Invalid TP/SL price.', 'report'),
  refused(
    'OpenInterestCap',
    'Order would increase open interest while open interest is capped',
    'restricted',
  ),
  refused('InsufficientSpotBalance', 'Insufficient spot balance', 'funds'),
  refused('Oracle', 'Order price too far away from the reference price', 'price-band'),
  refused('PerpMaxPosition', 'Order would exceed margin tier limit at current leverage', 'funds'),
  refused(
    ...(['MissingOrder', 'Order was never placed, already canceled, or filled.'] as const),
    'reconcile',
  ),
  { ...refused('Signer', 'User or API Wallet 0xb8 does not exist.', 'stop'), errorCode: 'AUTH' },
  {
    ...refused('Nonce', 'Invalid nonce: duplicate nonce 1754948518549', 'resync-clock'),
    errorCode: 'TRANSIENT',
  },
  {
    ...refused('RateLimited', 'Too many cumulative requests sent (37986 > 10436)', 'back-off'),
    errorCode: 'RATE_LIMITED',
  },
];

function refused(code: string, message: string, reaction: ErrorCase['reaction']): ErrorCase {
  return { code, message, errorCode: 'REJECTED', reaction };
}

export const hyperliquidSubject: ConformanceSubject = {
  spec: hyperliquid,
  catalog: fixtureCatalog,
  samples: fixtureNames.map(sampleOf),
  unreadable: [],
  signing: [],
  errors,
  errorReply: (_code, message) => ({
    status: 200,
    body: JSON.stringify({
      status: 'ok',
      response: { type: 'order', data: { statuses: [{ error: message }] } },
    }),
  }),
  sentOrder(request: HttpRequest) {
    const { action } = JSON.parse(request.body ?? '{}') as {
      action: { orders: { a: number; b: boolean; p: string; s: string; r: boolean; c: string }[] };
    };
    const [order] = action.orders;
    if (order === undefined) throw new Error('no order in it');
    const listed = fixtureCatalog()
      .all()
      .find(({ assetId }) => assetId === order.a);
    return {
      symbol: listed?.symbol ?? '',
      side: order.b ? 'buy' : 'sell',
      qty: order.s,
      price: order.p,
      clientOrderId: clientIdOf(order.c),
      reduceOnly: order.r,
    };
  },
  absentIsZero: [],
  protocol: makeHyperliquidProtocol,
};
