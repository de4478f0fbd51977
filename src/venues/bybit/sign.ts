// Signatures of REST requests and of the WebSocket login: HMAC-SHA256 as lower-case hex over
// exactly the bytes that are sent. Times are wall time, corrected by the measured offset to the
// venue's clock.
import { hmacSha256Hex } from '../../base/hmac.ts';
import type { Credentials, HttpRequest } from '../../domain/venue-spec.ts';

/** The venue accepts server - recvWindow <= timestamp < server + 1000 ms. */
export const recvWindowMs = 5_000;
/** A login is accepted until then. */
const loginValidityMs = 10_000;

export function sign(request: HttpRequest, credentials: Credentials, wallMs: number): HttpRequest {
  if (request.auth !== 'signed') return request;
  const timestamp = String(Math.floor(wallMs));
  const sent = request.method === 'GET' ? request.query : (request.body ?? '');
  const text = `${timestamp}${credentials.key}${recvWindowMs}${sent}`;
  return {
    ...request,
    headers: {
      ...request.headers,
      'X-BAPI-API-KEY': credentials.key,
      'X-BAPI-TIMESTAMP': timestamp,
      'X-BAPI-RECV-WINDOW': String(recvWindowMs),
      'X-BAPI-SIGN': hmacSha256Hex(credentials.secret, text),
    },
  };
}

export function loginMessage(credentials: Credentials, wallMs: number): string {
  const expiresMs = Math.floor(wallMs) + loginValidityMs;
  const signature = hmacSha256Hex(credentials.secret, `GET/realtime${expiresMs}`);
  return JSON.stringify({ op: 'auth', args: [credentials.key, expiresMs, signature] });
}
