/**
 * C's drand48 as Redis gives it to scripts: the same numbers on every machine, from the start or from a
 * seed on (reference: redis/src/rand.c). 48 bits, kept in two halves of 24 that a double multiplies exactly.
 */
const HALF = 2 ** 24;
const FULL = 2 ** 48;
/** 0x5DEECE66D */
const FACTOR_LOW = 0xece66d;
const FACTOR_HIGH = 0x5de;
const INCREMENT = 0xb;
/** The low bits of every seed. */
const SEED_LOW = 0x330e;

export class ScriptRandom {
  /** As it stands before anyone seeds it. */
  #low = 0xcd330e;
  #high = 0x1234ab;

  seed(value: number): void {
    const state = (value >>> 0) * 65_536 + SEED_LOW;
    this.#low = state % HALF;
    this.#high = Math.floor(state / HALF) % HALF;
  }

  /** In [0, 1), as math.random() makes it of the 31 bits that lrand48 gives. */
  next(): number {
    const lowProduct = this.#low * FACTOR_LOW + INCREMENT;
    const carried = Math.floor(lowProduct / HALF);
    const highProduct = this.#high * FACTOR_LOW + this.#low * FACTOR_HIGH + carried;
    this.#low = lowProduct % HALF;
    this.#high = highProduct % HALF;
    const bits = Math.floor((this.#high * HALF + this.#low) / (FULL / 2 ** 31));
    return (bits % 0x7fff_ffff) / 0x7fff_ffff;
  }
}
