// The frames of a WebSocket server (RFC 6455) out of one reused buffer. The kernel writes into
// `area`; whole messages are handed over where they lie; the part of a frame at the end of a read
// is moved in front of the area, so that the next read completes it. Only fragments, and frames
// that are longer than that room, are copied together. It keeps nothing of a message and does no
// I/O.
import { FrameBuffer } from '../base/frame.ts';

export interface FrameHandler {
  /** A whole text or binary message, valid during the call only. */
  message(buffer: FrameBuffer, from: number, to: number): void;
  /** Its payload, at most 125 bytes, valid during the call only. */
  pinged(payload: Uint8Array): void;
  /** The server closes; nothing comes after it. 1005 = it gave no code. */
  closed(code: number, reason: string): void;
  /** What the server must not send; nothing comes after it. `code` is what to close with. */
  broken(code: number, reason: string): void;
}

/** Room of one read. */
const readBytes = 64 * 1024;
/** Room in front of it: frames up to this size, header included, are handed over where they lie. */
const keptBytesMax = 16 * 1024;

const finalBit = 0x80;
const reservedBits = 0x70;
const maskBit = 0x80;
const controlBit = 0x08;
const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const finalText = finalBit | opcode.text;
const finalBinary = finalBit | opcode.binary;
/** Lengths up to here stand in the second byte; 126 there says that 2 bytes follow, 127 that 8. */
const shortBytesMax = 125;
const length16 = 126;
const closeCode = { protocolError: 1002, noCode: 1005, tooBig: 1009 } as const;

/** A message that is copied together. */
interface Assembly {
  buffer: FrameBuffer;
  length: number;
  /** Of the frame that is being read: bytes still to come, and whether it is the last one. */
  left: number;
  isFinal: boolean;
}

export class FrameReader {
  /** Where the next read goes. */
  readonly area: Uint8Array;
  private readonly buffer = new FrameBuffer(keptBytesMax + readBytes);
  private readonly handler: FrameHandler;
  private readonly bytesMax: number;
  /** Bytes of an incomplete frame, right in front of the area. */
  private kept = 0;
  private assembly: Assembly | null = null;
  private stopped = false;

  /** Longer messages than `bytesMax` are not taken. */
  constructor(handler: FrameHandler, bytesMax: number) {
    this.handler = handler;
    this.bytesMax = bytesMax;
    this.area = this.buffer.bytes.subarray(keptBytesMax, keptBytesMax + readBytes);
  }

  /** Nothing more is handed over; may be called from within a handler. */
  stop(): void {
    this.stopped = true;
  }

  /** Bytes that came before the first frame did: [from, count) of the area are frames. */
  takeFrom(from: number, count: number): void {
    this.area.copyWithin(0, from, count);
    this.take(count - from);
  }

  /** `count` bytes were read into the area. */
  take(count: number): void {
    const { buffer, handler } = this;
    const { bytes } = buffer;
    const end = keptBytesMax + count;
    let at = keptBytesMax - this.kept;
    this.kept = 0;
    if (this.assembly !== null) at = this.collect(this.assembly, at, end);
    while (!this.stopped && end - at >= 2) {
      const first = bytes[at] as number;
      let length = bytes[at + 1] as number;
      let from = at + 2;
      if (length > shortBytesMax) {
        const header = this.longHeader(at, end);
        if (header === 0) break;
        if (header < 0) return;
        from = at + header;
        length = header === 4 ? this.uint16(at + 2) : this.uint64(at + 2);
      }
      const isWhole = (first === finalText || first === finalBinary) && this.assembly === null;
      if (isWhole && length <= end - from && length <= this.bytesMax) {
        at = from + length;
        handler.message(buffer, from, at);
        continue;
      }
      const next = this.uncommon(first, from, length, end);
      if (next < 0) break;
      at = next;
    }
    if (this.stopped) return;
    this.kept = end - at;
    bytes.copyWithin(keptBytesMax - this.kept, at, end);
  }

  /** Bytes of a header with a long length; 0 = it is not all there, -1 = there is none such. */
  private longHeader(at: number, end: number): number {
    const second = this.buffer.bytes[at + 1] as number;
    if (second >= maskBit) return this.breaks('a server must not mask its frames');
    const header = second === length16 ? 4 : 10;
    if (end - at < header) return 0;
    return header;
  }

  private uint16(at: number): number {
    return this.buffer.words.getUint16(at, false);
  }

  /** Beyond 2^53 it is not exact, and too big all the same. */
  private uint64(at: number): number {
    const { words } = this.buffer;
    return words.getUint32(at, false) * 2 ** 32 + words.getUint32(at + 4, false);
  }

  /**
   * Control frames, fragments, and what is incomplete or too long. The place behind it; -1 = wait
   * for more, or it is over.
   */
  private uncommon(first: number, from: number, length: number, end: number): number {
    if ((first & reservedBits) !== 0) return this.breaks('a reserved bit is set');
    const code = first & 0x0f;
    if ((code & controlBit) !== 0) return this.control(first, from, length, end);
    if (code > opcode.binary) return this.breaks(`opcode ${code} is none`);
    if (code === opcode.continuation && this.assembly === null) {
      return this.breaks('a continuation continues nothing');
    }
    if (code !== opcode.continuation && this.assembly !== null) {
      return this.breaks('a message begins within another');
    }
    if (length + (this.assembly?.length ?? 0) > this.bytesMax) {
      return this.breaks(`a message is longer than ${this.bytesMax} bytes`, closeCode.tooBig);
    }
    const isFinal = (first & finalBit) !== 0;
    const isKept = this.assembly === null && isFinal && length + 10 <= keptBytesMax;
    if (isKept) return -1;
    const assembly = this.assembly ?? {
      buffer: new FrameBuffer(length),
      length: 0,
      left: 0,
      isFinal,
    };
    assembly.left = length;
    assembly.isFinal = isFinal;
    this.assembly = assembly;
    return this.collect(assembly, from, end);
  }

  /** Takes what is there of the frame that is being read; the place behind it. */
  private collect(assembly: Assembly, at: number, end: number): number {
    const taken = Math.min(assembly.left, end - at);
    const length = assembly.length + taken;
    if (length > assembly.buffer.capacity) {
      const grown = new FrameBuffer(Math.min(this.bytesMax, Math.max(length, 2 * length)));
      grown.bytes.set(assembly.buffer.bytes.subarray(0, assembly.length));
      assembly.buffer = grown;
    }
    assembly.buffer.bytes.set(this.buffer.bytes.subarray(at, at + taken), assembly.length);
    assembly.length = length;
    assembly.left -= taken;
    if (assembly.left === 0 && assembly.isFinal) {
      this.assembly = null;
      this.handler.message(assembly.buffer, 0, length);
    }
    return at + taken;
  }

  private control(first: number, from: number, length: number, end: number): number {
    if ((first & finalBit) === 0) return this.breaks('a control frame is in fragments');
    if (length > shortBytesMax) return this.breaks(`a control frame of ${length} bytes`);
    if (length > end - from) return -1;
    const { bytes } = this.buffer;
    const payload = bytes.subarray(from, from + length);
    switch (first & 0x0f) {
      case opcode.ping:
        this.handler.pinged(payload);
        break;
      case opcode.pong:
        break;
      case opcode.close:
        return this.closing(payload, from);
      default:
        return this.breaks(`opcode ${first & 0x0f} is none`);
    }
    return from + length;
  }

  private closing(payload: Uint8Array, from: number): number {
    if (payload.length === 1) return this.breaks('a close with half a code');
    const code = payload.length === 0 ? closeCode.noCode : this.uint16(from);
    if (payload.length > 0 && !isCloseCode(code)) return this.breaks(`close code ${code} is none`);
    this.stopped = true;
    this.handler.closed(code, new TextDecoder().decode(payload.subarray(2)));
    return -1;
  }

  private breaks(reason: string, code: number = closeCode.protocolError): -1 {
    this.stopped = true;
    this.handler.broken(code, reason);
    return -1;
  }
}

/** Codes that may be sent: RFC 6455, 7.4, and IANA's registry. */
function isCloseCode(code: number): boolean {
  if (code >= 3_000 && code <= 4_999) return true;
  return code >= 1_000 && code <= 1_014 && code !== 1_004 && code !== 1_005 && code !== 1_006;
}
