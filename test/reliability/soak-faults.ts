// The fault file of a soak: one after the other of what the testnet can do to a client, at venues
// drawn from a seed. The last stretch is left in peace, so that the books can be compared.
import { Prng } from '../../src/base/prng.ts';
import type { Fault } from '../../src/testnet/faults.ts';

const names = [
  'stale-stream',
  'lost-events',
  'http-503',
  'timeout',
  'ack-lost',
  'drop-connections',
  'adl',
  'gap',
  'sequence-reset',
  'rate-limited',
  'unknown-outcome',
] as const;

const lengthMsMin = 500;
const lengthMsMax = 3_000;

export interface SoakFaultsOptions {
  readonly seed: number;
  readonly venues: readonly string[];
  /** Wall times since the testnet's start. */
  readonly fromMs: number;
  readonly toMs: number;
  /** From the start of one fault to the start of the next. */
  readonly everyMs: number;
}

export function soakFaults(options: SoakFaultsOptions): readonly Fault[] {
  const { seed, venues, fromMs, toMs, everyMs } = options;
  const random = new Prng(seed);
  const faults: Fault[] = [];
  for (let k = 0, atMs = fromMs; atMs + lengthMsMax < toMs; k++, atMs += everyMs) {
    const lengthMs = lengthMsMin + random.below(lengthMsMax - lengthMsMin);
    const name = names[k % names.length] as string;
    const venue = venues[random.below(venues.length)] as string;
    faults.push({ name, venue, fromWallMs: atMs, toWallMs: atMs + lengthMs });
  }
  return faults;
}
