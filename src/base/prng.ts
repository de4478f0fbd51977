// Seeded randomness. `Prng` is a stream (sfc32); `noiseAt` is random access: the same (seed,
// stream, index) gives the same number whatever was asked before.

export class Prng {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(seed: number) {
    this.a = 0x9e3779b9;
    this.b = 0x243f6a88;
    this.c = 0xb7e15162;
    this.d = seed >>> 0;
    for (let i = 0; i < 16; i++) this.uint32();
  }

  /** Uniform in 0 .. 2^32 - 1. */
  uint32(): number {
    const t = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + t;
    this.c |= 0;
    return t >>> 0;
  }

  /** Uniform in [0, 1). */
  float(): number {
    return this.uint32() / 4_294_967_296;
  }

  /** Uniform integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.float() * bound);
  }

  /** Standard normal (Box-Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.float()));
    return radius * Math.cos(2 * Math.PI * this.float());
  }

  chance(probability: number): boolean {
    return this.float() < probability;
  }
}

/** 32-bit hash of three integers (murmur3 finaliser chain). */
export function hash32(seed: number, stream: number, index: number): number {
  let h = mix(seed ^ 0x85ebca6b);
  h = mix(h ^ Math.imul(stream | 0, 0x9e3779b1));
  h = mix(h ^ Math.imul(index | 0, 0x85ebca77));
  return mix(h ^ Math.floor(index / 4_294_967_296)) >>> 0;
}

/** Uniform in [0, 1), a function of its three arguments alone. */
export function uniformAt(seed: number, stream: number, index: number): number {
  return hash32(seed, stream, index) / 4_294_967_296;
}

/** Approximately standard normal (sum of four uniforms), a function of its arguments alone. */
export function noiseAt(seed: number, stream: number, index: number): number {
  let total = 0;
  for (let k = 0; k < 4; k++) total += uniformAt(seed + k * 7_919, stream, index);
  return (total - 2) * Math.sqrt(3);
}

/** A stable 32-bit number for a text (FNV-1a), to name streams. */
export function textHash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
