// The frames of a recording as normalised events, each with the time at which it came.
import type { Market } from '../domain/instrument.ts';
import type { RecordedRequest } from '../domain/raw-frame.ts';
import type { VenueSpec } from '../domain/venue-spec.ts';
import { type ReadNotes, readRecording } from '../store/recording-read.ts';
import { type Decoder, makeDecoder } from './decode.ts';

export interface RecordedOptions {
  readonly path: string;
  readonly spec: VenueSpec;
  /** Text of a file that lists instruments; null = none. */
  readonly instruments: string | null;
}

export async function* decodeRecorded(
  { path, spec, instruments }: RecordedOptions,
  notes: ReadNotes,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const decoders = new Map<Market | null, Decoder>();
  const decoderOf = (market: Market | null): Decoder => {
    const known = decoders.get(market);
    if (known !== undefined) return known;
    const made = makeDecoder({ spec, request: null, market, instruments });
    decoders.set(market, made);
    return made;
  };
  const text = new TextDecoder();
  for await (const frame of readRecording(path, notes)) {
    if (frame.venue !== spec.id || frame.lost === true) continue;
    const { receivedWallMs, stream, request } = frame;
    const decoder = decoderOf(marketNamed(frame.market));
    const payload = text.decode(frame.bytes);
    const events =
      request === undefined
        ? decoder.decode(payload)
        : decoder.decodeAnswer(payload, askedText(request));
    for (const event of events) yield { ...event, receivedWallMs, stream };
  }
}

function askedText({ method, path, query }: RecordedRequest): string {
  return `${method} ${path}${query === '' ? '' : `?${query}`}`;
}

export function marketNamed(name: string | null): Market | null {
  return name === 'spot' || name === 'linear' || name === 'inverse' ? name : null;
}
