// Signs requests: HMAC-SHA256 in hex over the query and body exactly as they are sent, so every
// parameter is percent-encoded before it is signed (else -1022). WebSocket-API parameters are
// signed sorted by name and not encoded.
import { hmacSha256Hex } from '../../base/hmac.ts';
import type { Credentials, HttpRequest } from '../../domain/venue-spec.ts';

/**
 * How long after its timestamp the venue still accepts a request (its default is 5,000, its maximum
 * 60,000): short, because an unanswered order is only known to be gone once this has passed.
 */
export const recvWindowMs = 3_000;

export const apiKeyHeader = 'X-MBX-APIKEY';

export function sign(request: HttpRequest, credentials: Credentials, wallMs: number): HttpRequest {
  if (request.auth === 'none') return request;
  const headers = { ...request.headers, [apiKeyHeader]: credentials.key };
  if (request.auth === 'key') return { ...request, headers };
  const stamp = `recvWindow=${recvWindowMs}&timestamp=${Math.floor(wallMs)}`;
  const query = request.query === '' ? stamp : `${request.query}&${stamp}`;
  const signature = hmacSha256Hex(credentials.secret, query + (request.body ?? ''));
  return { ...request, headers, query: `${query}&signature=${signature}` };
}

/** The WebSocket-API message of a signed method; values in `params` are texts or integers. */
export function signedMessage(
  call: {
    readonly id: string;
    readonly method: string;
    readonly params: Readonly<Record<string, string | number>>;
  },
  credentials: Credentials,
  wallMs: number,
): string {
  const params: Record<string, string | number> = {
    ...call.params,
    apiKey: credentials.key,
    recvWindow: recvWindowMs,
    timestamp: Math.floor(wallMs),
  };
  const payload = Object.keys(params)
    .sort()
    .map((name) => `${name}=${params[name]}`)
    .join('&');
  const signature = hmacSha256Hex(credentials.secret, payload);
  return JSON.stringify({ id: call.id, method: call.method, params: { ...params, signature } });
}
