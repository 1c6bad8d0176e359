/** LCS: the longest common subsequence of two strings (https://redis.io/docs/latest/commands/lcs/). */
import { fail } from "../../resp/errors.ts";
import { MapReply, type Reply } from "../../resp/reply.ts";
import { typeOf } from "../../types/value.ts";
import { count, refuse } from "../arguments.ts";
import type { Context } from "../context.ts";
import type { Entry } from "../space.ts";

/** Where a run of equal bytes stands in both strings, ends included. */
interface Match {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
}

export function lcs(cx: Context, args: readonly string[]): Reply {
  // Both are looked up before either is looked at: that tells who listens of misses.
  const entries = [cx.read(args[1]!), cx.read(args[2]!)] as const;
  const [a, b] = [textIn(cx, entries[0]), textIn(cx, entries[1])];
  const options = lcsOptions(args);
  const bytes = (a.length + 1) * (b.length + 1) * Uint32Array.BYTES_PER_ELEMENT;
  if (bytes > cx.engine.config.number("proto-max-bulk-len")) {
    refuse("Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
  }

  const lengths = lengthTable(a, b);
  const length = lengths.at(-1)!;
  if (options.isLength) return length;
  const { common, matches } = walkBack(a, b, lengths);
  if (!options.isIndex) return common;
  const shown = matches
    .map((match) => ({ match, count: match.a[1] - match.a[0] + 1 }))
    .filter((item) => item.count >= options.countMin)
    .map(({ match, count }) => {
      return options.hasCounts ? [match.a, match.b, count] : [match.a, match.b];
    });
  return new MapReply(["matches", shown, "len", length]);
}

function textIn(cx: Context, entry: Entry | undefined): string {
  if (entry === undefined) return "";
  if (typeOf(entry.value!) !== "string") refuse("The specified keys must contain string values");
  return cx.stringOf(entry);
}

function lcsOptions(args: readonly string[]) {
  let isLength = false;
  let isIndex = false;
  let hasCounts = false;
  let countMin = 0;
  for (let at = 3; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    if (option === "LEN") isLength = true;
    else if (option === "IDX") isIndex = true;
    else if (option === "WITHMATCHLEN") hasCounts = true;
    else if (option === "MINMATCHLEN" && at + 1 < args.length) countMin = count(args[++at]!);
    else fail("syntax");
  }
  if (isIndex && isLength) refuse("If you want both the length and indexes, please just use IDX.");
  return { isLength, isIndex, hasCounts, countMin };
}

/** Row by row: the length for each pair of beginnings of `a` and `b`. */
function lengthTable(a: string, b: string): Uint32Array {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = 1; i <= a.length; i++) {
    const byte = a.charCodeAt(i - 1);
    const row = i * width;
    for (let j = 1; j <= b.length; j++) {
      lengths[row + j] =
        byte === b.charCodeAt(j - 1)
          ? lengths[row - width + j - 1]! + 1
          : Math.max(lengths[row - width + j]!, lengths[row + j - 1]!);
    }
  }
  return lengths;
}

/** From the end of both strings: one of the longest, the same that Redis picks, and its runs, last first. */
function walkBack(
  a: string,
  b: string,
  lengths: Uint32Array,
): { common: string; matches: Match[] } {
  const width = b.length + 1;
  const bytes: string[] = [];
  const matches: Match[] = [];
  let i = a.length;
  let j = b.length;
  while (i > 0 && j > 0) {
    if (a[i - 1] !== b[j - 1]) {
      if (lengths[(i - 1) * width + j]! > lengths[i * width + j - 1]!) i--;
      else j--;
      continue;
    }
    const end = { a: i - 1, b: j - 1 };
    while (i > 0 && j > 0 && a[i - 1] === b[j - 1]) {
      bytes.push(a[i - 1]!);
      i--;
      j--;
    }
    matches.push({ a: [i, end.a], b: [j, end.b] });
  }
  return { common: bytes.toReversed().join(""), matches };
}
