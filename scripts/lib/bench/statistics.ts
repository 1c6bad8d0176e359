// What is made of a handful of samples. Medians and ranges, because with five rounds on a noisy machine
// a mean and a deviation say less than they seem to.

/** In the middle, and the least and the greatest around it. */
export type Summary = { readonly median: number; readonly min: number; readonly max: number };

/** Undefined of no samples. */
export function summaryOf(samples: readonly number[]): Summary | undefined {
  if (samples.length === 0) return undefined;
  const sorted = samples.toSorted((a, b) => a - b);
  return { median: percentile(sorted, 50), min: sorted[0]!, max: sorted.at(-1)! };
}

/** Of sorted samples, at least one; between two of them by proportion. */
export function percentile(sorted: readonly number[], percent: number): number {
  const at = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(at)]!;
  const above = sorted[Math.ceil(at)]!;
  return below + (above - below) * (at - Math.floor(at));
}

/**
 * Of each round one ratio: the machine's mood is the same for both sides of it. A round that lacks a side,
 * or has nothing to divide by, is left out.
 */
export function ratiosOf(samples: readonly number[], base: readonly number[]): number[] {
  const count = Math.min(samples.length, base.length);
  const ratios = Array.from({ length: count }, (_, i) => samples[i]! / base[i]!);
  return ratios.filter((ratio) => Number.isFinite(ratio));
}
