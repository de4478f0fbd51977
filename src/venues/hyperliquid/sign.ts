// Puts the account into reads and the signature onto actions. The key of the credentials is the
// account's address, the secret the private key of an API wallet (agent) that the account approved,
// or of the account itself. The passphrase "testnet" signs for the venue's testnet, whose
// signatures differ. Pure: the same request at the same time has the same signature.
import type { Credentials, HttpRequest } from '../../domain/venue-spec.ts';
import type { Packable } from './msgpack.ts';
import { parseJson, rowOf } from './read.ts';
import { accountMark } from './requests.ts';
import { isPrivateKey, type Signature, signL1Action } from './signature.ts';

/**
 * How long after its signature an action is still accepted: the venue itself would take it for
 * days.
 */
export const actionValidityMs = 5_000;
/** Passphrase that chooses the venue's testnet. */
export const testnetPassphrase = 'testnet';
/** Nonces of one millisecond are spread over this much. */
const nonceSpreadMs = 4_096;

export function sign(request: HttpRequest, credentials: Credentials, wallMs: number): HttpRequest {
  const { body } = request;
  if (body === null) return request;
  if (request.auth !== 'signed') {
    const account = JSON.stringify(credentials.key.toLowerCase());
    return { ...request, body: body.replace(JSON.stringify(accountMark), () => account) };
  }
  const action = rowOf(parseJson(body))?.['action'] as Packable; // written by `requests`
  const nonce = nonceOf(body, wallMs);
  const expiresAfter = Math.floor(wallMs) + actionValidityMs;
  const signature = signatureOf({ action, nonce, expiresAfter }, credentials);
  return { ...request, body: JSON.stringify({ action, nonce, signature, expiresAfter }) };
}

/**
 * The venue takes each nonce once per signer, and any within a day of its clock. Two orders of the
 * same millisecond must differ, and nothing is remembered here: so the action's own text moves the
 * nonce by up to four seconds. Two that meet all the same (1 in 4,096) are refused, and signed
 * again at another time.
 */
export function nonceOf(text: string, wallMs: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return Math.floor(wallMs) + ((hash >>> 8) % nonceSpreadMs);
}

/** A secret that is no private key signs nothing: the venue refuses it, and says so. */
function signatureOf(
  signed: { readonly action: Packable; readonly nonce: number; readonly expiresAfter: number },
  { secret, passphrase }: Credentials,
): Signature {
  if (!isPrivateKey(secret)) return { r: '0x0', s: '0x0', v: 27 };
  return signL1Action(
    {
      action: signed.action,
      nonce: signed.nonce,
      vault: null,
      expiresAfterMs: signed.expiresAfter,
      network: passphrase === testnetPassphrase ? 'testnet' : 'mainnet',
    },
    secret,
  );
}
