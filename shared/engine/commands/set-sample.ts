/** Random elements of sets and sorted sets, as SRANDMEMBER and ZRANDMEMBER answer them. */
import type { Random } from "../../base/random.ts";
import { INT64_MIN, integer, refuse } from "../arguments.ts";

/** As many elements as a reply that repeats them may have: Redis would go on until memory ends. */
const REPEATED_MAX = 1_000_000;

/** How many elements are wanted: negative where they may repeat. */
export function sampleCount(text: string, { max = 2n ** 63n - 1n } = {}): number {
  const value = integer(text);
  if (value === INT64_MIN) refuse(`value is out of range, value must between -${MAX} and ${MAX}`);
  if (value < -max || value > max) refuse("value is out of range");
  if (value < -REPEATED_MAX) refuse("value is out of range");
  return Number(value);
}

const MAX = 2n ** 63n - 1n;

/** Beyond a third of all elements, they are shuffled rather than drawn one by one. */
const SHUFFLE_TIMES = 3;

/** Up to `count` different elements. */
export function sampleDistinct<T>(
  count: number,
  from: { size: number; all: () => T[]; draw: () => T; random: Random },
): T[] {
  const { size, random } = from;
  if (count >= size) return from.all();
  if (count * SHUFFLE_TIMES > size) {
    const elements = from.all();
    for (let i = 0; i < count; i++) {
      const other = i + Math.floor(random.next() * (size - i));
      const element = elements[other]!;
      elements[other] = elements[i]!;
      elements[i] = element;
    }
    return elements.slice(0, count);
  }
  const drawn = new Set<T>();
  while (drawn.size < count) drawn.add(from.draw());
  return [...drawn];
}
