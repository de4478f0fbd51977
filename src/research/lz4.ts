// Unpacks LZ4 frames (lz4_Frame_format.md 1.6, lz4_Block_format.md), which Arrow and feather
// files use inside. Only what they write: no dictionaries; checksums are passed over, since the
// file's own shape is checked by its reader. Node has no LZ4 of its own.
const magic = 0x184d2204;
const minMatch = 4;

/** The bytes inside; throws a plain Error on a damaged frame. */
export function unpackLz4(packed: Uint8Array): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  if (packed.length < 7 || view.getUint32(0, true) !== magic) throw new Error('not an LZ4 frame');
  const flags = packed[4] as number;
  if ((flags & 0x01) !== 0) throw new Error('LZ4 dictionaries are not supported');
  const blocks = blocksOf(view, {
    from: 7 + ((flags & 0x08) !== 0 ? 8 : 0), // behind the size, where it is stated
    checksumBytes: (flags & 0x10) !== 0 ? 4 : 0,
  });
  const out = new Uint8Array(blocks.length * blockBytesMax(packed[5] as number));
  let to = 0;
  for (const { from, until, isPlain } of blocks) {
    const block = packed.subarray(from, until);
    if (!isPlain) {
      to = unpackBlock(block, out, to);
    } else {
      if (to + block.length > out.length) throw overrun();
      out.set(block, to);
      to += block.length;
    }
  }
  return out.subarray(0, to);
}

function blocksOf(
  view: DataView,
  frame: { readonly from: number; readonly checksumBytes: number },
): readonly { readonly from: number; readonly until: number; readonly isPlain: boolean }[] {
  const blocks: { from: number; until: number; isPlain: boolean }[] = [];
  for (let at = frame.from; ; ) {
    if (at + 4 > view.byteLength) throw new Error('the LZ4 frame ends too early');
    const word = view.getUint32(at, true);
    if (word === 0) return blocks;
    const from = at + 4;
    const until = from + (word & 0x7fffffff);
    if (until > view.byteLength) throw new Error('the LZ4 frame ends too early');
    blocks.push({ from, until, isPlain: word >>> 31 === 1 });
    at = until + frame.checksumBytes;
  }
}

/** 64 KB, 256 KB, 1 MB or 4 MB. */
function blockBytesMax(descriptor: number): number {
  const code = (descriptor >>> 4) & 7;
  if (code < 4) throw new Error('the LZ4 frame states no block size');
  return 2 ** (8 + 2 * code);
}

/** Sequences of literals and matches; returns how far `out` is filled. */
function unpackBlock(block: Uint8Array, out: Uint8Array, start: number): number {
  let from = 0;
  let to = start;
  /** A length that goes on in further bytes while they are 255. */
  const more = (length: number): number => {
    let total = length;
    let byte = 255;
    while (byte === 255) {
      byte = byteAt(block, from++);
      total += byte;
    }
    return total;
  };
  while (from < block.length) {
    const token = byteAt(block, from++);
    const nibble = token >>> 4;
    const literals = nibble === 15 ? more(15) : nibble;
    if (from + literals > block.length || to + literals > out.length) throw overrun();
    out.set(block.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    if (from === block.length) break; // the last sequence has no match
    const offset = byteAt(block, from) | (byteAt(block, from + 1) << 8);
    from += 2;
    const low = token & 15;
    const length = (low === 15 ? more(15) : low) + minMatch;
    if (offset === 0 || offset > to || to + length > out.length) throw overrun();
    // A match may overlap what it writes: byte by byte.
    for (const end = to + length; to < end; to++) out[to] = out[to - offset] as number;
  }
  return to;
}

function byteAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index];
  if (byte === undefined) throw overrun();
  return byte;
}

function overrun(): Error {
  return new Error('the LZ4 block is damaged');
}
