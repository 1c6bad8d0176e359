/** Lists as RDB has them. */
import type { ValueObject } from "../types/value.ts";
import type { Decoder, ValueCodec } from "./value-codec.ts";

export const LIST_CODEC: ValueCodec<ValueObject> = {
  head: () => "",
  frame: () => ({ type: 0, before: "", after: "" }),
  open: () => {
    throw new Error("not yet");
  },
  admit: () => {},
};

export const LIST_DECODERS: Readonly<Record<number, Decoder>> = {};
