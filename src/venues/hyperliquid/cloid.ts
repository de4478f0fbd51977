// Our client ids and the venue's: a `cloid` is 128 bits as 0x and 32 hex digits. An alphanumeric
// id of up to 20 characters is a number in bijective base 62 below 2^120; a tag byte in front says
// that it is one. Both ways are exact, so an id that comes back is the id that was sent; a cloid
// that is not of this form (somebody else's) stays as it is, in both directions.
import { assert } from '../../base/assert.ts';

export const clientIdCharsMax = 20;

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const radix = 62n;
const tag = 'fa';
const packedText = /^0xfa[0-9a-f]{30}$/;
const cloidText = /^0x[0-9a-f]{32}$/;
const clientIdText = /^[0-9A-Za-z]{1,20}$/;

/** Asserts what `isClientId` tells. */
export function cloidOf(clientOrderId: string): string {
  if (cloidText.test(clientOrderId)) return clientOrderId;
  assert(clientIdText.test(clientOrderId), 'a client id that fits no cloid');
  let number = 0n;
  for (const char of clientOrderId) number = number * radix + BigInt(digits.indexOf(char) + 1);
  return `0x${tag}${number.toString(16).padStart(30, '0')}`;
}

/** An id of ours where it is one, else the cloid itself in lower case. */
export function clientIdOf(cloid: string): string {
  const lower = cloid.toLowerCase();
  if (!packedText.test(lower)) return lower;
  let number = BigInt(`0x${lower.slice(4)}`);
  let text = '';
  while (number > 0n && text.length <= clientIdCharsMax) {
    const digit = (number - 1n) % radix;
    text = (digits[Number(digit)] as string) + text; // below 62
    number = (number - 1n) / radix;
  }
  return text !== '' && text.length <= clientIdCharsMax ? text : lower;
}
