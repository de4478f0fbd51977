// The reading side of the binary codec. It trusts its bytes: whoever calls it has verified their
// checksum. The dictionary grows with every piece; values may be read now, later or not at all.
import { AssertionFailed, assert } from '../base/assert.ts';
import {
  columnOfDoubles,
  decimalGrid,
  definition,
  powersOfTen,
  shapesMax,
  tag,
} from './codec-tags.ts';

/** Reads the values of an object whose keys are known: one literal, so one layout in memory. */
type ObjectReader = (decoder: BinaryDecoder) => Record<string, unknown>;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Up to here a loop over characters is faster than the decoder of the platform. */
const shortTextMax = 48;

/** The strings and shapes that the pieces so far have defined. */
export class BinaryDictionary {
  readonly strings: string[] = [];
  readonly shapes: ObjectReader[] = [];
  /** The keys of each shape. */
  readonly shapeKeys: (readonly string[])[] = [];
  private viewed: Uint8Array | null = null;
  private view: DataView = new DataView(new ArrayBuffer(0));
  private decoder: BinaryDecoder | null = null;
  private isClosed = false;

  /** Of the same bytes as the last one, as a rule: they hold all pieces of a segment. */
  viewOf(bytes: Uint8Array): DataView {
    if (bytes !== this.viewed) {
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.viewed = bytes;
    }
    return this.view;
  }

  /** Its bytes will be overwritten: what was not read yet must not be read any more. */
  close(): void {
    this.isClosed = true;
  }

  get closed(): boolean {
    return this.isClosed;
  }

  /** One for all pieces of these bytes, one after the other; what reads later takes another. */
  decoderOf(bytes: Uint8Array): BinaryDecoder {
    if (this.decoder?.bytes !== bytes) this.decoder = new BinaryDecoder(bytes, this);
    return this.decoder;
  }
}

export class BinaryDecoder {
  at: number;
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly dictionary: BinaryDictionary;

  constructor(bytes: Uint8Array, dictionary: BinaryDictionary, at = 0) {
    this.bytes = bytes;
    this.view = dictionary.viewOf(bytes);
    this.dictionary = dictionary;
    this.at = at;
  }

  /** Another one, at a place where a value begins. */
  forkAt(at: number): BinaryDecoder {
    assert(!this.dictionary.closed, 'a record is read whose bytes are gone');
    return new BinaryDecoder(this.bytes, this.dictionary, at);
  }

  /** Takes up the definitions of the piece in [from, to); the next value read is its first. */
  openPiece(from: number, to: number): void {
    this.at = from + this.view.getUint32(from, true);
    assert(this.at >= from + 4 && this.at <= to, 'a piece ends before its values');
    while (this.at < to) this.define();
    assert(this.at === to, 'a definition passes the end of its piece');
    this.at = from + 4;
  }

  byte(): number {
    return this.bytes[this.at++] as number;
  }

  double(): number {
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  varint(): number {
    let byte = this.bytes[this.at++] as number;
    if (byte < 128) return byte;
    let value = byte & 127;
    let scale = 128;
    do {
      byte = this.bytes[this.at++] as number;
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte > 127);
    return value;
  }

  /** The keys of the object that comes next; null = it is no object of a known shape. */
  keysAhead(): readonly string[] | null {
    if (this.bytes[this.at] !== tag.object) return null;
    return this.dictionary.shapeKeys[this.view.getUint16(this.at + 1, true)] ?? null;
  }

  /** Whether an empty array comes next. */
  isEmptyAhead(): boolean {
    return this.bytes[this.at] === tag.array && this.bytes[this.at + 1] === 0;
  }

  /** Enters that object: its values come next, in the order of its keys. */
  enterObject(): void {
    this.at += 3;
  }

  value(): unknown {
    const kind = this.bytes[this.at++];
    switch (kind) {
      case tag.null:
        return null;
      case tag.undefined:
        return undefined;
      case tag.false:
        return false;
      case tag.true:
        return true;
      case tag.integer:
        return this.zigzag();
      case tag.double:
        return this.double();
      case tag.knownString:
        return this.name(this.varint());
      case tag.string:
        return this.text(this.varint());
      case tag.decimal:
        return BigInt(this.zigzag()) * decimalGrid;
      case tag.wideDecimal:
        return BigInt(this.text(this.varint()));
      case tag.array:
        return this.array();
      case tag.object:
        return this.object();
      case tag.map:
        return this.map();
      case tag.set:
        return this.set();
      case tag.levels:
        return this.levels();
      case tag.dictionary:
        return this.keyed();
      default:
        throw new AssertionFailed(`no value starts with the byte ${kind}`);
    }
  }

  private zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  private name(id: number): string {
    const name = this.dictionary.strings[id];
    assert(name !== undefined, `string ${id} is not defined`);
    return name;
  }

  private text(length: number): string {
    const from = this.at;
    this.at += length;
    if (length <= shortTextMax) {
      let text = '';
      let i = from;
      for (; i < this.at; i++) {
        const byte = this.bytes[i] as number;
        if (byte > 127) break;
        text += String.fromCharCode(byte);
      }
      if (i === this.at) return text;
    }
    return utf8.decode(this.bytes.subarray(from, this.at));
  }

  private array(): unknown[] {
    const count = this.varint();
    const items: unknown[] = [];
    for (let i = 0; i < count; i++) items.push(this.value());
    return items;
  }

  private object(): Record<string, unknown> {
    const id = this.view.getUint16(this.at, true);
    this.at += 2;
    const read = this.dictionary.shapes[id];
    assert(read !== undefined, `shape ${id} is not defined`);
    return read(this);
  }

  private keyed(): Record<string, unknown> {
    const count = this.varint();
    const item: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) item[this.value() as string] = this.value(); // keys are strings
    return item;
  }

  private map(): Map<unknown, unknown> {
    const count = this.varint();
    const item = new Map<unknown, unknown>();
    for (let i = 0; i < count; i++) {
      const key = this.value();
      item.set(key, this.value());
    }
    return item;
  }

  private set(): Set<unknown> {
    const count = this.varint();
    const item = new Set<unknown>();
    for (let i = 0; i < count; i++) item.add(this.value());
    return item;
  }

  private levels(): [number, number][] {
    const count = this.varint();
    const items: [number, number][] = [];
    this.column(count, (value) => items.push([value, 0]));
    let i = 0;
    this.column(count, (value) => {
      (items[i++] as [number, number])[1] = value;
    });
    return items;
  }

  private column(count: number, take: (value: number) => void): void {
    const decimals = this.byte();
    if (decimals === columnOfDoubles) {
      for (let i = 0; i < count; i++) take(this.double());
      return;
    }
    const scale = powersOfTen[decimals] as number;
    let whole = 0;
    for (let i = 0; i < count; i++) {
      whole += this.zigzag();
      take(whole / scale);
    }
  }

  private define(): void {
    const { strings, shapes } = this.dictionary;
    const kind = this.byte();
    if (kind === definition.string) {
      strings.push(this.text(this.varint()));
      return;
    }
    assert(kind === definition.shape, `no definition starts with the byte ${kind}`);
    const count = this.varint();
    const keys: string[] = [];
    for (let i = 0; i < count; i++) keys.push(this.name(this.varint()));
    shapes.push(readerOf(keys));
    this.dictionary.shapeKeys.push(keys);
  }
}

/** Readers by their keys: every segment defines the same shapes again. */
const readers = new Map<string, ObjectReader>();

function readerOf(keys: readonly string[]): ObjectReader {
  const name = JSON.stringify(keys);
  let reader = readers.get(name);
  if (reader === undefined) {
    if (readers.size >= shapesMax) readers.clear();
    reader = makeReader(keys);
    readers.set(name, reader);
  }
  return reader;
}

/**
 * The object literal itself, as code: an object that is built up by computed keys costs four times
 * as much. Keys come in as JSON strings, so nothing in a file can be anything but a key.
 */
function makeReader(keys: readonly string[]): ObjectReader {
  assert(!keys.includes('__proto__'), 'a record has no key __proto__');
  const fields = keys.map((key) => `${JSON.stringify(key)}: decoder.value()`).join(', ');
  return new Function('decoder', `return { ${fields} };`) as ObjectReader; // the literal above
}
