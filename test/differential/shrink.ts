// Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002): of a
// list that fails, a short one that still does.

/**
 * Leaves out what can be left out, larger pieces first. `fails` is asked about lists in the order of
 * `items`; at most `triesMax` times, as every answer may cost a while.
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => Promise<boolean>,
  { triesMax = 1500 } = {},
): Promise<readonly T[]> {
  let left = items;
  let size = Math.ceil(left.length / 2);
  let tries = 0;
  while (left.length > 0 && tries < triesMax) {
    let hasShrunk = false;
    // From the end: what comes after the failure is the first to go.
    for (let end = left.length; end > 0 && tries < triesMax; end -= size) {
      const without = left.toSpliced(Math.max(0, end - size), Math.min(size, end));
      tries++;
      if (!(await fails(without))) continue;
      left = without;
      hasShrunk = true;
    }
    if (size === 1 && !hasShrunk) break;
    size = Math.max(1, Math.min(Math.ceil(size / 2), left.length));
  }
  return left;
}
