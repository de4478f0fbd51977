// Who signed an action: the signer is recovered from the signature over the action as the venue
// packs it (its own order of keys, numbers without trailing zeros), the nonce, the vault and the
// expiry. Whatever differs from what was signed gives another address, which does not exist.
import { formatDecimal, tryDecimal } from '../../base/decimal.ts';
import { dayMs } from '../../base/time.ts';
import type { Packable } from '../../venues/hyperliquid/msgpack.ts';
import { addressOf, type Signature, signerOf } from '../../venues/hyperliquid/signature.ts';
import type { TestnetCredentials } from '../protocol.ts';
import type { Row } from './rows.ts';

export interface Envelope {
  readonly action: Row;
  readonly nonce: number;
  readonly signature: Signature;
  readonly vaultAddress: string | null;
  readonly expiresAfter: number | null;
}

/** Null = no such request: the venue answers 422. */
export function readEnvelope(value: unknown): Envelope | null {
  const row = rowOf(value);
  const action = row === null ? null : rowOf(row['action']);
  const signature = row === null ? null : rowOf(row['signature']);
  if (row === null || action === null || signature === null) return null;
  const { r, s, v } = signature as { r?: unknown; s?: unknown; v?: unknown }; // fields of any JSON
  const nonce = row['nonce'];
  const vault = row['vaultAddress'] ?? null;
  const expires = row['expiresAfter'] ?? null;
  if (typeof action['type'] !== 'string' || !isTime(nonce)) return null;
  if (typeof r !== 'string' || typeof s !== 'string' || typeof v !== 'number') return null;
  if (vault !== null && (typeof vault !== 'string' || !/^(0x)?[0-9a-fA-F]{40}$/.test(vault))) {
    return null;
  }
  if (expires !== null && !isTime(expires)) return null;
  return { action, nonce, signature: { r, s, v }, vaultAddress: vault, expiresAfter: expires };
}

/** The venue's sentence of refusal, or null: signed by the account or its API wallet. */
export function refusalBySigner(envelope: Envelope, account: TestnetCredentials): string | null {
  let signer: string | null = null;
  try {
    signer = signerOf(
      {
        action: canonical(envelope.action),
        nonce: envelope.nonce,
        vault: envelope.vaultAddress,
        expiresAfterMs: envelope.expiresAfter,
        network: 'mainnet',
      },
      envelope.signature,
    );
  } catch {
    return 'Failed to deserialize the action'; // what cannot be packed
  }
  if (signer === null) return 'L1 error: Invalid signature';
  if (signer === account.key || signer === addressOf(account.secret)) return null;
  return `User or API Wallet ${signer} does not exist.`;
}

const noncesMax = 100;

/** The 100 highest nonces are kept; a new one is above the lowest of them and not among them. */
export class Nonces {
  private readonly used: number[] = [];

  refusal(nonce: number, clockMs: number): string | null {
    if (nonce < clockMs - 2 * dayMs || nonce > clockMs + dayMs) {
      return `Invalid nonce: ${nonce} is too far from ${Math.floor(clockMs)}`;
    }
    if (this.used.includes(nonce)) return `Invalid nonce: duplicate nonce ${nonce}`;
    const [lowest = 0] = this.used;
    if (this.used.length >= noncesMax && nonce < lowest) {
      return `Invalid nonce: ${nonce} is too low`;
    }
    this.used.push(nonce);
    this.used.sort((a, b) => a - b);
    if (this.used.length > noncesMax) this.used.shift();
    return null;
  }
}

/** The orders of keys of the venue's own structs; keys that are absent are not packed. */
const keyOrders: readonly (readonly string[])[] = [
  ['type', 'orders', 'grouping', 'builder'],
  ['a', 'b', 'p', 's', 'r', 't', 'c'],
  ['type', 'cancels'],
  ['a', 'o'],
  ['asset', 'cloid'],
  ['type', 'asset', 'isCross', 'leverage'],
  ['type', 'time'],
];
const figureKeys = ['p', 's'];

export function canonical(value: unknown): Packable {
  if (Array.isArray(value)) return value.map(canonical);
  const row = rowOf(value);
  if (row === null) return value as Packable; // a JSON leaf; `pack` refuses what it does not know
  const keys = Object.keys(row);
  const order = keyOrders.find(
    (known) => keys.every((key) => known.includes(key)) && known.includes(keys[0] ?? ''),
  );
  const sorted = order === undefined ? keys : order.filter((key) => keys.includes(key));
  return Object.fromEntries(sorted.map((key) => [key, canonicalField(key, row[key])]));
}

function canonicalField(key: string, value: unknown): Packable {
  if (!figureKeys.includes(key) || typeof value !== 'string') return canonical(value);
  const figure = tryDecimal(value);
  return figure === null ? value : formatDecimal(figure);
}

function rowOf(value: unknown): Row | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return value as Row; // a JSON object: its fields stay unknown
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
