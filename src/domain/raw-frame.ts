// What a recording holds: public frames and answers of a venue as they came, and when a connection
// was lost, each with our receive time.

export interface RawFrame {
  /** Our wall clock when it came. */
  readonly receivedWallMs: number;
  readonly venue: string;
  /** The connection's name; `rest` for an answer to a request. */
  readonly stream: string;
  /** What the bytes alone may not say. */
  readonly market: string | null;
  /** Copied at once: it may be reused after the call. */
  readonly bytes: Uint8Array;
  /** What the bytes answer, over REST; absent = a frame of a stream. */
  readonly request?: RecordedRequest;
  /** The connection was lost here, and `bytes` are empty; absent = no. */
  readonly lost?: boolean;
}

/** As much of a public request as its answer needs to be decoded. */
export interface RecordedRequest {
  readonly purpose: string;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Of the answer. */
  readonly status: number;
}

/** The first line of every file of a recording. */
export interface RecordingHead {
  readonly venues: readonly string[];
  /** Null = the venues' time is our wall time. */
  readonly clock: RecordedClock | null;
}

/** How the recorded venues' clock ran beside our wall clock. */
export interface RecordedClock {
  readonly wallStartMs: number;
  readonly venueStartMs: number;
  /** Venue milliseconds per wall millisecond. */
  readonly speed: number;
}
