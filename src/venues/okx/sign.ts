// OKX's signatures: base64 HMAC-SHA256 over ISO time + method + path?query + body for REST, and
// over epoch seconds + the fixed path for the WebSocket login. Times are wall time.
import { hmacSha256Base64 } from '../../base/hmac.ts';
import { isoUtc, secondMs } from '../../base/time.ts';
import type { Credentials, HttpRequest } from '../../domain/venue-spec.ts';

/**
 * `expTime` ends an order request's validity, so that "not found" can be believed soon after:
 * without it a delayed request would be accepted for 30 s after its timestamp.
 */
export const orderValidityMs = 5_000;

export function sign(request: HttpRequest, credentials: Credentials, wallMs: number): HttpRequest {
  if (request.auth === 'none') return request;
  const timestamp = isoUtc(Math.round(wallMs));
  const target = request.query === '' ? request.path : `${request.path}?${request.query}`;
  const text = timestamp + request.method + target + (request.body ?? '');
  const expiry =
    request.purpose === 'place'
      ? { expTime: String(Math.round(wallMs) + orderValidityMs) }
      : undefined;
  return {
    ...request,
    headers: {
      ...request.headers,
      ...expiry,
      'OK-ACCESS-KEY': credentials.key,
      'OK-ACCESS-SIGN': hmacSha256Base64(credentials.secret, text),
      'OK-ACCESS-TIMESTAMP': timestamp,
      'OK-ACCESS-PASSPHRASE': credentials.passphrase ?? '',
    },
  };
}

/** What a WebSocket login signs, besides the time. */
export const loginTarget = 'GET/users/self/verify';

export function loginMessage(credentials: Credentials, wallMs: number): string {
  const timestamp = String(Math.floor(wallMs / secondMs));
  const login = {
    apiKey: credentials.key,
    passphrase: credentials.passphrase ?? '',
    timestamp,
    sign: hmacSha256Base64(credentials.secret, timestamp + loginTarget),
  };
  return JSON.stringify({ op: 'login', args: [login] });
}
