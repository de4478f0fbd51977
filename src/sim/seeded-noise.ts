// Smooth noise with random access: a function of (seed, stream, time) that costs two hashes per
// octave, for prices and premia that can be asked for at any time in any order.
import { textHash, uniformAt } from '../base/prng.ts';

/** A wavelength and the standard deviation of its lattice values. */
export interface Octave {
  readonly wavelengthMs: number;
  readonly amplitude: number;
}

/** Sum of value-noise octaves; zero on average, bounded by the sum of amplitudes x sqrt(3). */
export class SmoothNoise {
  private readonly seed: number;
  private readonly octaves: readonly Octave[];
  private readonly streams: readonly number[];
  /** The lattice values around the last time asked for, per octave: only to save hashes. */
  private readonly cells: Float64Array;
  private readonly lefts: Float64Array;
  private readonly rights: Float64Array;

  constructor(seed: number, name: string, octaves: readonly Octave[]) {
    this.seed = seed;
    this.octaves = octaves;
    this.streams = octaves.map(({ wavelengthMs }) => textHash(`${name} ${wavelengthMs}`));
    this.cells = new Float64Array(octaves.length).fill(Number.NaN);
    this.lefts = new Float64Array(octaves.length);
    this.rights = new Float64Array(octaves.length);
  }

  at(tsMs: number): number {
    let total = 0;
    for (let k = 0; k < this.octaves.length; k++) {
      const { wavelengthMs, amplitude } = this.octaves[k] as Octave; // k < length
      const cell = Math.floor(tsMs / wavelengthMs);
      const within = (tsMs - cell * wavelengthMs) / wavelengthMs;
      if (this.cells[k] !== cell) this.enter(k, cell);
      const left = this.lefts[k] as number; // same length
      const right = this.rights[k] as number; // same length
      const blended = left + (right - left) * within * within * (3 - 2 * within);
      total += amplitude * (blended - 0.5) * uniformToUnit;
    }
    return total;
  }

  private enter(k: number, cell: number): void {
    const stream = this.streams[k] as number; // same length as the octaves
    this.cells[k] = cell;
    this.lefts[k] = uniformAt(this.seed, stream, cell);
    this.rights[k] = uniformAt(this.seed, stream, cell + 1);
  }
}

/** Standard deviation 1 for a uniform of width 1. */
const uniformToUnit = Math.sqrt(12);

/**
 * Octaves from 16 s to 97 days whose sum moves like a Brownian path: each doubling of the
 * wavelength has sqrt(2) times the amplitude. `perMinute` is the standard deviation of a one-minute
 * change.
 */
export function brownianOctaves(perMinute: number): readonly Octave[] {
  return Array.from({ length: 20 }, (_, k) => ({
    wavelengthMs: 16_000 * 2 ** k,
    amplitude: perMinute * brownianScale * Math.SQRT2 ** k,
  }));
}

/** Found by measuring: see the test of the one-minute change. */
const brownianScale = 0.245;
