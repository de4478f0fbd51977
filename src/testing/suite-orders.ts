// Cases about orders over a venue's own WebSocket: a message says what the request of REST says,
// and an answer reads as its reply. A venue without one has no such cases.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { present } from '../base/assert.ts';
import { isPerp } from '../domain/instrument.ts';
import type { HttpRequest, OrderBatchSpec, OrderEntrySpec } from '../domain/venue-spec.ts';
import { draftOf } from './drafts.ts';
import type { ConformanceSubject } from './subject.ts';

const credentials = { key: 'key-12345678', secret: 'secret-12345678', passphrase: 'phrase-1234' };
const wallMs = 1_790_000_000_123.5;

export function orderCases(subject: ConformanceSubject): void {
  const { orderEntry } = subject.spec;
  if (orderEntry !== undefined) socketCases(subject, orderEntry);
  const { batches } = subject.spec;
  if (batches !== undefined) batchCases(subject, batches);
}

function batchCases({ spec, catalog }: ConformanceSubject, batches: OrderBatchSpec) {
  describe('several orders in one request', () => {
    const perps = catalog()
      .all()
      .filter(({ kind, status, tickSize, lotSize }) => {
        return kind === 'linear-perp' && status === 'trading' && tickSize && lotSize;
      });
    const of = present(perps[0], 'a perpetual that trades');
    const ids = ['faconform1l', 'faconform2l'];
    const kinds = [
      ids.map((clientOrderId) => spec.requests.place(draftOf(of, { clientOrderId }), of)),
      ids.map((clientOrderId) => spec.requests.cancel(clientOrderId, of)),
    ];

    it('are signed as one, fit their bucket, and carry every id and figure', () => {
      for (const singles of kinds) {
        const first = present(singles[0], 'a request');
        const max = batches.groupOf(first)?.max ?? 0;
        expect(max).toBeGreaterThan(1);
        const joined = batches.join(singles);
        const text = decodeURIComponent(`${joined.query} ${joined.body}`);
        expect(singles.flatMap(figuresIn).length).toBeGreaterThan(1);
        for (const figure of singles.flatMap(figuresIn)) expect(text).toContain(figure);
        expect([joined.purpose, joined.auth]).toEqual([first.purpose, 'signed']);
        const full = batches.join(Array.from({ length: max }, () => first));
        const bucket = spec.rateLimits.buckets[full.bucket];
        expect(full.weight).toBeLessThanOrEqual(bucket?.capacity ?? 0);
      }
    });

    it('no answer of any form makes an order live or dead that it does not name', () => {
      const bodies = fc.oneof(fc.string(), fc.json({ maxDepth: 4 }));
      fc.assert(
        fc.property(bodies, fc.constantFrom(0, 200, 400, 502), (body, status) => {
          for (const singles of kinds) {
            const parts = batches.split(singles, { status, body });
            if (parts === null) continue;
            expect(parts).toHaveLength(singles.length);
            for (const [i, part] of parts.entries()) {
              if (part === null) continue;
              spec.decodeReply(singles[i] as HttpRequest, part, catalog());
            }
          }
        }),
        { numRuns: 200 },
      );
    });
  });
}

function socketCases(
  { spec, catalog: makeCatalog }: ConformanceSubject,
  orderEntry: OrderEntrySpec,
) {
  describe('orders over a WebSocket', () => {
    const catalog = makeCatalog();
    const traded = catalog.all().filter(({ kind, status, tickSize, lotSize }) => {
      return (kind === 'spot' || isPerp(kind)) && status === 'trading' && tickSize && lotSize;
    });
    const sockets = orderEntry.sockets(traded);
    const streams = [
      ...spec.publicStreams(traded, { depth: true }),
      ...spec.privateStreams(traded),
    ];
    const isNumber = orderEntry.requestIds === 'number';
    const id = isNumber ? '7301' : 'f0a1b2c3x1';
    const call = { id, credentials, wallMs, catalog };
    const served = (request: HttpRequest): boolean =>
      sockets.some(({ market }) => market === null || market === request.market);
    const orders = traded
      .flatMap((of) => [
        spec.requests.place(draftOf(of), of),
        spec.requests.cancel('faconform0001000001l', of),
      ])
      .filter(served);

    it('a live host is named for each, and names of their own apart from the streams', () => {
      const names = [...sockets, ...streams].map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const { host } of sockets) expect(spec.endpoints['live']?.ws).toHaveProperty(host);
      expect(sockets.length).toBeGreaterThan(0);
      expect(orderEntry.sockets([])).toEqual([]);
    });

    it('every placement and cancel has a message with its id, for one of the sockets', () => {
      for (const request of orders) {
        const message = present(orderEntry.message(request, call), request.path);
        expect(sockets.map(({ name }) => name)).toContain(message.socket);
        expect(message.text).toContain(isNumber ? `"id":${id},` : `"${id}"`);
        expect(message.text).not.toContain(credentials.secret);
        expect(orderEntry.message(request, call)).toEqual(message);
      }
    });

    it('a message carries every figure and the client id of the request', () => {
      for (const request of orders) {
        const text = orderEntry.message(request, call)?.text ?? '';
        const figures = figuresIn(request);
        expect(figures.length).toBeGreaterThan(0);
        for (const figure of figures) expect(text).toContain(figure);
      }
    });

    it('what REST alone can ask has none', () => {
      for (const request of spec.requests.instruments(['linear']))
        expect(orderEntry.message(request, call)).toBeNull();
    });

    it('any bytes are an answer or not, and never an exception', () => {
      const frames = fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.json({ maxDepth: 3 }).map((text) => new TextEncoder().encode(text)),
        fc
          .record({
            ...{ id: fc.jsonValue(), reqId: fc.jsonValue(), op: fc.jsonValue() },
            ...{ status: fc.jsonValue(), retCode: fc.jsonValue(), result: fc.jsonValue() },
            ...{ error: fc.jsonValue(), rateLimits: fc.jsonValue(), header: fc.jsonValue() },
          })
          .map((frame) => new TextEncoder().encode(JSON.stringify(frame))),
      );
      fc.assert(
        fc.property(frames, (bytes) => {
          for (const { name } of sockets) {
            const answer = orderEntry.answer(bytes, name);
            if (answer === null) continue;
            expect(answer.id.length).toBeGreaterThan(0);
            expect(() => spec.rateLimits.readHeaders(answer.headers)).not.toThrow();
            const [request] = orders;
            if (request !== undefined) spec.decodeReply(request, answer, catalog);
          }
        }),
        { numRuns: 300 },
      );
    });
  });
}

const figureNames = new Set([
  ...['quantity', 'price', 'newClientOrderId', 'origClientOrderId'],
  ...['sz', 'px', 'clOrdId', 'qty', 'orderLinkId'],
  ...['s', 'p', 'c', 'cloid'],
]);

/** Quantity, price and client id of an order request, wherever the venue wants them. */
function figuresIn({ query, body }: HttpRequest): readonly string[] {
  return figuresOf(
    body === null ? Object.fromEntries(new URLSearchParams(query)) : JSON.parse(body),
  );
}

function figuresOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) =>
    figureNames.has(name) && typeof field !== 'object' ? [String(field)] : figuresOf(field),
  );
}
