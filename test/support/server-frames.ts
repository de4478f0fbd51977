// WebSocket frames as a server writes them, whole messages as well as what no server may send, and
// what a client must make of them.
import fc from 'fast-check';
import type { FrameHandler } from '../../src/io/frame-reader.ts';

export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Uint8Array;
  readonly final?: boolean;
  readonly reserved?: number;
  readonly masked?: boolean;
  /** The length in more bytes than it needs. */
  readonly lengthBytes?: 2 | 8;
}

export function encoded(frame: ServerFrame): Buffer {
  const { opcode, payload, final = true, reserved = 0, masked = false, lengthBytes } = frame;
  const { length } = payload;
  const first = (final ? 0x80 : 0) | reserved | opcode;
  const mask = masked ? 0x80 : 0;
  const wide = lengthBytes === 8 || length > 65_535;
  const head =
    wide || lengthBytes === 2 || length > 125
      ? Buffer.alloc(wide ? 10 : 4)
      : Buffer.from([first, mask | length]);
  if (head.length > 2) {
    head[0] = first;
    head[1] = mask | (wide ? 127 : 126);
    if (wide) head.writeBigUInt64BE(BigInt(length), 2);
    else head.writeUInt16BE(length, 2);
  }
  return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
}

/** What a client saw, with messages and pings as hexadecimal digests of their bytes. */
export class Seen implements FrameHandler {
  readonly log: string[] = [];

  message(buffer: { readonly bytes: Uint8Array }, from: number, to: number): void {
    this.log.push(`message ${digest(buffer.bytes.subarray(from, to))}`);
  }
  pinged(payload: Uint8Array): void {
    this.log.push(`ping ${digest(payload)}`);
  }
  closed(code: number, reason: string): void {
    this.log.push(`close ${code} ${reason}`);
  }
  broken(code: number): void {
    this.log.push(`broken ${code}`);
  }
}

export function digest(bytes: Uint8Array): string {
  let hash = bytes.length;
  for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0;
  return `${bytes.length} ${hash >>> 0}`;
}

/** Bytes that differ at every place, from a seed. */
export function payloadOf(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 131 + seed * 17 + (i >> 8)) & 0xff);
}

export interface Script {
  readonly frames: readonly ServerFrame[];
  readonly expected: readonly string[];
}

const lengths = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 3, arbitrary: fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536) },
  { weight: 2, arbitrary: fc.integer({ min: 15_000, max: 18_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 140_000 }) },
);

interface Said {
  readonly length: number;
  readonly seed: number;
  readonly binary: boolean;
  /** Where the message is cut into fragments, as fractions of it. */
  readonly cuts: readonly number[];
  /** Length of a ping before each fragment; -1 = none, -2 = a pong. */
  readonly pings: readonly number[];
}

const said: fc.Arbitrary<Said> = fc.record({
  length: lengths,
  seed: fc.nat(1_000),
  binary: fc.boolean(),
  cuts: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    {
      weight: 2,
      arbitrary: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
    },
  ),
  pings: fc.array(fc.constantFrom(-1, -1, -1, -2, 0, 5, 125), { minLength: 6, maxLength: 6 }),
});

/** Valid messages with pings and pongs between their fragments. */
export const scripts: fc.Arbitrary<Script> = fc
  .array(said, { minLength: 1, maxLength: 12 })
  .map((messages) => {
    const frames: ServerFrame[] = [];
    const expected: string[] = [];
    for (const { length, seed, binary, cuts, pings } of messages) {
      const payload = payloadOf(length, seed);
      const at = [0, ...cuts.map((cut) => Math.floor(cut * length)).sort((a, b) => a - b), length];
      for (let k = 0; k + 1 < at.length; k++) {
        const ping = pings[k] ?? -1;
        if (ping !== -1) {
          const beat = payloadOf(Math.max(0, ping), seed + k);
          frames.push({ opcode: ping === -2 ? 10 : 9, payload: beat });
          if (ping !== -2) expected.push(`ping ${digest(beat)}`);
        }
        const part = payload.subarray(at[k], at[k + 1]);
        const opcode = k > 0 ? 0 : binary ? 2 : 1;
        frames.push({ opcode, payload: part, final: k + 2 === at.length });
      }
      expected.push(`message ${digest(payload)}`);
    }
    return { frames, expected };
  });

const small = payloadOf(3, 1);
/** What ends a connection: the last frame, and what a client makes of it. */
export const endings: readonly (readonly [name: string, frames: readonly ServerFrame[], string])[] =
  [
    [
      'a close with a code',
      [{ opcode: 8, payload: Buffer.from('\x03\xe8bye', 'latin1') }],
      'close 1000 bye',
    ],
    [
      'a close with an own code',
      [{ opcode: 8, payload: Buffer.from([0x0f, 0xa1]) }],
      'close 4001 ',
    ],
    ['a close without a code', [{ opcode: 8, payload: new Uint8Array(0) }], 'close 1005 '],
    ['a close with half a code', [{ opcode: 8, payload: Uint8Array.of(3) }], 'broken 1002'],
    [
      'a close with a code that is none',
      [{ opcode: 8, payload: Uint8Array.of(3, 0xed) }],
      'broken 1002',
    ],
    [
      'a close in fragments',
      [{ opcode: 8, payload: new Uint8Array(0), final: false }],
      'broken 1002',
    ],
    ['a long ping', [{ opcode: 9, payload: payloadOf(126, 1) }], 'broken 1002'],
    ['a ping in fragments', [{ opcode: 9, payload: small, final: false }], 'broken 1002'],
    ['a masked frame', [{ opcode: 1, payload: small, masked: true }], 'broken 1002'],
    [
      'a masked long frame',
      [{ opcode: 1, payload: payloadOf(400, 1), masked: true }],
      'broken 1002',
    ],
    ['a reserved bit', [{ opcode: 1, payload: small, reserved: 0x20 }], 'broken 1002'],
    ['compression, unasked', [{ opcode: 1, payload: small, reserved: 0x40 }], 'broken 1002'],
    ['an unknown opcode', [{ opcode: 3, payload: small }], 'broken 1002'],
    ['an unknown control opcode', [{ opcode: 11, payload: small }], 'broken 1002'],
    ['a continuation of nothing', [{ opcode: 0, payload: small }], 'broken 1002'],
    [
      'a message within another',
      [
        { opcode: 1, payload: small, final: false },
        { opcode: 1, payload: small },
      ],
      'broken 1002',
    ],
    ['a message over the bound', [{ opcode: 1, payload: payloadOf(200_001, 1) }], 'broken 1009'],
    [
      'fragments over the bound together',
      [
        { opcode: 2, payload: payloadOf(150_000, 1), final: false },
        { opcode: 0, payload: payloadOf(50_001, 1) },
      ],
      'broken 1009',
    ],
  ];

/** What `endings` pass. */
export const messageBytesMax = 200_000;
