// Cases about errors: every code of the venue's sheet has its reaction, and an answer that leaves
// an order's fate open is never read as a refusal.
import { describe, expect, it } from 'vitest';
import { present } from '../base/assert.ts';
import type { ApprovedOrder } from '../domain/order.ts';
import type { ErrorEvent, VenueEvent } from '../domain/venue-event.ts';
import type { HttpRequest } from '../domain/venue-spec.ts';
import { draftOf } from './drafts.ts';
import type { ConformanceSubject } from './subject.ts';

export function errorCases(subject: ConformanceSubject): void {
  const { spec } = subject;
  const catalog = subject.catalog();
  const perp = present(
    catalog.all().find(({ kind }) => kind === 'linear-perp'),
    'a perpetual among the samples',
  );
  const order: ApprovedOrder = draftOf(perp);
  const place = spec.requests.place(order, perp);
  const cancel = spec.requests.cancel(order.clientOrderId, perp);
  const reads = [
    ...spec.requests.queryOrder(order.clientOrderId, perp),
    ...spec.requests.balances(),
    ...spec.requests.fundingRates([perp]),
  ];
  const answer = (request: HttpRequest, status: number, body: string): readonly VenueEvent[] =>
    spec.decodeReply(request, { status, body }, catalog);
  const errorOf = (events: readonly VenueEvent[]): ErrorEvent => {
    expect(events).toHaveLength(1);
    const [event] = events;
    if (event?.kind !== 'error') throw new Error(`no error but ${event?.kind}`);
    return event;
  };

  describe('errors', () => {
    it.each(subject.errors.map((row) => [row.code, row.reaction, row] as const))(
      '%s: %s',
      (code, reaction, row) => {
        const { status, body } = subject.errorReply(code, row.message ?? 'as the venue says');
        const error = errorOf(answer(place, status, body));
        expect(error).toMatchObject({
          code: row.errorCode,
          reaction,
          venueCode: code,
          clientOrderId: order.clientOrderId,
        });
      },
    );

    it('a code that nobody knows refuses, and asks for a person', () => {
      const unknown = subject.errorReply('-98765', 'a code of tomorrow');
      const error = errorOf(answer(place, unknown.status, unknown.body));
      expect(error).toMatchObject({ code: 'REJECTED', reaction: 'report' });
    });

    it.each([500, 502, 503, 504, 0])(
      'a placement or cancel answered with status %s and no JSON is open: query',
      (status) => {
        for (const request of [place, cancel]) {
          for (const body of ['', '<html>gateway</html>', '{}', '[]', 'null']) {
            const error = errorOf(answer(request, status, body));
            expect(error).toMatchObject({ code: 'UNKNOWN_OUTCOME', reaction: 'query' });
          }
        }
      },
    );

    it('a placement answered with 200 that is no answer is never taken for one', () => {
      for (const body of ['', '<html>', '{}', '[]', 'null', '"ok"', '{"code":', '42']) {
        const events = answer(place, 200, body);
        const acked = events.some(
          (event) => event.kind === 'order' || (event.kind === 'control' && event.name === 'ack'),
        );
        expect([body, acked]).toEqual([body, false]);
        // Nor for a refusal: it is open, or it cannot be read, which the driver keeps open.
        const refused = events.some((e) => e.kind === 'error' && e.code === 'REJECTED');
        expect([body, refused]).toEqual([body, false]);
      }
    });

    it('a read has no outcome to be unknown: it is read again', () => {
      for (const request of reads) {
        for (const status of [500, 502, 503, 504]) {
          const error = errorOf(answer(request, status, '<html>'));
          expect([request.path, error.code]).not.toEqual([request.path, 'UNKNOWN_OUTCOME']);
        }
      }
    });

    it.each([429])('status %s is a rate limit, whatever the body', (status) => {
      for (const request of [place, ...reads]) {
        const error = errorOf(answer(request, status, '<html>'));
        expect(error).toMatchObject({ code: 'RATE_LIMITED', reaction: 'back-off' });
      }
    });

    it('every failure of an order names the order', () => {
      for (const request of [place, cancel]) {
        const error = errorOf(answer(request, 502, ''));
        expect(error.clientOrderId).toBe(order.clientOrderId);
      }
    });
  });
}
