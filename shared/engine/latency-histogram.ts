/**
 * How long calls of a command took: counted with an error under 1 %, as Redis does it (hdr_histogram with
 * two significant digits over nanoseconds), so that LATENCY HISTOGRAM and INFO show the same bounds.
 */

/** In each power of two so many steps are told apart. */
const STEP_BITS = 7;
const NS_MAX = 1_000_000_000;
/** LATENCY HISTOGRAM's first bucket, in ns; each next one reaches twice as far. */
const FIRST_BUCKET_NS = 1024;

export class LatencyHistogram {
  calls = 0;
  /** By the highest of the times that are counted as one, in ns. */
  readonly #counts = new Map<number, number>();

  add(durationUs: number): void {
    const highestNs = highestEquivalent(Math.min(Math.max(durationUs * 1000, 1), NS_MAX));
    this.#counts.set(highestNs, (this.#counts.get(highestNs) ?? 0) + 1);
    this.calls++;
  }

  /** Upper bounds in µs, and how many calls took no longer: where more did than up to the bound before. */
  buckets(): [us: number, calls: number][] {
    const buckets: [number, number][] = [];
    let bound = FIRST_BUCKET_NS;
    let calls = 0;
    for (const [ns, count] of this.#sorted()) {
      while (ns > highestEquivalent(bound)) bound *= 2;
      calls += count;
      const us = Math.floor(highestEquivalent(bound) / 1000);
      if (buckets.at(-1)?.[0] === us) buckets.splice(-1, 1);
      buckets.push([us, calls]);
    }
    return buckets;
  }

  /** In µs: so many percent of the calls took no longer. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.floor((Math.min(percent, 100) / 100) * this.calls + 0.5));
    let calls = 0;
    for (const [ns, count] of this.#sorted()) {
      calls += count;
      if (calls >= wanted) return ns / 1000;
    }
    return 0;
  }

  #sorted(): [ns: number, count: number][] {
    return [...this.#counts].sort(([a], [b]) => a - b);
  }
}

/** The longest time that is not told apart from this one. */
function highestEquivalent(ns: number): number {
  const whole = Math.trunc(ns);
  const shift = Math.max(31 - Math.clz32(whole) - STEP_BITS, 0);
  return (((whole >> shift) + 1) << shift) - 1;
}
