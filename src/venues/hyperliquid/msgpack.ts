// MessagePack of the few things that a Hyperliquid action is made of: the bytes that the venue
// hashes and that a signature covers. Keys keep the order of the object, because the venue packs
// its own struct in a fixed order. Source: the MessagePack specification, "Formats".
import { assert } from '../../base/assert.ts';

export type Packable =
  | string
  | number
  | boolean
  | null
  | readonly Packable[]
  | { readonly [key: string]: Packable };

/** Deeper than any action; a guard against what a client may send to the testnet. */
const depthMax = 32;

/** Asserts whole numbers in the safe range: an action holds no other. */
export function pack(value: Packable): Uint8Array {
  const out: number[] = [];
  write(out, value, 0);
  return Uint8Array.from(out);
}

function write(out: number[], value: Packable, depth: number): void {
  assert(depth <= depthMax, 'an action is nested too deep');
  if (value === null) out.push(0xc0);
  else if (typeof value === 'boolean') out.push(value ? 0xc3 : 0xc2);
  else if (typeof value === 'number') writeInteger(out, value);
  else if (typeof value === 'string') writeText(out, value);
  else if (isList(value)) {
    writeLength(out, value.length, listHeads);
    for (const item of value) write(out, item, depth + 1);
  } else {
    const entries = Object.entries(value);
    writeLength(out, entries.length, mapHeads);
    for (const [key, item] of entries) {
      writeText(out, key);
      write(out, item, depth + 1);
    }
  }
}

function isList(value: Packable): value is readonly Packable[] {
  return Array.isArray(value);
}

function writeInteger(out: number[], value: number): void {
  assert(Number.isSafeInteger(value), `no whole number: ${value}`);
  if (value >= 0) {
    if (value < 0x80) out.push(value);
    else if (value <= 0xff) out.push(0xcc, value);
    else if (value <= 0xffff) writeBytes(out, 0xcd, BigInt(value), 2);
    else if (value <= 0xffff_ffff) writeBytes(out, 0xce, BigInt(value), 4);
    else writeBytes(out, 0xcf, BigInt(value), 8);
    return;
  }
  if (value >= -0x20) out.push(value & 0xff);
  else if (value >= -0x80) writeBytes(out, 0xd0, BigInt(value), 1);
  else if (value >= -0x8000) writeBytes(out, 0xd1, BigInt(value), 2);
  else if (value >= -0x8000_0000) writeBytes(out, 0xd2, BigInt(value), 4);
  else writeBytes(out, 0xd3, BigInt(value), 8);
}

/** Big-endian, two's complement. */
function writeBytes(out: number[], head: number, value: bigint, count: number): void {
  out.push(head);
  for (let k = count - 1; k >= 0; k--) out.push(Number((value >> BigInt(8 * k)) & 0xffn));
}

const utf8 = new TextEncoder();

function writeText(out: number[], text: string): void {
  const bytes = utf8.encode(text);
  if (bytes.length < 32) out.push(0xa0 | bytes.length);
  else if (bytes.length <= 0xff) out.push(0xd9, bytes.length);
  else if (bytes.length <= 0xffff) writeBytes(out, 0xda, BigInt(bytes.length), 2);
  else writeBytes(out, 0xdb, BigInt(bytes.length), 4);
  for (const byte of bytes) out.push(byte);
}

interface Heads {
  readonly fix: number;
  readonly of16: number;
  readonly of32: number;
}

const listHeads: Heads = { fix: 0x90, of16: 0xdc, of32: 0xdd };
const mapHeads: Heads = { fix: 0x80, of16: 0xde, of32: 0xdf };

function writeLength(out: number[], length: number, heads: Heads): void {
  if (length < 16) out.push(heads.fix | length);
  else if (length <= 0xffff) writeBytes(out, heads.of16, BigInt(length), 2);
  else writeBytes(out, heads.of32, BigInt(length), 4);
}
