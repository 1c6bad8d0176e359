/** Long strings as RDB has them: the length and the bytes, type 0. */
import { LongString } from "../types/long-string.ts";
import { encodeLength } from "./primitives.ts";
import type { ValueCodec } from "./value-codec.ts";

export const LONG_STRING_CODEC: ValueCodec<LongString> = {
  head: ({ length }) => encodeLength(length),
  frame: (head) => ({ type: 0, before: head, after: "" }),
  open: () => new LongString(),
  admit: (value, number, body) => value.admit(number, body),
};
