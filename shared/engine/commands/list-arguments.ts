/** What several list commands read in the same way. */
import { fail } from "../../resp/errors.ts";
import type { End } from "../../types/list.ts";
import { integer, refuse } from "../arguments.ts";

/** `LEFT` or `RIGHT`. */
export function endOf(word: string): End {
  const end = word.toLowerCase();
  if (end !== "left" && end !== "right") fail("syntax");
  return end;
}

/** A count of at least `min`; `what` is the refusal of anything else. */
export function countFrom(min: 0 | 1, text: string, what: string): number {
  const value = Number(integer(text, what));
  return value >= min ? value : refuse(what);
}
