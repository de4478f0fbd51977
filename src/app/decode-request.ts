// What `--request "GET /path?query"` of `farb decode` stands for: how the replies of that path are
// read. Beside the paths that an adapter reads itself there are those that are only known here:
// what changes an order in a way that we do not use, and listings that hold nothing for an event.
import { UserError } from '../base/errors.ts';
import type { Market } from '../domain/instrument.ts';
import {
  type HttpRequest,
  type RequestPurpose,
  requestToReadBy,
  type VenueSpec,
} from '../domain/venue-spec.ts';
import { purposeOfPath as binancePurpose } from '../venues/binance/index.ts';
import { purposeOfPath as bybitPurpose } from '../venues/bybit/index.ts';
import { purposeOfPath as hyperliquidPurpose } from '../venues/hyperliquid/index.ts';
import { purposeOfPath as okxPurpose } from '../venues/okx/index.ts';
import { purposeByRequests } from './decode-venue.ts';

export interface AskedPath {
  readonly request: HttpRequest;
  /**
   * read: as the adapter reads it. unused: known, and its entries make no event. unknown: no path
   * of the venue that farb knows; its fields may still tell what it is.
   */
  readonly reading: 'read' | 'unused' | 'unknown';
}

type PurposeOfPath = (method: string, path: string) => RequestPurpose | null;

const purposeOf: Readonly<Record<string, PurposeOfPath>> = {
  binance: binancePurpose,
  okx: okxPurpose,
  bybit: bybitPurpose,
  hyperliquid: hyperliquidPurpose,
};

/** Paths that change orders item by item, as a cancel does: their answers have its form. */
const asCancel: Readonly<Record<string, RegExp>> = {
  okx: /^POST \/api\/v5\/trade\/(?:amend-order|amend-batch-orders|close-position|mass-cancel)$/,
  bybit: /^POST \/v5\/order\/(?:amend|amend-batch)$/,
};

const unused: Readonly<Record<string, RegExp>> = {
  binance: new RegExp(
    '/(?:ping|(?:continuous|indexPrice|markPrice|premiumIndex|ui)?[kK]lines|openInterest' +
      '|ticker(?:/24hr|/price|/tradingDay)?|avgPrice|historicalTrades|constituents|assetIndex' +
      '|multiAssetsMargin|apiTradingStatus|feeBurn|adlQuantile|forceOrders|rateLimit/order' +
      '|orderAmendment|pmAccountInfo|(?:open)?[aA]lgoOrders?|allAlgoOrders|algoOpenOrders' +
      '|positionMargin(?:/history)?|order/test|capital/config/getall|margin/.*|asset/.*' +
      '|account/status|account/apiTradingStatus|userDataStream|insuranceBalance|indexInfo)$',
  ),
  okx: new RegExp(
    '^\\w+ /api/v5/(?:public/(?:position-tiers|open-interest|price-limit|estimated-price' +
      '|discount-rate-interest-free-quota|interest-rate-loan-quota|insurance-fund|underlying' +
      '|convert-contract-coin|delivery-exercise-history|premium-history|liquidation-orders)' +
      '|market/(?:candles|history-candles|index-candles|mark-price-candles|history-trades' +
      '|platform-24-volume|exchange-rate|index-components|books-full|books-lite)' +
      '|asset/.*|account/(?:account-position-risk|leverage-info|max-size|max-avail-size' +
      '|max-loan|interest-.*|risk-state|instruments|positions-history|set-.*|max-withdrawal' +
      '|greeks|position-tiers|adjust-leverage-info|position/margin-balance)' +
      '|trade/(?:order-algo|orders-algo-.*|cancel-algos|account-rate-limit|order-precheck' +
      '|easy-convert.*|fills-archive)|system/.*|users/.*)$',
  ),
  bybit: new RegExp(
    '^\\w+ /v5/(?:market/(?:kline|mark-price-kline|index-price-kline|premium-index-price-kline' +
      '|risk-limit|open-interest|insurance|account-ratio|historical-volatility|delivery-price' +
      '|price-limit|adlAlert|rpi_orderbook|index-price-components|fee-group-info)' +
      '|asset/.*|account/(?:borrow-history|collateral-info|coin-greeks|mmp-state|set-.*|upgrade.*' +
      '|withdrawal|smp-group|contract-transaction-log|quick-repayment|instruments-info)' +
      '|position/(?:closed-pnl|trading-stop|set-.*|add-margin|move-positions|move-history' +
      '|confirm-pending-mmr)|order/(?:disconnected-cancel-all|spot-borrow-check|pre-check)' +
      '|spot-margin-trade/.*|user/.*|announcements/.*|crypto-loan/.*|earn/.*)$',
  ),
};

/** @throws UserError for a text that is no method and path. */
export function askedPath(spec: VenueSpec, text: string, market: Market | null): AskedPath {
  // A whole URL is taken as well as its path.
  const bare = text.trim().replace(/^(?:([A-Za-z]+)\s+)?https?:\/\/[^/\s]+/, '$1 ');
  const match = /^\s*(?:(GET|POST|PUT|DELETE|PATCH)\s+)?(\/[^\s?]*)(?:\?(\S*))?$/i.exec(bare);
  if (match === null) throw new UserError(`--request ${text}: write it like "GET /path?a=b"`);
  const [, said = 'GET', path = '', query = ''] = match;
  const upper = said.toUpperCase();
  const method = upper === 'POST' || upper === 'PUT' || upper === 'DELETE' ? upper : 'GET';
  const name = `${method} ${path}`;
  const table = purposeOf[spec.id];
  const own =
    table === undefined ? purposeInPlugin(spec, { method, path, query }) : table(method, path);
  const changes = asCancel[spec.id]?.test(name) === true;
  const request = requestToReadBy({
    // `setup` acknowledges whatever succeeds: the right reading of an answer with nothing in it.
    purpose: own ?? (changes ? 'cancel' : 'setup'),
    host: '',
    method,
    path,
    query,
    market,
  });
  if (own !== null || changes) return { request, reading: 'read' };
  return { request, reading: unused[spec.id]?.test(name) === true ? 'unused' : 'unknown' };
}

/** What changes something is answered like an order: accepted or refused. */
function purposeInPlugin(
  spec: VenueSpec,
  asked: { readonly method: string; readonly path: string; readonly query: string },
): RequestPurpose | null {
  return purposeByRequests(spec, asked) ?? (asked.method === 'GET' ? null : 'place');
}

/** Any read of the venue, to have a gateway's page classified that answers nobody knows what. */
export function anyRead(spec: VenueSpec): HttpRequest {
  return spec.requests.serverTime();
}
