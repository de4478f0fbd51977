// Cases about what the adapter sends: hosts and buckets exist, requests are pure data, orders carry
// exactly the approved figures in the venue's units, and signatures cover what is sent.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { present } from '../base/assert.ts';
import { type Decimal, decimal, formatDecimal } from '../base/decimal.ts';
import {
  type Instrument,
  isPerp,
  type Market,
  priceToVenue,
  qtyToVenue,
} from '../domain/instrument.ts';
import type { TimeInForce } from '../domain/order.ts';
import type { HttpRequest } from '../domain/venue-spec.ts';
import { makeOrderId } from '../execution/order-id.ts';
import { draftOf } from './drafts.ts';
import type { ConformanceSubject } from './subject.ts';

const credentials = { key: 'key-12345678', secret: 'secret-12345678', passphrase: 'phrase-1234' };
const wallMs = 1_790_000_000_123.5;
const markets: readonly Market[] = ['spot', 'linear', 'inverse'];

export function specCases(subject: ConformanceSubject): void {
  const { spec } = subject;
  const catalog = subject.catalog();
  const traded = catalog.all().filter(({ kind, status, tickSize, lotSize }) => {
    return (kind === 'spot' || isPerp(kind)) && status === 'trading' && tickSize && lotSize;
  });
  const perps = traded.filter(({ kind }) => isPerp(kind));
  const spots = traded.filter(({ kind }) => kind === 'spot');

  const every = (): readonly HttpRequest[] => {
    const { requests } = spec;
    const one = present(perps[0], 'a perpetual that trades, among the samples');
    const depth = requests.depth(one);
    const scope = { instruments: traded, sinceMs: 1_700_000_000_000 };
    return [
      requests.serverTime(),
      ...requests.instruments(markets),
      ...requests.fundingRates(traded),
      requests.fundingHistory(one, { fromMs: 1_700_000_000_000, toMs: 1_700_086_400_000 }),
      ...requests.quotes(traded),
      ...(depth === null ? [] : [depth]),
      ...requests.feeRates(traded),
      ...(requests.marginTiers?.(traded) ?? []),
      ...(requests.borrowRates?.(['BTC', 'ETH']) ?? []),
      ...requests.setup(traded, { leverage: 3 }),
      requests.place(draftOf(one), one),
      requests.cancel('faconform0001000001l', one),
      ...requests.queryOrder('faconform0001000001l', one),
      ...requests.openOrders(traded),
      ...requests.orderHistory(scope),
      ...requests.fills(scope),
      ...requests.balances(markets),
      ...requests.positions(traded),
      ...requests.fundingPayments(scope),
      ...requests.accountConfig(),
    ];
  };
  const streams = () => [
    ...spec.publicStreams(traded, { depth: true }),
    ...spec.privateStreams(traded),
  ];

  describe('requests and streams', () => {
    it('samples hold a perpetual and a spot pair that trade', () => {
      expect(perps.length).toBeGreaterThan(0);
      expect(spots.length).toBeGreaterThan(0);
    });

    it('every named host is in every environment', () => {
      for (const [name, { http, ws }] of Object.entries(spec.endpoints)) {
        for (const { host } of every())
          expect([name, Object.keys(http)]).toEqual([name, expect.arrayContaining([host])]);
        for (const { host } of streams())
          expect([name, Object.keys(ws)]).toEqual([name, expect.arrayContaining([host])]);
        for (const url of [...Object.values(http), ...Object.values(ws)]) {
          expect(url).toMatch(/^(?:https|wss):\/\/[^/]+[^/]$/);
        }
      }
      expect(Object.keys(spec.endpoints)).toContain('live');
    });

    it('every request names a bucket that it fits in, and is plain data', () => {
      for (const request of every()) {
        const bucket = spec.rateLimits.buckets[request.bucket];
        expect(bucket, request.bucket).toBeDefined();
        expect(request.weight).toBeLessThanOrEqual(bucket?.capacity ?? 0);
        expect(request.path).toMatch(/^\/[^?#\s]+$/);
        expect(request.query).toMatch(/^[\x21-\x7e]*$/);
        if (request.method === 'GET') expect(request.body).toBeNull();
      }
      expect(JSON.stringify(every())).toBe(JSON.stringify(every()));
    });

    it('what concerns the account is signed, what is public is not', () => {
      const isPublic = new Set([
        'server-time',
        'instruments',
        'funding-rates',
        'quotes',
        'depth',
        'funding-history',
      ]);
      // A listing that some venues show to anybody, others to account holders.
      const isEither = new Set(['margin-tiers', 'borrow-rates']);
      for (const request of every().filter(({ purpose }) => !isEither.has(purpose))) {
        const expected = isPublic.has(request.purpose) ? 'none' : 'signed';
        expect([request.path, request.auth]).toEqual([request.path, expected]);
      }
    });

    it('orders and cancels carry their client id beside the request', () => {
      for (const request of every()) {
        if (request.purpose !== 'place' && request.purpose !== 'cancel') continue;
        expect(request.clientOrderId).toBe('faconform0001000001l');
      }
    });

    it('streams have names of their own, a private one, and more with depth', () => {
      const names = streams().map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(streams().some(({ access }) => access === 'private')).toBe(true);
      const text = (depth: boolean): string =>
        spec
          .publicStreams(traded, { depth })
          .flatMap((s) => s.subscribe)
          .join();
      expect(text(true).length).toBeGreaterThan(text(false).length);
      expect(spec.publicStreams([], { depth: true })).toEqual([]);
    });

    it('every wanted instrument is in some subscription', () => {
      const text = spec
        .publicStreams(traded, { depth: true })
        .flatMap((s) => s.subscribe)
        .join();
      for (const { symbol } of traded) {
        expect(text.toLowerCase()).toContain(symbol.toLowerCase());
      }
    });
  });

  describe('orders as they are sent', () => {
    const instrument = fc.constantFrom(...traded);
    const lots = fc.bigInt({ min: 1n, max: 10_000_000n });
    const ticks = fc.bigInt({ min: 1n, max: 100_000_000n });
    const timeInForce = fc.constantFrom<TimeInForce>('gtc', 'ioc', 'fok', 'post-only');
    const grid = (step: Decimal | null, count: bigint): Decimal =>
      ((step ?? decimal('1')) * count) as Decimal; // brand: a multiple of a decimal

    it("carry exactly the approved quantity and price, in the venue's units", () => {
      fc.assert(
        fc.property(instrument, lots, ticks, timeInForce, fc.boolean(), (of, n, m, tif, buys) => {
          const qty = grid(of.lotSize, n);
          const limit = grid(of.tickSize, m);
          const side = buys ? 'buy' : 'sell';
          const order = draftOf(of, { qty, limit, timeInForce: tif, side });
          const sent = subject.sentOrder(spec.requests.place(order, of));
          expect(sent).toEqual({
            symbol: of.symbol,
            side,
            qty: formatDecimal(qtyToVenue(of, qty)),
            price: formatDecimal(priceToVenue(of, limit)),
            clientOrderId: order.clientOrderId,
            reduceOnly: false,
          });
          // No exponent, no separators, no sign: every venue reads plain decimals only.
          expect(`${sent.qty} ${sent.price}`).toMatch(/^\d+(\.\d+)? \d+(\.\d+)?$/);
        }),
        { numRuns: 500 },
      );
    });

    it('a market order has no price; a contract may only reduce, spot knows no such flag', () => {
      const of = (one: Instrument | undefined) => {
        const listed = present(one, 'an instrument');
        const order = draftOf(listed, { limit: null, reduceOnly: true, side: 'sell' });
        return subject.sentOrder(spec.requests.place(order, listed));
      };
      expect(of(perps[0])).toMatchObject({ price: null, reduceOnly: true });
      expect(of(spots[0])).toMatchObject({ price: null, reduceOnly: false });
    });

    it('take our own client ids as they are: at most 32 letters and digits', () => {
      const clientOrderId = makeOrderId({
        ...{ installation: 'zzzzzz', epoch: 36 ** 4 - 1, serial: 36 ** 7 - 1, leg: 'short' },
      });
      expect(clientOrderId).toMatch(/^[a-z0-9]{1,32}$/);
      for (const of of traded) {
        const sent = subject.sentOrder(spec.requests.place(draftOf(of, { clientOrderId }), of));
        expect(sent.clientOrderId).toBe(clientOrderId);
      }
    });
  });

  describe('signing', () => {
    it.each(subject.signing.map((vector) => [vector.name, vector] as const))('%s', (_n, vector) => {
      expect(vector.actual).toBe(vector.expected);
    });

    it('gives no secret away, and covers every byte that is sent', () => {
      for (const request of every()) {
        if (request.auth !== 'signed') continue;
        const signed = spec.sign(request, credentials, wallMs);
        const text = JSON.stringify(signed);
        expect(text).not.toContain(credentials.secret);
        expect(text).toBe(JSON.stringify(spec.sign(request, credentials, wallMs)));
        expect({ ...signed, headers: {}, query: '' }).toEqual({
          ...request,
          headers: {},
          query: '',
        });
        expect(signed.query.startsWith(request.query)).toBe(true);
        const other = { ...request, query: `${request.query}${request.query ? '&' : ''}x=1` };
        const proof = (of: HttpRequest): string => signatureIn(spec.sign(of, credentials, wallMs));
        if (request.method === 'GET') expect(proof(other)).not.toBe(proof(request));
        if (request.body !== null) {
          expect(proof({ ...request, body: `${request.body} ` })).not.toBe(proof(request));
        }
        expect(signatureIn(spec.sign(request, { ...credentials, secret: 'x' }, wallMs))).not.toBe(
          proof(request),
        );
        expect(signatureIn(spec.sign(request, credentials, wallMs + 1_000))).not.toBe(
          proof(request),
        );
      }
    });

    it('leaves public requests alone', () => {
      for (const request of every()) {
        if (request.auth === 'none') expect(spec.sign(request, credentials, 1)).toEqual(request);
      }
    });

    it('is valid for a known time: after it "no such order" may be believed', () => {
      expect(spec.orderValidityMs).toBeGreaterThan(0);
      expect(spec.orderValidityMs).toBeLessThanOrEqual(60_000);
    });
  });

  describe('rate limits', () => {
    it('headers that are missing or odd say nothing', () => {
      const odd = fc.dictionary(
        fc.constantFrom('retry-after', 'x-mbx-used-weight-1m', 'x-bapi-limit-status', 'timenow'),
        fc.constantFrom('', '-1', 'NaN', '1e9', '99999999999999999999', 'soon', '0', '12'),
      );
      fc.assert(
        fc.property(odd, (headers) => {
          const { used, retryAfterMs } = spec.rateLimits.readHeaders(headers);
          for (const value of [...Object.values(used), retryAfterMs ?? 0]) {
            expect(Number.isFinite(value) && value >= 0).toBe(true);
          }
          for (const bucket of Object.keys(used)) {
            expect(Object.keys(spec.rateLimits.buckets)).toContain(bucket);
          }
        }),
      );
    });
  });
}

/** The longest hex or base64 text of 32 bytes, wherever the venue wants it. */
function signatureIn(request: HttpRequest): string {
  const text = `${request.query} ${Object.values(request.headers).join(' ')} ${request.body ?? ''}`;
  const found = /[0-9a-f]{64}/.exec(text) ?? /[A-Za-z0-9+/]{43}=/.exec(text);
  return present(found?.[0], 'a signature');
}
