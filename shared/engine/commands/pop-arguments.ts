/** What LMPOP, ZMPOP and their blocking forms take: the same but for the names of the ends. */
import { fail } from "../../resp/errors.ts";
import type { KeySpec } from "../command.ts";
import { countFrom } from "./list-arguments.ts";

/** To pop from the first of several keys that has something. */
export interface Pop<End> {
  readonly names: readonly string[];
  readonly end: End;
  /** Undefined: one, which is not answered as an array. */
  readonly countMax?: number;
}

/** Keys behind their number. */
export function countedKeys(at: number): KeySpec[] {
  const find = { numkeysAt: 0, first: 1, step: 1 };
  return [{ flags: ["RW", "access", "delete"], begin: { at }, find }];
}

/** `numkeys key … END [COUNT count]`, from an argument on; the end in lower case. */
export function readPop<End extends string>(
  args: readonly string[],
  at: number,
  ends: readonly End[],
): Pop<End> & { readonly countMax: number } {
  const keyCount = countFrom(1, args[at]!, "numkeys should be greater than 0");
  const endAt = at + 1 + keyCount;
  const word = args[endAt]?.toLowerCase();
  const end = ends.find((each) => each === word);
  if (end === undefined) fail("syntax");
  const names = args.slice(at + 1, endAt);
  if (endAt === args.length - 1) return { names, end, countMax: 1 };
  const isCount = args[endAt + 1]!.toLowerCase() === "count" && endAt + 2 < args.length;
  if (!isCount) fail("syntax");
  const countMax = countFrom(1, args[endAt + 2]!, "count should be greater than 0");
  if (endAt + 3 < args.length) fail("syntax");
  return { names, end, countMax };
}
