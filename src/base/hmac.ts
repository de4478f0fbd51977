// HMAC-SHA256 and SHA-256, synchronous and pure, for request signing and state hashes. What of a
// signature depends on the secret alone is computed once for each secret.
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

const base64Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Lower-case hex of HMAC-SHA256(secret, text), both as UTF-8. */
export function hmacSha256Hex(secret: string, text: string): string {
  return bytesToHex(mac(secret, text));
}

/** Standard base64 (with padding) of HMAC-SHA256(secret, text). */
export function hmacSha256Base64(secret: string, text: string): string {
  return base64Of(mac(secret, text));
}

/** Lower-case hex of SHA-256 of the text as UTF-8. */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

type Keyed = ReturnType<typeof hmac.create>;

/** Secrets that are in use at once: accounts of a process; the oldest goes. */
const keyedMax = 32;
const keyed = new Map<string, Keyed>();

/** Both hashes begin with a block of the secret alone: a copy of that state goes on from there. */
function mac(secret: string, text: string): Uint8Array {
  let state = keyed.get(secret);
  if (state === undefined) {
    state = hmac.create(sha256, utf8ToBytes(secret));
    if (keyed.size >= keyedMax) keyed.delete(keyed.keys().next().value as string); // it is full
    keyed.set(secret, state);
  }
  return state.clone().update(utf8ToBytes(text)).digest();
}

function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const a = bytes[i] as number;
    const b = bytes[i + 1];
    const c = bytes[i + 2];
    const word = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    text += base64Alphabet[(word >> 18) & 63];
    text += base64Alphabet[(word >> 12) & 63];
    text += b === undefined ? '=' : base64Alphabet[(word >> 6) & 63];
    text += c === undefined ? '=' : base64Alphabet[word & 63];
  }
  return text;
}
