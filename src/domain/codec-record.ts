// A journal record in the binary codec. The stamp and the facts stand first, what only `decide`
// reads (the quotes) last, so that a fold need not decode it: it is read when it is asked for.
//
// Layout after the piece's head: kind byte, seq varint, tsMs double, wallMs double, then
//   event      the input, the legs
//   effect     the effect
//   pair-seen  the view (an event without legs whose input is a view, and whether it passes, which
//              the kind says)
import { AssertionFailed } from '../base/assert.ts';
import type { BinaryDecoder, BinaryDictionary } from './codec-decoder.ts';
import type { BinaryEncoder } from './codec-encoder.ts';
import type {
  Effect,
  EffectRecord,
  EngineEvent,
  EngineInput,
  JournalRecord,
  PairSeen,
  RecordStamp,
} from './event.ts';
import type { LegView, PairView } from './view.ts';

const recordKind = { event: 1, effect: 2, pairSeen: 3, pairNear: 4, pairPassing: 5 } as const;

/** What the layout holds: a field that is added to a record no longer fits, and stops compiling. */
type Held = 'seq' | 'tsMs' | 'wallMs' | 'input' | 'legs' | 'effect';
type Complete<R extends JournalRecord> = Exclude<keyof R, Held> extends never ? R : never;
type WholeRecord = Complete<EngineEvent> | Complete<EffectRecord>;

export function writeRecord(encoder: BinaryEncoder, record: WholeRecord): void {
  encoder.piece(() => {
    if ('effect' in record) {
      writeStamp(encoder, record, recordKind.effect);
      encoder.value(record.effect);
      return;
    }
    const { input, legs } = record;
    if (input.kind === 'pair-seen' && legs.length === 0) {
      writeStamp(encoder, record, kindOfSeen(input));
      encoder.value(input.view);
      return;
    }
    writeStamp(encoder, record, recordKind.event);
    encoder.value(input);
    encoder.value(legs);
  });
}

/** Likewise for what of a look at a pair is written. */
type WholeSeen =
  Exclude<keyof PairSeen, 'kind' | 'passes' | 'view'> extends never ? PairSeen : never;

function kindOfSeen({ passes }: WholeSeen): number {
  if (passes === undefined) return recordKind.pairSeen;
  return passes ? recordKind.pairPassing : recordKind.pairNear;
}

function writeStamp(encoder: BinaryEncoder, record: RecordStamp, kind: number): void {
  encoder.byte(kind);
  encoder.varint(record.seq);
  encoder.double(record.tsMs);
  encoder.double(record.wallMs);
}

/** Where a record stands: a piece of verified bytes that nobody overwrites. */
export interface RecordBytes {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** The whole record, decoded. */
export function readRecord(at: RecordBytes, dictionary: BinaryDictionary): JournalRecord {
  const record = readFacts(at, dictionary);
  if ('effect' in record) return record;
  const { seq, tsMs, wallMs, input, legs } = record;
  if (!(input instanceof LazyPairSeen)) return { seq, tsMs, wallMs, input, legs };
  return { seq, tsMs, wallMs, input: input.whole(), legs };
}

/**
 * The same record for a fold: quotes are decoded when they are read, which `evolve` does not do.
 */
export function readFacts(at: RecordBytes, dictionary: BinaryDictionary): JournalRecord {
  const decoder = dictionary.decoderOf(at.bytes);
  decoder.openPiece(at.from, at.to);
  const kind = decoder.byte();
  const seq = decoder.varint();
  const tsMs = decoder.double();
  const wallMs = decoder.double();
  switch (kind) {
    case recordKind.effect:
      return { seq, tsMs, wallMs, effect: decoder.value() as Effect }; // the codec's own output
    case recordKind.pairSeen:
    case recordKind.pairNear:
    case recordKind.pairPassing: {
      const passes = kind === recordKind.pairSeen ? undefined : kind === recordKind.pairPassing;
      return { seq, tsMs, wallMs, input: new LazyPairSeen(decoder, passes), legs: noLegs };
    }
    case recordKind.event: {
      const seen = readSeen(decoder);
      if (seen !== null) return new LazyEvent({ seq, tsMs, wallMs, input: seen }, decoder);
      const input = decoder.value() as EngineInput; // the codec's own output
      if (decoder.isEmptyAhead()) return { seq, tsMs, wallMs, input, legs: noLegs };
      return new LazyEvent({ seq, tsMs, wallMs, input }, decoder);
    }
    default:
      throw new AssertionFailed(`no record is of the kind ${kind}`);
  }
}

/** A look at a pair beside legs: most of what a journal holds, and nothing that a fold reads. */
function readSeen(decoder: BinaryDecoder): LazyPairSeen | null {
  const keys = decoder.keysAhead();
  if (keys === null || keys.length > 3 || keys.at(-1) !== 'view' || keys[0] !== 'kind') return null;
  if (keys.length === 3 && keys[1] !== 'passes') return null;
  decoder.enterObject();
  decoder.value();
  const passes = keys.length === 3 ? (decoder.value() as boolean | undefined) : undefined;
  return new LazyPairSeen(decoder, passes);
}

const noLegs: readonly LegView[] = Object.freeze([]);

class LazyPairSeen implements PairSeen {
  readonly kind = 'pair-seen';
  readonly passes?: boolean;
  /** Where the view is: the source goes on to other records. */
  private readonly source: BinaryDecoder;
  private readonly from: number;
  private forked: BinaryDecoder | null = null;
  private seen: PairView | null = null;

  constructor(source: BinaryDecoder, passes: boolean | undefined) {
    this.source = source;
    this.from = source.at;
    if (passes !== undefined) this.passes = passes;
  }

  /** As plain data, with the view. */
  whole(): PairSeen {
    const { kind, passes, view } = this;
    return passes === undefined ? { kind, view } : { kind, passes, view };
  }

  /** Behind the view. */
  decoderBehind(): BinaryDecoder {
    void this.view;
    return this.forked as BinaryDecoder; // it has read the view
  }

  get view(): PairView {
    this.forked ??= this.source.forkAt(this.from);
    this.seen ??= this.forked.value() as PairView; // the codec's own output
    return this.seen;
  }
}

class LazyEvent implements EngineEvent {
  readonly seq: number;
  readonly tsMs: number;
  readonly wallMs: number;
  readonly input: EngineInput;
  private readonly source: BinaryDecoder;
  private readonly from: number;
  private seen: readonly LegView[] | null = null;

  /** The source stands at the legs, or at the view before them. */
  constructor(event: Omit<EngineEvent, 'legs'>, source: BinaryDecoder) {
    this.seq = event.seq;
    this.tsMs = event.tsMs;
    this.wallMs = event.wallMs;
    this.input = event.input;
    this.source = source;
    this.from = source.at;
  }

  get legs(): readonly LegView[] {
    this.seen ??= this.decoderOfLegs().value() as readonly LegView[]; // the codec's own output
    return this.seen;
  }

  private decoderOfLegs(): BinaryDecoder {
    const { input, source, from } = this;
    return input instanceof LazyPairSeen ? input.decoderBehind() : source.forkAt(from);
  }
}
