/** How commands that block write their timeout. */
import { isLongDouble } from "../../base/long-double.ts";
import { parseExact } from "../../base/numbers.ts";
import { INT64_MAX, integer, refuse } from "../arguments.ts";
import type { Context } from "../context.ts";

/** Beyond this (some 285,000 years) a wait is one for ever. */
const WAIT_MAX_MS = Number.MAX_SAFE_INTEGER;

/**
 * Unix ms at which a command stops to wait, 0: never, from a timeout in seconds (BLPOP, with a fraction)
 * or milliseconds (XREAD BLOCK). Refuses what Redis 7.0 refuses, in its words.
 */
export function deadlineMs(cx: Context, timeout: string, unit: "s" | "ms"): number {
  const ms =
    unit === "s"
      ? milliseconds(timeout)
      : BigInt(integer(timeout, "timeout is not an integer or out of range"));
  if (ms < 0n || ms > INT64_MAX) refuse("timeout is negative");
  return ms === 0n || ms > WAIT_MAX_MS - cx.nowMs ? 0 : cx.nowMs + Number(ms);
}

/** Seconds, rounded up to milliseconds. */
function milliseconds(seconds: string): bigint {
  const exact = isLongDouble(seconds) ? parseExact(seconds) : undefined;
  if (exact === undefined) refuse("timeout is not a float or out of range");
  // A float beyond int64 becomes its lowest value in C: negative, too.
  if (typeof exact === "string") return -1n;
  const { digits, base, exponent, isNegative } = exact;
  const power = BigInt(base) ** BigInt(Math.abs(exponent));
  if (exponent >= 0) return (isNegative ? -1000n : 1000n) * digits * power;
  const down = (digits * 1000n) / power;
  if (isNegative) return -down;
  return down * power === digits * 1000n ? down : down + 1n;
}
