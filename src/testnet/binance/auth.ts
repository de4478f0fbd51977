// Checks keys, signatures and timestamps as the venue does: the signature over the raw bytes of
// query and body exactly as received, times against the wall clock whatever the speed of venue
// time.
import { hmacSha256Hex } from '../../base/hmac.ts';
import type { RawHttpRequest, TestnetCredentials } from '../protocol.ts';
import { type Answer, missing, refused } from './answer.ts';

export const recvWindowDefaultMs = 5_000;
export const recvWindowMaxMs = 60_000;
/** How far a timestamp may lie ahead of the server. */
const aheadMaxMs = 1_000;

type Refusal = (Answer & { readonly ok: false }) | null;

export function refusalByKey(request: RawHttpRequest, credentials: TestnetCredentials): Refusal {
  const key = request.headers['x-mbx-apikey'];
  if (key === undefined || key === '') return refused(-2014, 'API-key format invalid.', 401);
  if (key === credentials.key) return null;
  return refused(-2015, 'Invalid API-key, IP, or permissions for action.', 401);
}

/** The signature must be the HMAC of everything else that was sent, wherever it stands. */
export function refusalBySignature(
  request: RawHttpRequest,
  params: ReadonlyMap<string, string>,
  credentials: TestnetCredentials,
): Refusal {
  const given = params.get('signature');
  if (given === undefined || given === '') return missing('signature');
  const payload = withoutSignature(request.query) + withoutSignature(request.body);
  return refusalByHmac(payload, given, credentials);
}

/** WebSocket API: parameters sorted by name, not percent-encoded. */
export function refusalByWsSignature(
  params: Readonly<Record<string, unknown>>,
  credentials: TestnetCredentials,
): Refusal {
  const { apiKey, signature, ...rest } = params;
  if (typeof apiKey !== 'string') return missing('apiKey');
  if (apiKey !== credentials.key) {
    return refused(-2015, 'Invalid API-key, IP, or permissions for action.', 401);
  }
  if (typeof signature !== 'string') return missing('signature');
  const signed: Readonly<Record<string, unknown>> = { ...rest, apiKey };
  const payload = Object.keys(signed)
    .sort()
    .map((name) => `${name}=${String(signed[name])}`)
    .join('&');
  return refusalByHmac(payload, signature, credentials);
}

function refusalByHmac(payload: string, given: string, credentials: TestnetCredentials): Refusal {
  const expected = hmacSha256Hex(credentials.secret, payload);
  if (given.toLowerCase() === expected) return null;
  return refused(-1022, 'Signature for this request is not valid.');
}

function withoutSignature(raw: string): string {
  return raw
    .split('&')
    .filter((part) => !part.startsWith('signature='))
    .join('&');
}

export function refusalByTime(
  given: { readonly timestamp: string | undefined; readonly recvWindow: string | undefined },
  wallMs: number,
): Refusal {
  const { timestamp, recvWindow } = given;
  if (timestamp === undefined || !/^\d{10,16}$/.test(timestamp)) return missing('timestamp');
  const windowMs = recvWindow === undefined ? recvWindowDefaultMs : Number(recvWindow);
  if (!(windowMs > 0 && windowMs <= recvWindowMaxMs)) {
    return refused(-1131, 'recvWindow must be less than 60000.');
  }
  const sentMs = Number(timestamp);
  if (sentMs >= wallMs + aheadMaxMs) {
    return refused(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
  }
  if (wallMs - sentMs > windowMs) {
    return refused(-1021, 'Timestamp for this request is outside of the recvWindow.');
  }
  return null;
}

/** Names and decoded values of the query, then of the body: the query wins. */
export function paramsOf(request: RawHttpRequest): ReadonlyMap<string, string> {
  const params = new Map<string, string>();
  for (const raw of [request.query, request.body]) {
    for (const [name, value] of new URLSearchParams(raw)) {
      if (!params.has(name)) params.set(name, value);
    }
  }
  return params;
}
