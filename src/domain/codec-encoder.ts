// The writing side of the binary codec: plain data (null, booleans, numbers, strings, decimals,
// arrays, objects, maps, sets) appended to one growing buffer, without a JSON text in between. The
// definitions that a value needs stand behind it in the same piece, so a reader may skip values but
// never misses a definition.
import { AssertionFailed } from '../base/assert.ts';
import { Definitions } from './codec-definitions.ts';
import {
  columnDecimalsMax,
  columnOfDoubles,
  decimalGrid,
  definition,
  nameLengthMax,
  powersOfTen,
  shapeKeysMax,
  shapesMax,
  stringsMax,
  tag,
  varintMax,
} from './codec-tags.ts';

/** One key of the way to a shape; a whole way is a key list. */
interface ShapeNode {
  /** Number of the shape that ends here; -1 = none yet. */
  id: number;
  readonly keys: readonly string[];
  /** The child that was asked for last: records repeat. */
  lastKey: string;
  lastChild: ShapeNode | null;
  readonly children: Map<string, ShapeNode>;
}

const utf8 = new TextEncoder();
/** Differences of two of these are still exact, and fit a zigzag varint. */
const wholeMax = varintMax / 4;

export class BinaryEncoder {
  bytes: Uint8Array;
  /** Where the next byte goes; a caller may set it back to 0, or leave room for a frame. */
  at = 0;
  private view: DataView;
  private strings = new Map<string, number>();
  private shapes = 0;
  private root = shapeNode([]);
  private readonly definitions = new Definitions();
  private wholes = new Float64Array(64);

  constructor(capacity = 65_536) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Forgets the dictionary: what follows can be read without what went before. */
  reset(): void {
    this.strings = new Map();
    this.shapes = 0;
    this.root = shapeNode([]);
    this.definitions.clear();
  }

  /**
   * One piece: 4 bytes that say where the values end, the values that `write` puts, the
   * definitions. When `write` throws, the buffer is as before; what was defined goes out with the
   * next piece.
   */
  piece(write: () => void): void {
    const start = this.at;
    this.skip(4);
    try {
      write();
    } catch (thrown) {
      this.at = start;
      throw thrown;
    }
    this.view.setUint32(start, this.at - start, true);
    const { length, bytes } = this.definitions;
    if (length === 0) return;
    this.reserve(length);
    for (let i = 0; i < length; i++) this.bytes[this.at++] = bytes[i] as number;
    this.definitions.clear();
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  double(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  /** Leaves room that the caller fills in. */
  skip(count: number): void {
    this.reserve(count);
    this.at += count;
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte, lowest first. */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest > 0x7fffffff) {
      this.bytes[this.at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.bytes[this.at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.bytes[this.at++] = rest;
  }

  value(item: unknown): void {
    switch (typeof item) {
      case 'string':
        return this.string(item);
      case 'number':
        return this.number(item);
      case 'object':
        if (item === null) return this.byte(tag.null);
        if (Array.isArray(item)) return this.array(item);
        if (item instanceof Map) return this.map(item);
        if (item instanceof Set) return this.set(item);
        return this.object(item as Readonly<Record<string, unknown>>); // what is left of objects
      case 'boolean':
        return this.byte(item ? tag.true : tag.false);
      case 'bigint':
        return this.decimal(item);
      case 'undefined':
        return this.byte(tag.undefined);
      default:
        throw new AssertionFailed(`a record holds no ${typeof item}`);
    }
  }

  private number(item: number): void {
    if ((item | 0) === item && (item !== 0 || 1 / item > 0)) {
      this.byte(tag.integer);
      this.zigzag(item);
    } else if (Number.isInteger(item) && Math.abs(item) < varintMax && item !== 0) {
      this.byte(tag.integer);
      this.zigzag(item);
    } else {
      this.byte(tag.double);
      this.double(item);
    }
  }

  private zigzag(item: number): void {
    this.varint(item >= 0 ? item * 2 : -item * 2 - 1);
  }

  private decimal(item: bigint): void {
    const onGrid = item / decimalGrid;
    const small = Number(onGrid);
    if (Math.abs(small) < varintMax && onGrid * decimalGrid === item) {
      this.byte(tag.decimal);
      this.zigzag(small);
      return;
    }
    this.byte(tag.wideDecimal);
    this.text(item.toString());
  }

  private string(item: string): void {
    const known = this.nameOf(item);
    if (known >= 0) {
      this.byte(tag.knownString);
      this.varint(known);
    } else {
      this.byte(tag.string);
      this.text(item);
    }
  }

  /** The string's number in the dictionary, where it gets one if there is room; else -1. */
  private nameOf(item: string): number {
    const known = this.strings.get(item);
    if (known !== undefined) return known;
    if (item.length > nameLengthMax || this.strings.size >= stringsMax) return -1;
    const id = this.strings.size;
    this.strings.set(item, id);
    this.definitions.byte(definition.string);
    this.definitions.text(item);
    return id;
  }

  private text(item: string): void {
    this.reserve(item.length * 3 + 8);
    const start = this.at;
    this.varint(item.length);
    const from = this.at;
    for (let i = 0; i < item.length; i++) {
      const char = item.charCodeAt(i);
      if (char > 127) {
        this.at = start;
        return this.wideText(item);
      }
      this.bytes[from + i] = char;
    }
    this.at = from + item.length;
  }

  private wideText(item: string): void {
    const encoded = utf8.encode(item);
    this.varint(encoded.length);
    this.reserve(encoded.length);
    this.bytes.set(encoded, this.at);
    this.at += encoded.length;
  }

  private array(items: readonly unknown[]): void {
    if (isLevels(items)) return this.levels(items);
    this.byte(tag.array);
    this.varint(items.length);
    for (let i = 0; i < items.length; i++) this.value(items[i]);
  }

  private levels(items: readonly (readonly [number, number])[]): void {
    this.byte(tag.levels);
    this.varint(items.length);
    this.column(items, 0);
    this.column(items, 1);
  }

  /** Differences of whole multiples of 10^-k, for the smallest k that loses nothing. */
  private column(items: readonly (readonly [number, number])[], side: 0 | 1): void {
    const count = items.length;
    if (this.wholes.length < count) this.wholes = new Float64Array(count * 2);
    const { wholes } = this;
    let decimals = 0;
    let scale = 1;
    for (let i = 0; i < count; ) {
      const item = (items[i] as readonly [number, number])[side];
      const whole = Math.round(item * scale);
      const fits = whole < wholeMax && whole > -wholeMax;
      if (fits && whole / scale === item && (whole !== 0 || 1 / item > 0)) {
        wholes[i++] = whole;
        continue;
      }
      decimals++;
      if (decimals > columnDecimalsMax) break;
      scale = powersOfTen[decimals] as number;
      // What was whole before is ten times as much now: m / 10^k and 10m / 10^(k+1) are one double.
      for (let before = 0; before < i; before++) {
        const scaled = (wholes[before] as number) * 10;
        wholes[before] = scaled;
        if (scaled >= wholeMax || scaled <= -wholeMax) decimals = columnDecimalsMax + 1;
      }
      if (decimals > columnDecimalsMax) break;
    }
    if (decimals > columnDecimalsMax) {
      this.byte(columnOfDoubles);
      for (let i = 0; i < count; i++) this.double((items[i] as readonly [number, number])[side]);
      return;
    }
    this.byte(decimals);
    this.differences(count);
  }

  /** Zigzag varints of the differences in `wholes`: the innermost loop, so everything is local. */
  private differences(count: number): void {
    this.reserve(count * 8);
    const { wholes, bytes } = this;
    let { at } = this;
    let before = 0;
    for (let i = 0; i < count; i++) {
      const whole = wholes[i] as number;
      const change = whole - before;
      before = whole;
      let rest = change >= 0 ? change * 2 : -change * 2 - 1;
      while (rest > 0x7fffffff) {
        bytes[at++] = (rest % 128) | 128;
        rest = Math.floor(rest / 128);
      }
      while (rest > 127) {
        bytes[at++] = (rest & 127) | 128;
        rest >>>= 7;
      }
      bytes[at++] = rest;
    }
    this.at = at;
  }

  private map(item: ReadonlyMap<unknown, unknown>): void {
    this.byte(tag.map);
    this.varint(item.size);
    for (const [key, held] of item) {
      this.value(key);
      this.value(held);
    }
  }

  private set(item: ReadonlySet<unknown>): void {
    this.byte(tag.set);
    this.varint(item.size);
    for (const held of item) this.value(held);
  }

  private object(item: Readonly<Record<string, unknown>>): void {
    const start = this.at;
    this.byte(tag.object);
    this.skip(2);
    let node = this.root;
    for (const key in item) {
      if (node.lastKey === key && node.lastChild !== null) node = node.lastChild;
      else if (node.keys.length >= shapeKeysMax) return this.dictionary(item, start);
      else node = childOf(node, key);
      this.value(item[key]);
    }
    if (node.id < 0 && !this.define(node)) return this.dictionary(item, start);
    this.view.setUint16(start + 1, node.id, true);
  }

  private dictionary(item: Readonly<Record<string, unknown>>, start: number): void {
    this.at = start;
    const entries = Object.entries(item);
    this.byte(tag.dictionary);
    this.varint(entries.length);
    for (const [key, held] of entries) {
      refuseKey(key);
      this.string(key);
      this.value(held);
    }
  }

  private define(node: ShapeNode): boolean {
    if (this.shapes >= shapesMax) return false;
    const names = node.keys.map((key) => this.nameOf(key));
    if (names.includes(-1)) return false;
    node.keys.forEach(refuseKey);
    node.id = this.shapes++;
    this.definitions.byte(definition.shape);
    this.definitions.varint(names.length);
    for (const name of names) this.definitions.varint(name);
    return true;
  }

  private reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    let capacity = this.bytes.length * 2;
    while (capacity < this.at + count) capacity *= 2;
    const grown = new Uint8Array(capacity);
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

function shapeNode(keys: readonly string[]): ShapeNode {
  return { id: -1, keys, lastKey: '', lastChild: null, children: new Map() };
}

function childOf(node: ShapeNode, key: string): ShapeNode {
  let child = node.children.get(key);
  if (child === undefined) {
    child = shapeNode([...node.keys, key]);
    node.children.set(key, child);
  }
  node.lastKey = key;
  node.lastChild = child;
  return child;
}

/** A key that an assignment would not make a property of. */
function refuseKey(key: string): void {
  if (key === '__proto__') throw new AssertionFailed('a record has no key __proto__');
}

function isLevels(items: readonly unknown[]): items is readonly (readonly [number, number])[] {
  if (items.length === 0) return false;
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (!Array.isArray(item) || item.length !== 2) return false;
    if (typeof item[0] !== 'number' || typeof item[1] !== 'number') return false;
  }
  return true;
}
