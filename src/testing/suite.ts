// The conformance suite of venues. One call runs the same cases over any VenueSpec:
//
//   import { describeVenue } from 'funding-rate-arb/testing';
//   describeVenue({ spec: myVenue, samples: [...], ... });
//
// - requests and streams: hosts, buckets, purity; orders carry exactly the approved figures
// - signing: vectors, no secret given away, every byte covered
// - payloads: goldens are read; odd, cut, doubled and bare values crash nothing, and no figure or
//   id comes out that the payload does not say; empty is never zero; the scanner agrees with decode
// - errors: every code has its reaction; what leaves an order's fate open is never a refusal
// - against the simulated venue (where there is one): books in sequence with a lost frame noticed,
//   the life of an order, refusals by class, funding fields, the account's listings
//
// See subject.ts for what a venue's author provides.
import { describe } from 'vitest';
import type { ConformanceSubject } from './subject.ts';
import { errorCases } from './suite-errors.ts';
import { orderCases } from './suite-orders.ts';
import { payloadCases } from './suite-payloads.ts';
import { specCases } from './suite-spec.ts';
import { venueCases } from './suite-venue.ts';

export function describeVenue(subject: ConformanceSubject): void {
  describe(`${subject.spec.id} conforms`, () => {
    specCases(subject);
    orderCases(subject);
    payloadCases(subject);
    errorCases(subject);
    venueCases(subject);
  });
}

export type { ConformanceSubject, ErrorCase, Sample, SentOrder, SigningVector } from './subject.ts';
