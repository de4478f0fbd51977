// The bytes of the binary codec: one tag before every value, and what belongs to no single side. A
// value is self-describing apart from its dictionary: strings and key lists (shapes) are written
// once, as definitions, and named by number from then on.

export const tag = {
  null: 0,
  undefined: 1,
  false: 2,
  true: 3,
  /** Zigzag varint. */
  integer: 4,
  /** IEEE double, little endian. */
  double: 5,
  /** Varint: number of the string in the dictionary. */
  knownString: 6,
  /** Varint byte length, UTF-8. */
  string: 7,
  /** An exact decimal as a zigzag varint of 1e-8. */
  decimal: 8,
  /** An exact decimal as varint length and the text of its units of 1e-18. */
  wideDecimal: 9,
  /** Varint count, values. */
  array: 10,
  /** Number of the shape in two bytes, one value per key. */
  object: 11,
  /** Varint count, then key and value in turn. */
  map: 12,
  /** Varint count, values. */
  set: 13,
  /** Book levels: varint count, a column of prices, a column of quantities. */
  levels: 14,
  /** An object with many or rare keys: varint count, then key and value in turn. */
  dictionary: 15,
} as const;

export const definition = { string: 1, shape: 2 } as const;

/** A column of `levels` that no power of ten makes whole: doubles follow. */
export const columnOfDoubles = 255;
/** Decimals tried before a column is written as doubles. */
export const columnDecimalsMax = 10;

/** Strings and shapes that one dictionary remembers; what comes later is written in full. */
export const stringsMax = 32_768;
export const shapesMax = 4_096;
/** Longer strings are texts, not names: they are written in full. */
export const nameLengthMax = 64;
/** An object with more keys is a dictionary: its key list will hardly come again. */
export const shapeKeysMax = 64;

/** Integers below this fit a zigzag varint without loss. */
export const varintMax = 2 ** 52;

/** Units of 1e-18 in one of 1e-8, the grid of most venue amounts. */
export const decimalGrid = 10n ** 10n;

export const powersOfTen: readonly number[] = Array.from(
  { length: columnDecimalsMax + 1 },
  (_, k) => Number(`1e${k}`),
);
