// The signature of an L1 action: the action's MessagePack, the nonce, the vault and the expiry are
// hashed; the hash is the `connectionId` of a "phantom agent" that is signed as EIP-712 typed data
// on chain 1337. Source: the venue's documentation, "Signing", and its Python SDK. Never logs or
// returns the key.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { assert } from '../../base/assert.ts';
import { type Packable, pack } from './msgpack.ts';

/** Which chain an action is for: it is part of what is signed. */
export type Network = 'mainnet' | 'testnet';

export interface L1Action {
  readonly action: Packable;
  /** Epoch ms; see nonce.ts. */
  readonly nonce: number;
  /** Address of a vault or sub-account that is traded for; null = the account itself. */
  readonly vault: string | null;
  /** Epoch ms after which the venue refuses the action; null = none. */
  readonly expiresAfterMs: number | null;
  readonly network: Network;
}

/** As it stands in the request: r and s as 0x and 64 hex digits, v 27 or 28. */
export interface Signature {
  readonly r: string;
  readonly s: string;
  readonly v: number;
}

const addressText = /^0x[0-9a-fA-F]{40}$/;
const privateKeyText = /^(?:0x)?[0-9a-fA-F]{64}$/;
const wordText = /^0x[0-9a-fA-F]{1,64}$/;

export function isAddress(text: string): boolean {
  return addressText.test(text);
}

export function isPrivateKey(text: string): boolean {
  return privateKeyText.test(text) && secp256k1.utils.isValidSecretKey(keyBytes(text));
}

/** Asserts a private key: `isPrivateKey` tells beforehand. */
export function signL1Action(l1: L1Action, privateKey: string): Signature {
  assert(isPrivateKey(privateKey), 'the secret is no private key of 64 hex digits');
  const signed = secp256k1.sign(digestOf(l1), keyBytes(privateKey), {
    prehash: false,
    format: 'recovered',
  });
  return {
    r: `0x${bytesToHex(signed.subarray(1, 33))}`,
    s: `0x${bytesToHex(signed.subarray(33, 65))}`,
    v: 27 + (signed[0] as number), // 65 bytes: recovery bit, r, s
  };
}

/** Lower-case address of who signed; null for what is no signature. */
export function signerOf(l1: L1Action, signature: Signature): string | null {
  const { r, s, v } = signature;
  if (!wordText.test(r) || !wordText.test(s) || (v !== 27 && v !== 28)) return null;
  try {
    const bytes = concatBytes(Uint8Array.of(v - 27), wordBytes(r), wordBytes(s));
    return addressOfPublicKey(secp256k1.recoverPublicKey(bytes, digestOf(l1), { prehash: false }));
  } catch {
    return null; // no point of the curve
  }
}

/** Lower-case address of a private key. */
export function addressOf(privateKey: string): string {
  assert(isPrivateKey(privateKey), 'the secret is no private key of 64 hex digits');
  return addressOfPublicKey(secp256k1.getPublicKey(keyBytes(privateKey), true));
}

function addressOfPublicKey(publicKey: Uint8Array): string {
  const point = secp256k1.Point.fromBytes(publicKey).toBytes(false);
  return `0x${bytesToHex(keccak_256(point.subarray(1)).subarray(12))}`;
}

/** Keccak of everything that the venue executes: the `connectionId`. */
export function actionHash(l1: Omit<L1Action, 'network'>): Uint8Array {
  const parts = [pack(l1.action), uint64(l1.nonce)];
  if (l1.vault === null) parts.push(Uint8Array.of(0));
  else parts.push(Uint8Array.of(1), hexToBytes(l1.vault.replace(/^0x/, '')));
  if (l1.expiresAfterMs !== null) parts.push(Uint8Array.of(0), uint64(l1.expiresAfterMs));
  return keccak_256(concatBytes(...parts));
}

function digestOf(l1: L1Action): Uint8Array {
  const agent = keccak_256(
    concatBytes(agentType, hashOf(l1.network === 'mainnet' ? 'a' : 'b'), actionHash(l1)),
  );
  return keccak_256(concatBytes(Uint8Array.of(0x19, 0x01), domain, agent));
}

function hashOf(text: string): Uint8Array {
  return keccak_256(utf8ToBytes(text));
}

const agentType = hashOf('Agent(string source,bytes32 connectionId)');
const chainId = 1_337;
const domain = keccak_256(
  concatBytes(
    hashOf('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'),
    hashOf('Exchange'),
    hashOf('1'),
    concatBytes(new Uint8Array(24), uint64(chainId)),
    new Uint8Array(32), // the zero address
  ),
);

function uint64(value: number): Uint8Array {
  assert(Number.isSafeInteger(value) && value >= 0, `no time: ${value}`);
  return hexToBytes(value.toString(16).padStart(16, '0'));
}

function keyBytes(privateKey: string): Uint8Array {
  return hexToBytes(privateKey.replace(/^0x/, ''));
}

/** Clients write words without their leading zeros. */
function wordBytes(word: string): Uint8Array {
  return hexToBytes(word.slice(2).padStart(64, '0'));
}
