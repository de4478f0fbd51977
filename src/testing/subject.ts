// What the conformance suite needs to know about a venue. The author of a venue writes one such
// object and calls `describeVenue` of suite.ts with it; everything else the suite finds out by
// itself. A venue without a simulated counterpart leaves `protocol` null: then the cases that need
// an exchange behind the adapter are skipped, by name.
import type { Catalog } from '../domain/instrument.ts';
import type { Side } from '../domain/order.ts';
import type { ErrorCode, Reaction } from '../domain/venue-event.ts';
import type { FrameSource, HttpRequest, VenueSpec } from '../domain/venue-spec.ts';
import type { SimInstrument } from '../sim/api.ts';
import type { MakeProtocol } from '../testnet/protocol.ts';

/** One golden payload: exactly as the venue sends it, and how it came. */
export interface Sample {
  readonly name: string;
  readonly text: string;
  /** A frame of a stream, or the answer to a request. */
  readonly from: FrameSource | HttpRequest;
}

/** A signature of the venue's documentation, or made with another implementation. */
export interface SigningVector {
  readonly name: string;
  readonly actual: string;
  readonly expected: string;
}

/** What a code means and what the system does about it. */
export interface ErrorCase {
  readonly code: string;
  /** Where the same code says different things. */
  readonly message?: string;
  readonly errorCode: ErrorCode;
  readonly reaction: Reaction;
}

/** What a placement says to the venue, read back from the request as it is sent. */
export interface SentOrder {
  readonly symbol: string;
  readonly side: Side;
  /** Texts in the venue's units. */
  readonly qty: string;
  readonly price: string | null;
  readonly clientOrderId: string;
  readonly reduceOnly: boolean;
}

export interface ConformanceSubject {
  readonly spec: VenueSpec;
  /** A new catalog that knows the instruments of the samples. */
  catalog(): Catalog;
  readonly samples: readonly Sample[];
  /** Names of samples that are rightly not recognized (their decoder says why). */
  readonly unreadable: readonly string[];
  readonly signing: readonly SigningVector[];
  readonly errors: readonly ErrorCase[];
  /** The venue's refusal with a code, as a reply to any of its order requests. */
  errorReply(code: string, message: string): { readonly status: number; readonly body: string };
  sentOrder(request: HttpRequest): SentOrder;
  /** `kind.field` that the venue leaves out when it is zero: absent may then be read as 0. */
  readonly absentIsZero: readonly string[];
  readonly protocol: MakeProtocol | null;
  /** What the simulated venue lists, where the simulation does not know the venue. */
  readonly listings?: readonly SimInstrument[];
}

export function isReply(from: Sample['from']): from is HttpRequest {
  return 'purpose' in from;
}
