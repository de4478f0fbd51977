import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encoded,
  endings,
  messageBytesMax,
  payloadOf,
  Seen,
  type ServerFrame,
  scripts,
} from '../../test/support/server-frames.ts';
import { FrameReader } from './frame-reader.ts';

/** Everything that a reader sees of these bytes when they come in parts of these sizes in turn. */
function seenOf(bytes: Uint8Array, parts: readonly number[]): readonly string[] {
  const seen = new Seen();
  const reader = new FrameReader(seen, messageBytesMax);
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.min(parts[turn % parts.length] ?? 1, reader.area.length, bytes.length - at);
    reader.area.set(bytes.subarray(at, at + size));
    reader.take(size);
    at += size;
  }
  return seen.log;
}

const bytesOf = (frames: readonly ServerFrame[]): Buffer => Buffer.concat(frames.map(encoded));
const parts = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 41, max: 65_536 })),
  { minLength: 1, maxLength: 6 },
);

describe('a frame reader', () => {
  it('hands over every message and ping, however they are cut into frames and reads', () => {
    fc.assert(
      fc.property(scripts, parts, ({ frames, expected }, sizes) => {
        expect(seenOf(bytesOf(frames), sizes)).toEqual(expected);
      }),
      { numRuns: 120 },
    );
  });

  it('takes frames byte by byte, and lengths in more bytes than they need', () => {
    const frames: ServerFrame[] = [
      { opcode: 1, payload: payloadOf(5, 1), lengthBytes: 2 },
      { opcode: 2, payload: payloadOf(0, 1), lengthBytes: 8 },
      { opcode: 1, payload: payloadOf(300, 2) },
      { opcode: 9, payload: payloadOf(125, 3) },
    ];
    expect(seenOf(bytesOf(frames), [1])).toEqual(seenOf(bytesOf(frames), [60_000]));
    expect(seenOf(bytesOf(frames), [1])).toHaveLength(4);
  });

  it.each(endings)('%s ends it, whatever follows', (_name, frames, ending) => {
    const before = { opcode: 1, payload: payloadOf(9, 4) };
    const bytes = bytesOf([before, ...frames, before]);
    for (const sizes of [[65_536], [7], [3_000]]) {
      const seen = seenOf(bytes, sizes);
      expect(seen).toHaveLength(2);
      expect(seen[1]).toBe(ending);
    }
  });

  it('hands over nothing more after it was stopped within a message', () => {
    const frame = encoded({ opcode: 1, payload: payloadOf(4, 1) });
    let messages = 0;
    const handler = Object.assign(new Seen(), {
      message: () => {
        messages++;
        reader.stop();
      },
    });
    const reader = new FrameReader(handler, messageBytesMax);
    reader.area.set(Buffer.concat([frame, frame, frame]));
    reader.take(3 * frame.length);
    reader.take(frame.length);
    expect(messages).toBe(1);
  });

  it('hands over what came behind the handshake in the same read', () => {
    const seen = new Seen();
    const reader = new FrameReader(seen, messageBytesMax);
    const frame = encoded({ opcode: 1, payload: payloadOf(40, 1) });
    reader.area.set(Buffer.concat([Buffer.from('head'), frame]));
    reader.takeFrom(4, 4 + frame.length);
    expect(seen.log).toHaveLength(1);
  });

  it('whole messages of one read lie in its buffer and are not copied', () => {
    const buffers = new Set<unknown>();
    const handler = Object.assign(new Seen(), {
      message: (buffer: { readonly bytes: Uint8Array }) => buffers.add(buffer.bytes.buffer),
    });
    const reader = new FrameReader(handler, messageBytesMax);
    const frames = [10, 200, 16_000].map((n) => encoded({ opcode: 1, payload: payloadOf(n, 1) }));
    const bytes = Buffer.concat(frames);
    for (const size of [bytes.length, 8_000]) {
      for (let at = 0; at < bytes.length; at += size) {
        const part = bytes.subarray(at, at + size);
        reader.area.set(part);
        reader.take(part.length);
      }
    }
    expect([...buffers]).toEqual([reader.area.buffer]);
  });
});
