// Who may call: API key, time window and signature, checked over the bytes as they were received
// and on wall time, as Bybit does it.
import { hmacSha256Hex } from '../../base/hmac.ts';
import type { RawHttpRequest, TestnetCredentials } from '../protocol.ts';
import { type Refused, refused } from './answer.ts';

const recvWindowDefaultMs = 5_000;
/** A timestamp may be this far ahead of the venue's clock. */
const aheadMsMax = 1_000;

/** Null = the request may pass. */
export function refusalByAuth(
  request: RawHttpRequest,
  credentials: TestnetCredentials,
  wallMs: number,
): Refused | null {
  const { headers } = request;
  const key = headers['x-bapi-api-key'] ?? '';
  const timestamp = headers['x-bapi-timestamp'] ?? '';
  const recvWindow = headers['x-bapi-recv-window'] ?? '';
  const signature = headers['x-bapi-sign'] ?? '';
  if (key !== credentials.key) return refused(10003, 'API key is invalid.');
  const late = refusalByTime(timestamp, recvWindow, wallMs);
  if (late !== null) return late;
  const sent = request.method === 'GET' ? request.query : request.body;
  const origin = `${timestamp}${key}${recvWindow}${sent}`;
  if (signature !== hmacSha256Hex(credentials.secret, origin)) {
    return refused(10004, `error sign! origin_string[${origin}]`);
  }
  return null;
}

/** server - recvWindow <= timestamp < server + 1000 ms. */
export function refusalByTime(
  timestamp: string,
  recvWindow: string,
  wallMs: number,
): Refused | null {
  const windowMs = recvWindow === '' ? recvWindowDefaultMs : Number(recvWindow);
  const ts = /^\d{1,16}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  if (ts >= wallMs - windowMs && ts < wallMs + aheadMsMax) return null;
  const figures = `req_timestamp[${timestamp}],server_timestamp[${Math.floor(wallMs)}]`;
  return refused(
    10002,
    'invalid request, please check your server timestamp or recv_window param. ' +
      `${figures},recv_window[${windowMs}]`,
  );
}

/** The `args` of a socket's `auth`: key, expiry, signature of `GET/realtime` + expiry. */
export function refusalByLogin(
  args: readonly unknown[],
  credentials: TestnetCredentials,
  wallMs: number,
): Refused | null {
  const [key, expires, signature] = args.map(String);
  if (key !== credentials.key) return refused(10003, 'API key is invalid.');
  if (expires === undefined || !/^\d{1,16}$/.test(expires) || Number(expires) <= wallMs) {
    return refused(10002, 'Params Error: the expiry is not in the future');
  }
  if (signature !== hmacSha256Hex(credentials.secret, `GET/realtime${expires}`)) {
    return refused(10004, 'error sign!');
  }
  return null;
}
