/** The options of SET and GETEX: which there are, and which exclude each other. */
import { fail } from "../../resp/errors.ts";
import type { TimeForm } from "../arguments.ts";

export interface StringOptions {
  readonly condition: "NX" | "XX" | undefined;
  readonly expiry: Expiry | undefined;
  readonly isGet: boolean;
  readonly isKeepTtl: boolean;
  readonly isPersist: boolean;
}

export interface Expiry {
  readonly text: string;
  readonly form: TimeForm;
}

const TIMES: Readonly<Record<string, TimeForm>> = {
  EX: { unit: "s", isAbsolute: false },
  EXAT: { unit: "s", isAbsolute: true },
  PX: { unit: "ms", isAbsolute: false },
  PXAT: { unit: "ms", isAbsolute: true },
};

/**
 * Options from argument `from` on; a syntax error where two exclude each other. Repeating one is fine,
 * and the last time given counts.
 */
export function stringOptions(
  args: readonly string[],
  { from, isSet }: { from: number; isSet: boolean },
): StringOptions {
  let condition: StringOptions["condition"];
  let expiry: Expiry | undefined;
  let isGet = false;
  // KEEPTTL, PERSIST and each way of giving a time exclude one another.
  let fate = "";
  for (let at = from; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    const form = TIMES[option];
    if (isSet && (option === "NX" || option === "XX")) {
      if (condition !== undefined && condition !== option) fail("syntax");
      condition = option;
    } else if (isSet && option === "GET") isGet = true;
    else if (form !== undefined || option === (isSet ? "KEEPTTL" : "PERSIST")) {
      if (fate !== "" && fate !== option) fail("syntax");
      fate = option;
      if (form === undefined) continue;
      if (++at >= args.length) fail("syntax");
      expiry = { text: args[at]!, form };
    } else fail("syntax");
  }
  const isKeepTtl = fate === "KEEPTTL";
  return { condition, expiry, isGet, isKeepTtl, isPersist: fate === "PERSIST" };
}
