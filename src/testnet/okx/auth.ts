// Verifies signatures over the exact text received, on wall time: of REST requests and of the
// WebSocket login. The order of the checks is OKX's: presence, form and age of the time, key,
// passphrase, sign.
import { hmacSha256Base64 } from '../../base/hmac.ts';
import { secondMs, tryTime } from '../../base/time.ts';
import { loginTarget } from '../../venues/okx/sign.ts';
import { type Row, textField } from '../../venues/okx/wire.ts';
import type { RawHttpRequest, TestnetCredentials } from '../protocol.ts';
import { type Failure, failure } from './replies.ts';

/** How far a timestamp may be from the wall clock, either way. */
export const timestampAgeMsMax = 30_000;

const isoForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;

/** Null when the request is ours. */
export function refuseRequest(
  request: RawHttpRequest,
  credentials: TestnetCredentials,
  wallMs: number,
): Failure | null {
  const header = (name: string): string => request.headers[name] ?? '';
  const key = header('ok-access-key');
  const timestamp = header('ok-access-timestamp');
  const passphrase = header('ok-access-passphrase');
  const signature = header('ok-access-sign');
  if (key === '') return failure('50103', 'Request header "OK-ACCESS-KEY" can\'t be empty.');
  if (passphrase === '') {
    return failure('50104', 'Request header "OK-ACCESS-PASSPHRASE" can\'t be empty.');
  }
  if (signature === '') return failure('50106', 'Request header "OK-ACCESS-SIGN" can\'t be empty.');
  if (timestamp === '') {
    return failure('50107', 'Request header "OK-ACCESS-TIMESTAMP" can\'t be empty.');
  }
  const signedAtMs = isoForm.test(timestamp) ? tryTime(timestamp) : null;
  if (signedAtMs === null) return failure('50112', 'Invalid OK-ACCESS-TIMESTAMP');
  if (Math.abs(wallMs - signedAtMs) > timestampAgeMsMax) {
    return failure('50102', 'Timestamp request expired');
  }
  if (key !== credentials.key) return failure('50111', 'Invalid OK-ACCESS-KEY');
  if (passphrase !== credentials.passphrase) {
    return failure('50105', 'Request header "OK-ACCESS-PASSPHRASE" incorrect.');
  }
  const target = request.query === '' ? request.path : `${request.path}?${request.query}`;
  const text = timestamp + request.method.toUpperCase() + target + request.body;
  if (signature !== hmacSha256Base64(credentials.secret, text)) {
    return failure('50113', 'Invalid Sign');
  }
  // The deadline that an order request may set itself.
  const deadline = Number(header('exptime') || Number.POSITIVE_INFINITY);
  if (!(deadline >= wallMs)) return failure('50102', 'Timestamp request expired');
  return null;
}

/** Null when the login of a socket is ours; its time is in epoch seconds. */
export function refuseLogin(
  args: Row,
  credentials: TestnetCredentials,
  wallMs: number,
): Failure | null {
  const timestamp = textField(args, 'timestamp') ?? '';
  if (!/^\d{9,11}(?:\.\d{1,3})?$/.test(timestamp)) return failure('60004', 'Invalid timestamp');
  if (Math.abs(wallMs - Number(timestamp) * secondMs) > timestampAgeMsMax) {
    return failure('60006', 'Timestamp request expired');
  }
  if (textField(args, 'apiKey') !== credentials.key) return failure('60005', 'Invalid apiKey');
  if (textField(args, 'passphrase') !== credentials.passphrase) {
    return failure('60024', 'Wrong passphrase');
  }
  const expected = hmacSha256Base64(credentials.secret, timestamp + loginTarget);
  return textField(args, 'sign') === expected ? null : failure('60007', 'Invalid sign');
}
