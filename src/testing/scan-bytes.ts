// One frame through a byte scanner, with digits left behind it by an earlier and longer frame: what
// lies behind the end must never count.
import { FrameBuffer } from '../base/frame.ts';
import type { QuoteScanner } from '../domain/venue-spec.ts';

const behindBytes = 100;
const nine = 57;

export function scanBytes(scanner: QuoteScanner, bytes: Uint8Array, out: Float64Array): number {
  const frame = new FrameBuffer(bytes.length + behindBytes);
  frame.bytes.fill(nine, 0, frame.capacity);
  frame.load(bytes);
  return scanner(frame, 0, bytes.length, out);
}
