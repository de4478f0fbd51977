// OKX's error codes and what the system does about each: one table for REST replies (`code`, per
// item `sCode`) and for WebSocket `event: error` frames. Source: the error code chapter of the v5
// manual.
import type { ErrorCode, ErrorEvent, Reaction } from '../../domain/venue-event.ts';
import { venue } from './names.ts';

export interface Reading {
  readonly code: ErrorCode;
  readonly reaction: Reaction;
}

const table: readonly (readonly [codes: string, code: ErrorCode, reaction: Reaction])[] = [
  // Matching engine or gateway busy, offline or upgrading: nothing was done.
  ['50001 50005 50013 50026', 'TRANSIENT', 'retry'],
  // The endpoint timed out: says nothing about the order.
  ['50004', 'UNKNOWN_OUTCOME', 'query'],
  ['50011 50040 50061 60014 60023 51113', 'RATE_LIMITED', 'back-off'],
  ['50102 60006', 'TRANSIENT', 'resync-clock'],
  // Keys, passphrase, signature, environment, address, permission.
  ['50100 50101 50103 50104 50105 50106 50107 50108 50109 50110 50111 50112', 'AUTH', 'stop'],
  ['50113 50114 50119 50120 60004 60005 60007 60009 60022 60024 60032', 'AUTH', 'stop'],
  ['60011', 'AUTH', 'login'],
  ['50007 50009 50012 50027 51009 51024 51155 51732 51733 51734', 'REJECTED', 'restricted'],
  ['51008 51119 51127 51131 51502 51736', 'REJECTED', 'funds'],
  // Position tier and leverage.
  ['51004 59102 59108', 'REJECTED', 'funds'],
  ['51006 51031 51116 51135 51136 51137 51138', 'REJECTED', 'price-band'],
  ['51007 51020 51100 51118 51120', 'REJECTED', 'below-minimum'],
  ['51001 51005 51015 51101 51105 51121 51122 51202 51203', 'REJECTED', 'reload-instruments'],
  // To be listed, suspended, expired.
  ['51021 51022 51027', 'REJECTED', 'reload-instruments'],
  // Under delivery, being settled, funding being settled: over within a minute.
  ['51028 51029 51030 50023', 'REJECTED', 'settlement-retry'],
  // The client id is taken: the first order lives, or lived.
  ['51016', 'REJECTED', 'query'],
  // No such order, already canceled, already completed.
  ['51400 51401 51402 51405 51503 51509 51510 51603', 'REJECTED', 'reconcile'],
  ['51410', 'REJECTED', 'query'],
  ['51023 51112 51134 51169 51170 51205', 'REJECTED', 'refresh-position'],
  // Only of an amend: a crossing post-only order itself is accepted and cancelled with source 31.
  ['51511', 'REJECTED', 're-price'],
  ['59000', 'REJECTED', 'fix-position-mode'],
  ['50000 50002 50006 50014 50015 50016 50024 50025 50115 51000', 'BAD_PAYLOAD', 'report'],
  ['60012 60013 60018 60029', 'BAD_PAYLOAD', 'report'],
];

const readings: ReadonlyMap<string, Reading> = new Map(
  table.flatMap(([codes, code, reaction]) =>
    codes.split(' ').map((venueCode) => [venueCode, { code, reaction }] as const),
  ),
);

/** Every code that has a reaction of its own. */
export const knownCodes: readonly string[] = [...readings.keys()];

/** What a code means. One that we do not know refused the request, and a person should look. */
export function readCode(venueCode: string): Reading {
  return readings.get(venueCode) ?? { code: 'REJECTED', reaction: 'report' };
}

/** As `readCode`, but a failing gateway's unknown code leaves open what became of an order. */
export function readReplyCode(
  venueCode: string,
  reply: { readonly status: number; readonly changesOrders: boolean },
): Reading {
  if (reply.status >= 500 && !readings.has(venueCode)) {
    return readStatus(reply.status, reply.changesOrders);
  }
  return readCode(venueCode);
}

/** A reply that is not OKX's JSON, or none of its codes: judged by the status alone. */
export function readStatus(status: number, changesOrders: boolean): Reading {
  if (status === 429) return { code: 'RATE_LIMITED', reaction: 'back-off' };
  if (status === 401) return { code: 'AUTH', reaction: 'stop' };
  if (status === 403 || status === 451) return { code: 'AUTH', reaction: 'restricted' };
  if (status >= 400 && status < 500) return { code: 'BAD_PAYLOAD', reaction: 'report' };
  // A gateway may have passed the request on before it failed.
  if (changesOrders) return { code: 'UNKNOWN_OUTCOME', reaction: 'query' };
  return { code: 'TRANSIENT', reaction: 'retry' };
}

export function errorEvent(error: {
  readonly reading: Reading;
  readonly venueCode: string;
  readonly message: string;
  readonly symbol: string | null;
  readonly clientOrderId: string | null;
}): ErrorEvent {
  return {
    kind: 'error',
    venue,
    symbol: error.symbol,
    instrument: null,
    venueTsMs: null,
    code: error.reading.code,
    venueCode: error.venueCode,
    message: error.message,
    reaction: error.reading.reaction,
    clientOrderId: error.clientOrderId,
  };
}
