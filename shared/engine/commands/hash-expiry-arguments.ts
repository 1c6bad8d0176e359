/** What the commands on the expiry of fields read from their arguments, and Redis's words where it is wrong. */
import { ERRORS } from "../../resp/errors.ts";
import { ReplyError } from "../../resp/reply.ts";
import { integer, refuse, type TimeForm } from "../arguments.ts";
import type { Context } from "../context.ts";

/** The last moment a field may be given: Redis keeps two of 48 bits for itself. */
const FIELD_TIME_MAX_MS = 2 ** 46 - 1;

const TIMES: Readonly<Record<string, TimeForm>> = {
  EX: { unit: "s", isAbsolute: false },
  EXAT: { unit: "s", isAbsolute: true },
  PX: { unit: "ms", isAbsolute: false },
  PXAT: { unit: "ms", isAbsolute: true },
};

const CONDITIONS: readonly string[] = ["NX", "XX", "GT", "LT"];

/** How a wrong number of fields is refused by most commands. */
export const POSITIVE_COUNT = "Number of fields must be a positive integer";

/** Unix ms from an argument. */
function fieldTimeMs(
  cx: Context,
  args: readonly string[],
  at: number,
  { unit, isAbsolute }: TimeForm,
): number {
  const value = integer(args[at]!);
  if (value < 0) refuse("invalid expire time, must be >= 0");
  const ms = Number(value) * (unit === "s" ? 1000 : 1) + (isAbsolute ? 0 : cx.nowMs);
  if (ms <= FIELD_TIME_MAX_MS) return ms;
  throw new ReplyError(ERRORS.badExpire(args[0]!.toLowerCase()));
}

/** Where the fields begin that stand, to the end, behind `FIELDS` at `at` and their number. */
export function fieldArgs(args: readonly string[], at: number, wrongCount: string): number {
  if (args[at]?.toUpperCase() !== "FIELDS") {
    refuse("Mandatory argument FIELDS is missing or not at the right position");
  }
  const count = integer(args[at + 1] ?? "", wrongCount);
  if (count < 1) refuse(wrongCount);
  if (count !== args.length - at - 2) {
    refuse("The `numfields` parameter must match the number of arguments");
  }
  return at + 2;
}

/** `HEXPIRE key time [NX | XX | GT | LT] FIELDS count field …` and its kin. */
export function expireArgs(cx: Context, args: readonly string[], form: TimeForm) {
  const ms = fieldTimeMs(cx, args, 2, form);
  const option = args[3]!.toUpperCase();
  const condition = CONDITIONS.includes(option) ? option : undefined;
  const wrongCount = "Parameter `numFields` should be greater than 0";
  const fieldsAt = fieldArgs(args, condition === undefined ? 3 : 4, wrongCount);
  return { ms, condition, fieldsAt };
}

/** `HGETEX key [EX s | PX ms | EXAT s | PXAT ms | PERSIST] FIELDS count field …`. */
export function getExArgs(cx: Context, args: readonly string[]) {
  const option = args[2]!.toUpperCase();
  const form = TIMES[option];
  if (form !== undefined) {
    const ms = fieldTimeMs(cx, args, 3, form);
    return { isPersist: false, ms, fieldsAt: fieldArgs(args, 4, POSITIVE_COUNT) };
  }
  const isPersist = option === "PERSIST";
  const fieldsAt = fieldArgs(args, isPersist ? 3 : 2, POSITIVE_COUNT);
  return { isPersist, ms: undefined, fieldsAt };
}

export interface SetExArgs {
  readonly condition: "FNX" | "FXX" | undefined;
  readonly isKeepTtl: boolean;
  /** The moment the fields expire; undefined where none is given. */
  readonly expiresAtMs: number | undefined;
  /** Where the time stands; 0: nowhere. */
  readonly timeAt: number;
  readonly fieldsAt: number;
}

/** `HSETEX key [FNX | FXX] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL] FIELDS count field value …`. */
export function setExArgs(cx: Context, args: readonly string[]): SetExArgs {
  let condition: SetExArgs["condition"];
  let fate = "";
  let expiresAtMs: number | undefined;
  let timeAt = 0;
  for (let at = 2; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    const form = TIMES[option];
    if (option === "FIELDS") {
      const fieldsAt = pairArgs(args, at);
      return { condition, isKeepTtl: fate === "KEEPTTL", expiresAtMs, timeAt, fieldsAt };
    } else if (option === "FNX" || option === "FXX") {
      if (condition !== undefined) refuse("Only one of FXX or FNX arguments can be specified");
      condition = option;
    } else if (form !== undefined || option === "KEEPTTL") {
      if (fate !== "")
        refuse("Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified");
      fate = option;
      if (form === undefined) continue;
      if (at + 1 >= args.length) refuse("missing expire time");
      timeAt = ++at;
      expiresAtMs = fieldTimeMs(cx, args, at, form);
    } else refuse(`unknown argument: ${args[at]!}`);
  }
  return refuse("Mandatory argument FIELDS is missing or not at the right position");
}

/** Where the fields and values begin that stand, to the end, behind `FIELDS` at `at` and their number. */
function pairArgs(args: readonly string[], at: number): number {
  const wrongArity = new ReplyError(ERRORS.wrongArity(args[0]!.toLowerCase()));
  if (at >= args.length - 3) throw wrongArity;
  const wrongCount = "invalid number of fields";
  const count = integer(args[at + 1]!, wrongCount);
  if (count < 1 || count > 2 ** 31 - 1) refuse(wrongCount);
  if (count !== (args.length - at - 2) / 2) throw wrongArity;
  return at + 2;
}
