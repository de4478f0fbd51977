// The requests of the info endpoint that this adapter knows: what each is for and what it weighs.
// All go to POST /info; the `type` in the body says which, and how the answer is read. Source: the
// documentation's pages "Info endpoint" and "Rate limits".
import { minuteMs } from '../../base/time.ts';
import type { HttpRequest, RateLimits, RequestPurpose } from '../../domain/venue-spec.ts';
import { parseJson, rowOf, textAt } from './read.ts';

/** One budget per address for everything: reads, orders, cancels. */
export const buckets: RateLimits['buckets'] = {
  weight: { capacity: 1_200, intervalMs: minuteMs },
};

export interface InfoFacts {
  readonly purpose: RequestPurpose;
  readonly weight: number;
}

const facts: Readonly<Record<string, InfoFacts>> = {
  exchangeStatus: { purpose: 'server-time', weight: 2 },
  meta: { purpose: 'instruments', weight: 20 },
  spotMeta: { purpose: 'instruments', weight: 20 },
  // Listing, marks and funding in one: the purpose of a request says which is meant.
  metaAndAssetCtxs: { purpose: 'funding-rates', weight: 20 },
  spotMetaAndAssetCtxs: { purpose: 'instruments', weight: 20 },
  predictedFundings: { purpose: 'funding-rates', weight: 20 },
  // Listings weigh one more per 20 rows: those with a time are short, the others 2,000 rows long.
  fundingHistory: { purpose: 'funding-history', weight: 45 },
  candleSnapshot: { purpose: 'bars', weight: 29 },
  userFillsByTime: { purpose: 'fills', weight: 25 },
  userFunding: { purpose: 'funding-payments', weight: 25 },
  l2Book: { purpose: 'depth', weight: 2 },
  userFees: { purpose: 'fee-rates', weight: 20 },
  userAbstraction: { purpose: 'account-config', weight: 20 },
  orderStatus: { purpose: 'query-order', weight: 2 },
  openOrders: { purpose: 'open-orders', weight: 20 },
  frontendOpenOrders: { purpose: 'open-orders', weight: 20 },
  historicalOrders: { purpose: 'order-history', weight: 120 },
  userFills: { purpose: 'fills', weight: 60 },
  clearinghouseState: { purpose: 'positions', weight: 2 },
  spotClearinghouseState: { purpose: 'balances', weight: 2 },
};

export function factsOfInfo(type: string): InfoFacts | null {
  return Object.hasOwn(facts, type) ? (facts[type] as InfoFacts) : null; // just checked
}

/** `POST /info?type=meta` as `farb decode` writes it; a live request has its type in the body. */
export function purposeOfPath(method: string, path: string): RequestPurpose | null {
  const target = `${method.toUpperCase()} ${path.split('?')[0]}`;
  if (target === 'POST /exchange') return 'place';
  return target === 'POST /info' ? 'account-config' : null;
}

export function infoTypeOf(request: HttpRequest): string | null {
  const body = request.body === null ? null : rowOf(parseJson(request.body));
  if (body !== null) return textAt(body, 'type');
  return /(?:^|&)type=([A-Za-z0-9]+)/.exec(request.query)?.[1] ?? null;
}
