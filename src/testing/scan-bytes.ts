// One frame through a byte scanner, with digits left behind it by an earlier and longer frame: what
// lies behind the end must never count. And what a depth scanner read, beside what `decode` says.
import { FrameBuffer } from '../base/frame.ts';
import {
  type DepthFrame,
  depthSlots,
  type LevelList,
  sequenceNumber,
} from '../domain/depth-frame.ts';
import type { Level, VenueEvent } from '../domain/venue-event.ts';

const behindBytes = 100;
const nine = 57;

export function scanBytes<T>(
  scanner: (frame: FrameBuffer, from: number, to: number, out: T) => number,
  bytes: Uint8Array,
  out: T,
): number {
  const frame = new FrameBuffer(bytes.length + behindBytes);
  frame.bytes.fill(nine, 0, frame.capacity);
  frame.load(bytes);
  return scanner(frame, 0, bytes.length, out);
}

/** What a depth delta says, in a form that both ways of reading it have. */
export function levelsOf(event: VenueEvent) {
  if (event.kind !== 'depth' || event.snapshot) return event;
  return {
    instrument: event.instrument,
    venueTsMs: event.venueTsMs,
    seq: sequenceNumber(event.seq),
    prevSeq: sequenceNumber(event.prevSeq),
    firstSeq: sequenceNumber(event.firstSeq),
    bids: sorted(event.bids),
    asks: sorted(event.asks),
  };
}

export function scannedLevels({ head, bids, asks }: DepthFrame, instrument: string) {
  const at = (slot: number) => sequenceNumber(head[slot] as number);
  return {
    instrument,
    venueTsMs: at(depthSlots.venueTsMs),
    seq: at(depthSlots.seq),
    prevSeq: at(depthSlots.prevSeq),
    firstSeq: at(depthSlots.firstSeq),
    bids: sorted(levelsIn(bids)),
    asks: sorted(levelsIn(asks)),
  };
}

function levelsIn({ values, count }: LevelList): readonly Level[] {
  return Array.from(
    { length: count },
    (_, i): Level => [values[2 * i] as number, values[2 * i + 1] as number],
  );
}

/** Stable: of two levels with one price the later one counts. */
function sorted(levels: readonly Level[]): readonly Level[] {
  return [...levels].sort(([a], [b]) => a - b);
}
